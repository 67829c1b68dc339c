"""Secrets that stand in a feed's file, where everybody who reads it can see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from exchange_schemas.issue import Issue

_SECRET = {"password", "passwd", "passphrase", "secret", "token", "key", "credential", "credentials",
           "authorization", "cookie"}  # fmt: skip
# What is behind these words is a name or a place: primary_key, next_token; or public: host_key.
_HARMLESS = {"primary", "foreign", "sort", "partition", "public", "cursor", "row", "record", "object",
             "next", "page", "continuation", "host"}  # fmt: skip
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")

# `${NAME}` alone, or behind the word that says how it is meant: Bearer ${TOKEN}.
# `{token}` is what a login gives.
_REFERENCE = re.compile(r"(?:[A-Za-z]+ )?(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|\{token\})")
_PATHS = ("login.token",)  # of SOAP: where in the answer the token is
_IN_ADDRESS = re.compile(r"://[^/@\s:]*:(?!\$\{[A-Za-z_][A-Za-z0-9_]*\}@)[^/@\s]+@")


def secrets_in(options: Mapping[str, Any]) -> Iterator[Issue]:
    """An issue for each option of a source, however deep, that is a secret and no `${NAME}`.

    The messages have the options' names and never a value.
    """
    for place, name, value in _leaves(options, ""):
        harmless = place in _PATHS or _REFERENCE.fullmatch(value)
        by_name = _says_secret(name) and not harmless
        if by_name or _IN_ADDRESS.search(value):
            yield Issue("secret_in_file", value=place)


def _says_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    *before, last = words or [""]
    return last in _SECRET and not (before and before[-1] in _HARMLESS)


def _leaves(told: Any, place: str, name: str = "") -> Iterator[tuple[str, str, str]]:
    """Place, name and value of everything that isn't a mapping or a list itself."""
    if isinstance(told, Mapping):
        for key, one in told.items():
            yield from _leaves(one, f"{place}.{key}".lstrip("."), str(key))
    elif isinstance(told, list | tuple):
        for number, one in enumerate(told):
            yield from _leaves(one, f"{place}.{number}", name)
    elif told is not None and not isinstance(told, bool):
        yield place, name, str(told)
