"""What may stand in a log line: no secret, nothing that makes two lines of one, nothing endless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from urllib.parse import parse_qsl, unquote, urlsplit

from adapters.environment import values_in

HIDDEN = "[secret]"
LONGEST = 2_000  # characters of one text
SHORTEST = 5  # characters of a value that is taken for a secret: shorter ones are in every word

_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL|WECOM|DINGTALK|WEBHOOK", re.IGNORECASE)
# Secrets that nobody told: in an address, in a header, behind their name.
_SHAPES = (
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(?i)\b(password|passwd|secret|token|access_token|api_?key|key)=[^&\s\"']+"),
        rf"\1={HIDDEN}",
    ),
)
# Control characters, ends of lines of every script, and marks that turn the direction of writing.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def secrets_in(environment: Mapping[str, str], declarations: Iterable[str] = ()) -> list[str]:
    """Values that no line may show, the longest first: of variables that are named like a secret, passwords in
    addresses, and what `declarations` (texts of feeds and targets) refer to as ${NAME}."""
    found = set(values_in(list(declarations)))
    for name, value in environment.items():
        if _SECRET.search(name):
            found.add(value)
        if "://" in value:
            found |= _of_address(value, named=bool(_SECRET.search(name)))
    return sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True)


def _of_address(address: str, *, named: bool) -> set[str]:
    try:
        told = urlsplit(address)
        password = told.password or ""
    except ValueError:
        return set()
    # Of an address that is a secret its parts are, too: a library may log them apart.
    parts = {value for _, value in parse_qsl(told.query)} | {told.query} if named else set()
    return {password, unquote(password), *parts} - {""}


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` on one line, without the secrets, and not longer than `LONGEST`."""
    for one in secrets:
        text = text.replace(one, HIDDEN)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    text = _BREAKING.sub(_encoded, text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _encoded(found: re.Match[str]) -> str:
    return _NAMED.get(found[0], f"\\u{ord(found[0]):04x}")


def clean_all(told: object, secrets: Iterable[str] = ()) -> object:
    """`told` with every text in it, however deep, cleaned; what isn't plain becomes its type's name."""
    again = partial(clean_all, secrets=secrets)
    if isinstance(told, str):
        return clean(told, secrets)
    if told is None or isinstance(told, bool | int | float):
        return told
    if isinstance(told, Mapping):
        return {clean(str(name), secrets): again(one) for name, one in told.items()}
    if isinstance(told, list | tuple):
        return [again(one) for one in told]
    return type(told).__name__
