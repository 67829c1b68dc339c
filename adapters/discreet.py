"""Keeps secrets out of what is told: errors, and what is kept of a delivery's way."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote, quote_plus

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue

HIDDEN = "***"
SHORTEST = 4  # a value of fewer characters occurs in any text, and is no secret
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_PRIVATE_HEADERS = ("authorization", "proxy-authorization", "cookie", "set-cookie")


def discreet(text: str, secrets: Sequence[str]) -> str:
    """`text` with every secret in it hidden, as it is, as a URL writes it, and in Base64."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            coded = b64encode(secret.encode()).decode().rstrip("=")
            for form in (secret, quote(secret, safe=""), quote_plus(secret), coded):
                text = text.replace(form, HIDDEN)
    return _USER_INFO.sub(HIDDEN, text)


def discreet_headers(headers: Mapping[str, str], secrets: Sequence[str]) -> dict[str, str]:
    """Headers without those that carry sessions, and without secrets."""
    return {
        name: discreet(value, secrets)
        for name, value in headers.items()
        if name.lower() not in _PRIVATE_HEADERS
    }


@contextmanager
def speaking_discreetly(secrets: Sequence[str]) -> Iterator[None]:
    """Hides secrets in the issue of a HubError that leaves the block, and cuts its causes off."""
    try:
        yield
    except HubError as error:
        raise type(error)(_hidden(error.issue, secrets)) from None


def _hidden(issue: Issue, secrets: Sequence[str]) -> Issue:
    params = {name: discreet(word, secrets) for name, word in issue.params.items()}
    value = None if issue.value is None else discreet(issue.value, secrets)
    return replace(issue, value=value, params=params)
