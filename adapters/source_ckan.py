"""Source: another CKAN — a resource's file, or the rows of its datastore. The only user of ckanapi."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import ckanapi
import requests
import urllib3

from adapters.delivered import file_name
from adapters.http_client import Client, client
from adapters.network import asking
from adapters.politely import politely
from adapters.source import SECRET, Ask, Part
from adapters.steadily import steadily
from exchange_schemas.errors import SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

T = TypeVar("T")

ROWS = 5_000  # of the datastore in one call; CKAN's own limit is 32,000 (`ckan.datastore.search.rows_max`)


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

        Raises SourceUnreadable: ckan_refused, ckan_missing, link_foreign, pages_short;
        SourceUnavailable (ckan_missing, where the dataset may still come).
        """
        with asking(str(ask.options["url"])):
            asking_it = client(ask)
            site = ckanapi.RemoteCKAN(
                ask.options["url"],
                apikey=ask.options.get("api_key"),
                user_agent=asking_it.session.headers["User-Agent"],
                session=asking_it.session,
            )
            found = _resource(site, ask)
        if ask.options.get("datastore"):
            yield from _rows(site, ask, str(found["id"]))
        else:
            yield from _file(asking_it, ask, found)


def _resource(site: ckanapi.RemoteCKAN, ask: Ask) -> dict[str, Any]:
    name, wanted = str(ask.options["dataset"]), ask.options.get("resource")
    dataset = _called(ask, lambda: site.call_action("package_show", {"id": name}))
    resources = list(dataset["resources"])
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
            file_name(url.partition("?")[0]), iter(lambda: kept.read(1 << 20), b""), url, headers
        )


_TOLD = ("name", "format", "hash", "last_modified")  # of a resource, beside the sender's headers


def _rows(site: ckanapi.RemoteCKAN, ask: Ask, resource: str) -> Iterator[Part]:
    """Pages by `_id`, so that rows which come or go meanwhile shift no page."""
    last, seen, total = 0, 0, None
    for number in politely(ask.limits.pages, float(ask.options.get("pause", 0))):
        told = {
            "resource_id": resource,
            "sort": "_id",
            "limit": ROWS,
            "filters": {},
            "offset": seen,
        }
        ask.progress(f"page {number}")
        page = _called(ask, lambda told=told: site.call_action("datastore_search", told))  # type: ignore[misc]
        rows = [row for row in page["records"] if row["_id"] > last]
        total = page.get("total", total)
        if rows or number == 1:
            body = json.dumps({"records": rows}, ensure_ascii=False).encode()
            yield Part(f"page-{number:06d}.json", [body], f"{ask.options['url']} {resource}")
        seen += len(page["records"])
        last = rows[-1]["_id"] if rows else last
        if len(page["records"]) < ROWS:
            break
    if total is not None and seen < total:
        words = {"expected": str(total)}
        raise SourceUnreadable(Issue("pages_short", value=str(seen), params=words))


def _called(ask: Ask, call: Callable[[], T]) -> T:
    """One action, with CKAN's errors sorted by what to do. Its texts are localised: types decide."""
    url = str(ask.options["url"])

    def once() -> T:
        with asking(url):
            try:
                return call()
            except ckanapi.NotFound as error:
                words = {"what": str(ask.options["dataset"]), "found": "?"}
                raise SourceUnavailable(Issue("ckan_missing", value=url, params=words)) from error
            except ckanapi.errors.CKANAPIError as error:
                told = str(error)
                if any(f"{status}" in told[:40] for status in (429, 500, 502, 503, 504)):
                    raise requests.ConnectionError(told[:100]) from error
                raise _refused(url, told[:200]) from error
            except (ckanapi.NotAuthorized, ckanapi.ValidationError) as error:
                raise _refused(url, type(error).__name__) from error
            except urllib3.exceptions.HTTPError as error:
                raise requests.ConnectionError(str(error)) from error

    return steadily(once)


def _refused(url: str, reason: str) -> SourceUnreadable:
    return SourceUnreadable(Issue("ckan_refused", value=url, params={"reason": reason}))
