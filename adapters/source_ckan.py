"""Source: another CKAN — a resource's file, or the rows of its datastore. With `publisher.ckan.client` the only users of ckanapi."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import ckanapi
import requests

from adapters.delivered import file_name
from adapters.http_client import BLOCK, PAGE, Client, blocks, check_busy, client
from adapters.network import USER_AGENT
from adapters.politely import politely
from adapters.source import SECRET, Ask, Part
from adapters.steadily import steadily
from exchange_schemas.errors import SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

ROWS = (
    5_000  # of the datastore in one call; a CKAN may give fewer (`ckan.datastore.search.rows_max`)
)
_TOLD = ("name", "format", "hash", "last_modified")  # of a resource, beside the sender's headers

# The last two: something in JSON, and no answer of an action.
_REFUSALS = (
    ckanapi.errors.CKANAPIError,
    ckanapi.errors.ServerIncompatibleError,
    TypeError,
    ValueError,
)


class CkanSource:
    """`resource` is a resource's id, name, or format; left out, the dataset must have only one.

    The file is fetched from where the CKAN says it is, if that is its own server or `elsewhere` is
    true. With `datastore: true` the rows come from its datastore instead, as JSON pages in the order
    of `_id`.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["url", "dataset"],
        "properties": {
            "url": {"type": "string", "pattern": "^(https?://|\\$\\{)"},
            "dataset": {"type": "string", "minLength": 1},
            "resource": {"type": "string", "minLength": 1},
            "datastore": {"type": "boolean"},
            "elsewhere": {"type": "boolean"},
            "api_key": SECRET,
            "pause": {"type": "number", "minimum": 0},
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The resource.

        Raises SourceUnreadable: ckan_refused, ckan_missing, link_foreign, pages_short, pages_endless;
        SourceUnavailable (ckan_missing, where the dataset may still come); and as `Client.file`.
        """
        site = _Site(ask)
        found = _resource(site, ask)
        if ask.options.get("datastore"):
            yield from _rows(site, ask, str(found["id"]))
        else:
            yield from _file(site.client, ask, found)


@dataclass(slots=True)
class _Site:
    """Another CKAN's actions, over the guarded session."""

    ask: Ask
    client: Client = field(init=False)
    _remote: ckanapi.RemoteCKAN = field(init=False)
    _status: int = 0

    def __post_init__(self) -> None:
        self.client = client(self.ask)
        self._remote = ckanapi.RemoteCKAN(
            self.ask.options["url"],
            apikey=self.ask.options.get("api_key"),
            user_agent=USER_AGENT,
            session=self.client.session,
        )

    def call(self, action: str, **told: Any) -> dict[str, Any]:
        """What an action gives, with CKAN's errors sorted by what to do about them.

        Its texts are localised, so types decide. Raises SourceUnreadable (ckan_refused),
        SourceUnavailable (ckan_missing), and as `Client.page`.
        """
        return steadily(lambda: self._once(action, told))

    def _once(self, action: str, told: Mapping[str, Any]) -> dict[str, Any]:
        url = str(self.ask.options["url"])
        kept = {"stream": True, "hooks": {"response": self._read}}
        try:
            with self.client.asking(url):
                return dict(self._remote.call_action(action, dict(told), requests_kwargs=kept))
        except ckanapi.NotFound as error:
            words = {"what": str(self.ask.options["dataset"]), "found": "?"}
            raise SourceUnavailable(Issue("ckan_missing", value=url, params=words)) from error
        except _REFUSALS as error:
            # without its text: it repeats the address, and all of a page where that isn't a CKAN's
            words = {"reason": f"{self._status} {type(error).__name__}"}
            raise SourceUnreadable(Issue("ckan_refused", value=url, params=words)) from error

    def _read(self, response: requests.Response, **_: Any) -> None:
        """Reads an answer for ckanapi, which by itself takes any size, and guesses its encoding."""
        url = str(self.ask.options["url"])
        self._status = response.status_code
        check_busy(response, url)
        most = min(PAGE, self.ask.limits.bytes)
        response._content = b"".join(blocks(response, url, most))
        response.encoding = "utf-8"
        response.close()


def _resource(site: _Site, ask: Ask) -> dict[str, Any]:
    name, wanted = str(ask.options["dataset"]), ask.options.get("resource")
    resources = list(site.call("package_show", id=name)["resources"])
    fitting = [
        one for one in resources
        if wanted is None or wanted in (one["id"], one["name"])
        or str(wanted).lower() == str(one["format"]).lower()
    ]  # fmt: skip
    if len(fitting) != 1:
        words = {
            "what": f"one resource {wanted or ''} in {name}",
            "found": "、".join(
                f"{one['name']} ({one['format']}, {one['id']})" for one in resources
            ),
        }
        raise SourceUnreadable(Issue("ckan_missing", value=str(ask.options["url"]), params=words))
    return dict(fitting[0])


def _file(asking_it: Client, ask: Ask, found: Mapping[str, Any]) -> Iterator[Part]:
    url = str(found["url"])
    own = url.startswith(str(ask.options["url"]).rstrip("/") + "/")
    if not own and not ask.options.get("elsewhere"):
        raise SourceUnreadable(Issue("link_foreign", value=url.partition("?")[0]))
    key = (
        {"Authorization": str(ask.options["api_key"])} if own and "api_key" in ask.options else {}
    )
    ask.progress(url)
    kept, answer = asking_it.file("GET", url, headers=key)
    headers = {**answer.headers, **{name: str(found[name]) for name in _TOLD if found.get(name)}}
    with kept:
        yield Part(
            file_name(url.partition("?")[0]), iter(lambda: kept.read(BLOCK), b""), url, headers
        )


def _rows(site: _Site, ask: Ask, resource: str) -> Iterator[Part]:
    """Pages in the order of `_id`, which only grows.

    Where rows are deleted meanwhile, those behind them move up, over the end of the page before. So
    every page begins with the last row of that one; if it doesn't, the pull steps back until it does.
    """
    last, taken, offset = -1, 0, 0
    for number in politely(ask.limits.pages, float(ask.options.get("pause", 0))):
        ask.progress(f"page {number}")
        page = site.call(
            "datastore_search", resource_id=resource, sort="_id", limit=ROWS, offset=offset
        )
        records, total = list(page["records"]), page.get("total")
        if offset and (not records or records[0]["_id"] > last):
            offset = max(offset - ROWS, 0)
            continue
        rows = [row for row in records if row["_id"] > last]
        taken += len(rows)
        if rows or last < 0:
            body = json.dumps({"records": rows}, ensure_ascii=False).encode()
            origin = f"{ask.options['url']} {resource}"
            yield Part(f"page-{number:06d}.json", [body], origin)
        if not rows and len(records) < 2:
            _check_total(taken, total)
            return
        last, offset = int(rows[-1]["_id"]) if rows else last, offset + len(records) - 1
    raise SourceUnreadable(Issue("pages_endless", value=str(ask.limits.pages)))


def _check_total(taken: int, total: object) -> None:
    if isinstance(total, int) and taken < total:
        words = {"expected": str(total)}
        raise SourceUnreadable(Issue("pages_short", value=str(taken), params=words))
