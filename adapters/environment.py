"""`${NAME}` in a feed: the value of an environment variable, so that no secret stands in a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

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


def missing(texts: Iterable[str]) -> list[str]:
    """Names that `texts` refer to and that are not set (an empty value counts as not set)."""
    names = [name for text in texts for name in _REFERENCE.findall(text)]
    return [name for name in dict.fromkeys(names) if not os.environ.get(name)]
