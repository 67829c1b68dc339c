"""`portal.yml`: the portal's texts where neither the environment nor hub.toml says anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from exchange_schemas.errors import HubError
from hub.settings.effective import UNSET, Effective
from hub.site import Site

SOURCE = "portal.yml"


def with_portal_file(values: Iterable[Effective], site: Path) -> list[Effective]:
    """The settings with what `portal.yml` says of those that nobody has set before it."""
    from publisher.portal.settings import (
        read_settings,
    )  # a web framework, which start-up can spare

    try:
        told = read_settings(Site(site).portal_settings, {})
    except HubError:  # the portal itself says what is wrong with it
        return list(values)
    return [
        _over(one, getattr(told, one.setting.key.removeprefix("portal."), "")) for one in values
    ]


def _over(one: Effective, text: object) -> Effective:
    if one.source != UNSET or not one.setting.key.startswith("portal.") or not text:
        return one
    return replace(one, source=SOURCE, value=str(text), shown=str(text))
