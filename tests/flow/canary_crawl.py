"""Reads all that the portal answers, as a robot and as a reader who guesses would."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from werkzeug.test import Client, TestResponse

from hub.web.server import create_application
from publisher.deltas import TOMBSTONES, read_tombstones
from publisher.release import current_release
from tests.flow.canaries import Canary
from tests.flow.canary_hunt import Hunt
from tests.flow.canary_site import Aviary

_LINK = re.compile(r'<[^>]*?(?:href|src|action)="([^"]*)"[^>]*>')
_ALIKE, _SEARCHES, _ENGLISH = 2, 6, 8
_NUMBERED = re.compile(r"[^/]*[0-9][^/]*")  # an id, a code, a day, the number of a release
# What says the same in both languages, but for headings.
_SAME_IN_BOTH = re.compile(
    r"^/standards/|/(as-of|changes|charts|table|releases|selection)\b|/feed\."
)
#: An answer shows the request's id, a new one each time unless the request brings one.
REQUEST = {"X-Request-ID": "canary-hunt"}
_QUERY = re.compile(r"q=[^&\"]*")


def take(hunt: Hunt, kind: str, where: str, response: TestResponse) -> None:
    """Keep what was answered, and its headers, ETag among them."""
    hunt.take(kind, where, response.get_data())
    hunt.take("headers", where, str(response.headers))


def client(aviary: Aviary, lang: str) -> Client:
    """A reader who has chosen a language."""
    made = Client(create_application(aviary.site))
    made.set_cookie("lang", {"zh": "zh_CN", "en": "en"}[lang])
    return made


def crawl(hunt: Hunt, reader: Client, lang: str) -> set[str]:
    """Follow every link from the home page; returns the addresses that answered 200. What
    says the same in all languages is read once. Of what links call `nofollow` two
    of a kind are read and no link of them followed: views of a table and earlier days have no end.
    Of searches, and in English of every kind of page, there is enough after a few."""
    todo, seen, good, last = ["/"], {"/"}, set(), set[str]()
    alike: Counter[Hashable] = Counter()
    while todo:
        address = todo.pop()
        response = reader.get(address)
        take(hunt, _kind(address, response, lang), address, response)
        if response.status_code == 200:
            good.add(address)
        for link, is_last in _links(address, response) if address not in last else ():
            if link in seen:
                continue
            seen.add(link)
            if is_last:
                last.add(link)
            shape, most = _shape(link, is_last, lang)
            alike[shape] += 1
            if alike[shape] <= most and not (lang == "en" and _SAME_IN_BOTH.search(link)):
                todo.append(link)
    return good


def _shape(link: str, is_last: bool, lang: str) -> tuple[Hashable, float]:
    """Links of one shape ask the same of a page with other values, or for another picture; and how many
    of them are read."""
    found = urlsplit(link)
    asked = frozenset(name for name, _ in parse_qsl(found.query))
    if is_last:
        picture = found.path.endswith(".svg")
        return (found.path.rpartition("/")[2] if picture else found.path, asked, True), _ALIKE
    if found.path.startswith("/search"):
        return (found.path, asked), _SEARCHES
    if lang == "en":
        return (_NUMBERED.sub("*", found.path), asked), _ENGLISH
    return link, 1


def _kind(address: str, response: TestResponse, lang: str) -> str:
    path = urlsplit(address).path
    if response.status_code >= 400:
        return "error pages"
    if path.startswith("/standards/"):
        return "data dictionary"
    if path.endswith("/file") or path.startswith("/filings/"):
        return "filing forms"
    return f"pages {lang}" if response.mimetype == "text/html" else "downloads"


def _links(address: str, response: TestResponse) -> Iterator[tuple[str, bool]]:
    """Each link, and whether it says `nofollow` or leads to a picture."""
    if response.status_code in (301, 302, 303):
        yield response.headers["Location"], False
    if response.mimetype != "text/html":
        return
    for tag in _LINK.finditer(response.get_data(as_text=True)):
        link = html.unescape(tag[1])
        found = urlsplit(urldefrag(urljoin(f"http://here{address}", link))[0])
        if found.netloc == "here" and "lang=" not in found.query:
            whole = found.path + (f"?{found.query}" if found.query else "")
            yield whole, "nofollow" in tag[0] or found.path.endswith(".svg")


def guess(hunt: Hunt, reader: Client, aviary: Aviary, name: str, ids: list[str]) -> list[str]:
    """Ask for records that aren't public by their ids; returns those that are answered otherwise
    than a record that never was."""
    told = []
    once = _once_public(aviary, name)  # whose tombstones are answered, and shown in any case
    for form in (
        f"/datasets/{name}/records/{{}}",
        f"/datasets/{name}/records/{{}}/file?kind=objection",
    ):
        never = reader.get(form.format("0" * 16), headers=REQUEST)
        for one in (one for one in ids if one not in once):
            response = reader.get(form.format(one), headers=REQUEST)
            take(hunt, "error pages", form.format(one), response)
            if _alike(response, one) != _alike(never, "0" * 16):
                told.append(form.format(one))
    return told


def _once_public(aviary: Aviary, name: str) -> set[str]:
    """The records of a dataset that were public and aren't now."""
    current = current_release(aviary.site.releases, name)
    if current is None:
        return set()
    return set(read_tombstones(current.path / TOMBSTONES)["record_id"])


def _alike(response: TestResponse, word: str) -> tuple[int, str, list[Any]]:
    """An answer without what was asked for."""
    headers = [(k, v) for k, v in response.headers if k not in ("ETag", "Content-Length")]
    return response.status_code, response.get_data(as_text=True).replace(word, "…"), headers


def search(hunt: Hunt, reader: Client, canaries: list[Canary]) -> list[str]:
    """Search for the beginning of each; returns what is answered otherwise than for nonsense."""
    told = []
    empty = _found(reader, "龘靐龘")
    for one in canaries:
        word = _beginning(one)
        page = _found(reader, word)
        hunt.take("search", word, page)
        if page != empty:
            told.append(word)
    return told


def _found(reader: Client, word: str) -> str:
    """The page of a search without what was asked for, in the box and in links."""
    response = reader.get("/search", query_string={"q": word})
    return _QUERY.sub("q=…", _alike(response, word)[1])


def _beginning(one: Canary) -> str:
    """A text that only this canary begins with."""
    last = one.needles[-1]
    return one.needles[0] + last[:4] if len(one.needles) > 1 and not one.private else one.word[:-1]


def errors(hunt: Hunt, reader: Client, aviary: Aviary) -> set[int]:
    """Every kind of error page; returns their statuses."""
    name = aviary.public[0]
    asked = [
        ("GET", "/nothing"), ("POST", "/"), ("DELETE", f"/datasets/{name}"),
        ("GET", f"/datasets/{name}/releases/1/records.csv"), ("GET", f"/datasets/{name}/releases/99/"),
        ("GET", f"/datasets/{name}/releases/2/hub.sqlite"), ("GET", "/exchange/v1/nothing"),
        ("GET", f"/exchange/v1/datasets/{name}/entries"), ("POST", "/search?q=a"),
        ("POST", f"/datasets/{name}/records/{'0' * 16}/file?kind=objection"),
    ]  # fmt: skip
    statuses = set()
    for accept in ("text/html", "application/json"):
        for method, address in asked:
            response = reader.open(address, method=method, headers={"Accept": accept})
            take(hunt, "error pages", f"{method} {address}", response)
            statuses.add(response.status_code)
        with_broken = _broken(reader, aviary, name, accept)
        take(hunt, "error pages", "a broken release", with_broken)
        statuses.add(with_broken.status_code)
    return statuses


def _broken(reader: Client, aviary: Aviary, name: str, accept: str) -> TestResponse:
    """A dataset's page whose release can't be read."""
    path = max(aviary.site.releases.glob(f"{name}/*/internal/index.sqlite"))
    kept = path.read_bytes()
    path.write_bytes(b"no database at all" * 100)
    try:
        return reader.get(f"/datasets/{name}", headers={"Accept": accept})
    finally:
        path.write_bytes(kept)
