"""`${NAME}` in a feed: the value of an environment variable, so that no secret stands in a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(text: str) -> str:
    """`text` with every `${NAME}` replaced; raises Misdeclared (secret_missing) for an unset one.

    The message has the variable's name, never a value.
    """
    for name in missing([text]):
        raise Misdeclared(Issue("secret_missing", value=name))
    return _REFERENCE.sub(lambda match: os.environ[match[1]], text)


def expand_all(told: Any) -> Any:
    """`told` with every text in it, however deep, expanded; raises as `expand`."""
    if isinstance(told, str):
        return expand(told)
    if isinstance(told, Mapping):
        return {name: expand_all(one) for name, one in told.items()}
    if isinstance(told, list | tuple):
        return [expand_all(one) for one in told]
    return told


def texts_in(told: Any) -> Iterator[str]:
    """Every text in `told`, however deep."""
    if isinstance(told, str):
        yield told
    elif isinstance(told, Mapping):
        for one in told.values():
            yield from texts_in(one)
    elif isinstance(told, list | tuple):
        for one in told:
            yield from texts_in(one)


def values_in(told: Any) -> list[str]:
    """The values of the variables that `told` refers to: what must not be shown to anybody."""
    names = {name for text in texts_in(told) for name in _REFERENCE.findall(text)}
    return [value for name in sorted(names) if (value := os.environ.get(name))]


def missing(texts: Iterable[str]) -> list[str]:
    """Names that `texts` refer to and that are not set (an empty value counts as not set)."""
    names = [name for text in texts for name in _REFERENCE.findall(text)]
    return [name for name in dict.fromkeys(names) if not os.environ.get(name)]
