"""Vega-Lite specifications as SVG: drawn on the server, so that a page needs no script.

The library writes colours and fonts as attributes and never as styles, so its pictures look the
same under the strictest content security policy. What values say stays text in them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import vl_convert

_VERSION = "6.4"  # of Vega-Lite, so that an update of the library changes no picture
_NO_CHARACTERS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")
_KEPT = 256  # pictures in memory, of some 10 kB each


def svg(spec: dict[str, Any]) -> str:
    """The picture of a specification that has its data in it; about 50 ms, and none the next time."""
    return _drawn(json.dumps(_drawable(spec), ensure_ascii=False, sort_keys=True))


def _drawable(value: Any) -> Any:
    """`value` without characters that XML has no word for: one in a label would end the process."""
    if isinstance(value, str):
        return value.translate(_NO_CHARACTERS)
    if isinstance(value, dict):
        return {_drawable(name): _drawable(one) for name, one in value.items()}
    return [_drawable(one) for one in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=_KEPT)
def _drawn(spec: str) -> str:
    # No address may be asked for data: a specification brings its own.
    return vl_convert.vegalite_to_svg(spec, vl_version=_VERSION, allowed_base_urls=[])
