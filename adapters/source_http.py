"""Source: one file at a web address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.message import Message
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from adapters.delivered import file_name
from adapters.http_auth import AUTH
from adapters.http_client import BLOCK, REQUEST_OPTIONS, client, request_of
from adapters.source import Ask, Part


class HttpSource:
    """The file's name is the sender's (Content-Disposition, or the address), or `name:`."""

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["url"],
        "properties": {
            **REQUEST_OPTIONS,
            "auth": AUTH,
            "name": {"type": "string", "minLength": 1},
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The file, fetched whole before any of it is handed on; raises as `Client.file`."""
        url = str(ask.options["url"])
        method = str(ask.options.get("method", "GET"))
        ask.progress(url.partition("?")[0])
        kept, answer = client(ask).file(method, url, **request_of(ask.options))
        name = ask.options.get("name") or name_of(answer.headers, answer.url)
        yield Part(str(name), _blocks(kept), url, answer.headers)


def name_of(headers: Mapping[str, str], url: str) -> str:
    """What the sender calls the file (RFC 6266), or the end of its address."""
    told = Message()
    told["Content-Disposition"] = headers.get("Content-Disposition", "")
    named = told.get_filename()
    if named and not named.isascii() and max(named) <= "\xff":
        try:  # servers write GBK or UTF-8 bytes where only ASCII may stand
            named = named.encode("latin-1").decode("utf-8")
        except UnicodeError:
            named = named.encode("latin-1", "replace").decode("gb18030", "replace")
    return file_name(named or unquote(urlsplit(url).path))


def _blocks(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        while block := kept.read(BLOCK):
            yield block
