"""Where an interface takes its parameters: in the address, in a form, or in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def with_parameters(base: Mapping[str, Any], params: Mapping[str, str]) -> dict[str, Any]:
    """`base`, what `Client.page` takes, with `params` where the feed's own parameters are.

    That is in its form, in its JSON (`a.b` is b in a), or else in the address.
    """
    if "data" in base:
        return {**base, "data": {**base["data"], **params}}
    if not isinstance(base.get("json"), Mapping):
        return {**base, "params": {**base.get("params", {}), **params}}
    body = deepcopy(dict(base["json"]))
    for name, value in params.items():
        *above, last = name.split(".")
        place = body
        for one in above:
            place = place.setdefault(one, {})
        place[last] = _typed(value, place.get(last))
    return {**base, "json": body}


def _typed(value: str, declared: Any) -> Any:
    """A number where the feed's own JSON has one there, or nothing; a text where it has a text."""
    number = value.isdecimal() and str(int(value)) == value
    return int(value) if number and not isinstance(declared, str) else value
