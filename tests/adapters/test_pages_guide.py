"""Every declaration in `docs/connect/pages.md` and `data-files.md` is one, and every message is there."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.kinds_of_pages import PAGES_KINDS
from tests.adapters.conftest import Desk
from tests.source_tree import ROOT

PAGES, FILES = (
    (ROOT / "docs/connect" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("pages", "data-files")
)
FEEDS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGES, re.DOTALL)]
FORMATS = [
    yaml.safe_load(line)["format"] for line in FILES.splitlines() if line.startswith("format:")
]


@pytest.mark.parametrize("example", FEEDS, ids=lambda one: one["feed"])
def test_a_feed(desk: Desk, example: dict[str, Any]) -> None:
    feed = desk.declare(**example)
    assert {*feed.fields} <= {*load_catalogue().get(feed.standard).fields}


@pytest.mark.parametrize("example", FORMATS, ids=str)
def test_a_format(desk: Desk, example: dict[str, Any]) -> None:
    assert desk.declare(format=example).format.kind == example["kind"]


def test_there_are_examples() -> None:
    assert (len(FEEDS), len(FORMATS)) == (2, 8)


def test_every_message_is_explained() -> None:
    assert [code for code in PAGES_KINDS if f"`{code}`" not in PAGES + FILES] == []
