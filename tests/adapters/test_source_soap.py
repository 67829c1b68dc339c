"""SOAP: pages, sessions that expire in the middle, and services that misbehave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from adapters.artefact import Store
from adapters.limits import Limits
from adapters.pull import pull, read
from adapters.source import Ask, Part
from adapters.source_soap import SoapSource
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.conftest import Desk, Read
from tests.services.soap_server import SoapService, description, soap_server

LOGIN = {"operation": "auth", "arguments": {"user": "mm", "password": "geheim-4711"}}
QUERY = {
    "operation": "query",
    "arguments": {"token": "{token}", "since": "{cursor}", "page": "{page}"},
    "path": "record",
    "paging": {"more": "more"},
    "login": LOGIN,
}
EXSEND = {
    "operation": "exsend",
    "arguments": {"page": "{page}"},
    "soap_headers": {"token": "{token}", "serviceId": "exsend"},
    "result": "text",
    "paging": {},
    "login": LOGIN,
}


@pytest.fixture
def service() -> Iterator[SoapService]:
    with soap_server() as running, stamina.set_testing(True, attempts=3):
        yield running


def fetch(service: SoapService, told: Any, folder: Path = Path(), **ask: Any) -> list[Part]:
    options = {"wsdl": service.wsdl, **told}
    return list(SoapSource().pull(Ask(options, folder, **{"internal": True, **ask})))


def stopped(service: SoapService, told: Any, error: type[HubError], **ask: Any) -> HubError:
    with pytest.raises(error) as caught:
        fetch(service, told, **ask)
    for locale in ("en", "zh_CN"):
        assert "{" not in caught.value.issue.message(locale)
        assert "token-" not in caught.value.issue.message(locale)
    return caught.value


def text(parts: list[Part]) -> str:
    return b"".join(b"".join(part.blocks) for part in parts).decode()


ROWS = "".join(
    f'{{"CF_WSH": "{n}号", "CF_NR_FK": "{n}.20", "CF_JDRQ": "2016-01-02"}}\n' for n in range(8)
)


def test_pages_of_rows(service: SoapService) -> None:
    told = {**QUERY, "cursor": {"path": "next", "first": "2016"}}
    parts = fetch(service, told)
    assert text(parts) == ROWS
    assert [part.name for part in parts] == [f"query-00000{n}.jsonl" for n in (1, 2, 3)]
    assert parts[-1].cursor == "after 2016+8"
    assert service.calls == [("auth", ""), ("query", "1"), ("query", "2"), ("query", "3")]
    assert fetch(service, told, cursor="x")[-1].cursor == "after x+8"


def test_without_a_flag_an_empty_page_ends(service: SoapService) -> None:
    assert text(fetch(service, {**QUERY, "paging": {}})) == ROWS
    assert service.calls[-1] == ("query", "4")
    service.records = 0
    assert fetch(service, {**QUERY, "paging": {}}) == []


def test_without_paging_there_is_one_call(service: SoapService) -> None:
    told = {key: value for key, value in QUERY.items() if key != "paging"}
    assert text(fetch(service, told)).count("\n") == 3


@pytest.mark.parametrize("told", [QUERY, EXSEND], ids=["rows", "text"])
@pytest.mark.parametrize("says", ["text", "fault", "status"])
@pytest.mark.parametrize("lasts", [1, 2])
def test_a_session_that_expires_between_pages(
    service: SoapService, told: Any, says: str, lasts: int
) -> None:
    service.lasts, service.says = lasts, says
    found = text(fetch(service, told))
    assert [found.count(f"{n}号") for n in range(9)] == [1] * 8 + [0]
    logins = sum(name == "auth" for name, _ in service.calls)
    pages = 3 if told is QUERY else 4  # the last of which is empty
    assert logins == -(-pages // lasts)


def test_a_session_that_never_holds(service: SoapService) -> None:
    service.lasts = 0
    stop = stopped(service, EXSEND, SourceUnreadable)
    assert stop.issue.code == "login_repeated"
    assert [name for name, _ in service.calls] == ["auth", "exsend"] * 2


def test_headers(service: SoapService) -> None:
    fetch(
        service, {**EXSEND, "soap_headers": {}, "http_headers": {"token": "{token}", "X-Id": "7"}}
    )
    last = service.headers[-1]
    assert (last["token"], last["X-Id"]) == ("token-1", "7")
    fetch(service, EXSEND)
    assert service.headers[-1]["serviceId"] == "exsend"


def test_messages_in_the_answer_are_read_by_the_feed(
    desk: Desk, service: SoapService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", "test_feed")
    monkeypatch.setenv("SOAP_PASSWORD", "geheim-4711")
    service.lasts = 2
    arguments = {"user": "mm", "password": "${SOAP_PASSWORD}"}
    login = {"operation": "auth", "arguments": arguments}
    source = {"kind": "soap", "wsdl": service.wsdl, **EXSEND, "login": login}
    feed = desk.declare(
        source=source,
        format={"kind": "exchange_message"},
        fields={"subject_name": "CF_WSH", "business_scope": "@flow"},
    )
    delivered = pull(feed, Store(desk.folder / "raw"))
    rows = Read(list(read(feed, delivered.artefact))).rows
    assert rows["CF_WSH"].to_list() == [f"{n}号" for n in range(8)]
    assert rows["@flow"].to_list() == [f"f{n}" for n in range(8)]

    service.breaks = ["", "fault"]
    with pytest.raises(SourceUnavailable) as caught:
        pull(feed, Store(desk.folder / "raw"))
    assert caught.value.issue.params["reason"] == "no such list for ***"


def test_rows_are_json_lines_for_the_feed(
    desk: Desk, service: SoapService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", "test_feed")
    source = {"kind": "soap", "wsdl": service.wsdl, **QUERY}
    feed = desk.declare(source=source, format=SoapSource.format, fields={"subject_name": "CF_WSH"})
    rows = Read(list(read(feed, pull(feed, Store(desk.folder / "raw")).artefact))).rows
    assert rows["CF_NR_FK"].to_list() == [f"{n}.20" for n in range(8)]


@pytest.mark.parametrize("broken", ["busy", "cut"])
def test_what_passes_is_tried_again(service: SoapService, broken: str) -> None:
    service.breaks = ["", broken, "", broken]
    assert text(fetch(service, QUERY)) == ROWS


@pytest.mark.parametrize(
    ("broken", "error", "code"),
    [
        ("busy", SourceFaltering, "http_busy"),
        ("cut", SourceFaltering, "soap_answer"),
        ("doctype", SourceFaltering, "soap_answer"),
        ("fault", SourceUnavailable, "soap_fault"),
        ("client", SourceUnreadable, "soap_fault"),
        ("slow", SourceFaltering, "source_unreachable"),
    ],
)
def test_what_does_not_pass(
    service: SoapService, broken: str, error: type[HubError], code: str
) -> None:
    service.breaks = ["", *[broken] * 9]
    limits = Limits(request_seconds=1)
    assert stopped(service, QUERY, error, limits=limits).issue.code == code


@pytest.mark.parametrize(
    ("told", "error", "code"),
    [
        ({"operation": "nothing"}, Misdeclared, "soap_operation_missing"),
        ({"service": "nothing"}, Misdeclared, "soap_description"),
        ({"arguments": {"colour": "red"}}, Misdeclared, "soap_arguments"),
        ({"path": "records"}, SourceUnreadable, "soap_result_missing"),
        ({"paging": {"more": "flag"}}, SourceUnreadable, "soap_result_missing"),
        ({"cursor": {"path": "last"}}, SourceUnreadable, "soap_result_missing"),
        ({"result": "text"}, SourceUnreadable, "soap_result_missing"),
        ({"wsdl": "missing.wsdl"}, Misdeclared, "soap_description"),
        (
            {"login": {"operation": "auth", "arguments": {"user": "", "password": "x"}}},
            Misdeclared,
            "login_failed",
        ),
    ],
)
def test_wrong_declarations(
    service: SoapService, told: Any, error: type[HubError], code: str
) -> None:
    assert stopped(service, {**QUERY, **told}, error).issue.code == code


def test_a_service_that_turns_no_pages(service: SoapService) -> None:
    service.again = True
    assert stopped(service, QUERY | {"paging": {}}, SourceUnreadable).issue.code == "page_repeated"
    service.again = False
    limits = Limits(pages=2)
    assert stopped(service, QUERY, SourceUnreadable, limits=limits).issue.code == "pages_endless"


def test_addresses_that_are_not_public_are_refused(service: SoapService) -> None:
    assert stopped(service, QUERY, Misdeclared, internal=False).issue.code == "address_refused"
    assert service.calls == []


def test_a_description_in_a_file(service: SoapService, tmp_path: Path) -> None:
    (tmp_path / "ours.wsdl").write_text(description("http://127.0.0.1:1/wrong"))
    told = {**QUERY, "wsdl": "ours.wsdl", "address": service.url}
    assert text(fetch(service, told, tmp_path)) == ROWS


@pytest.mark.parametrize("location", ["file:///etc/hostname", "../outside.wsdl", "/etc/hostname"])
def test_a_description_reads_no_other_files(
    service: SoapService, tmp_path: Path, location: str
) -> None:
    (tmp_path / "outside.wsdl").write_text(description(service.url))
    folder = tmp_path / "feeds"
    folder.mkdir()
    wanted = f"<import namespace='urn:other' location='{location}'/>"
    (folder / "ours.wsdl").write_text(description(service.url, wanted))
    stop = stopped(service, QUERY | {"wsdl": "ours.wsdl"}, Misdeclared, folder=folder)
    assert stop.issue.code == "soap_description"
