"""Filing on the portal: forms, refusals, numbers, and what is told to whom."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from exchange_schemas.catalogue import load_catalogue
from publisher.filings import DropFolder
from publisher.portal import filing
from publisher.portal.app import create_portal
from publisher.portal.doorkeeper import Arrivals, client_address
from publisher.portal.errors import _TITLES
from publisher.portal.speech import text as spoken
from tests.publisher.portal.conftest import SCRIPT
from tests.publisher.portal.test_every_link import crawl
from tests.publisher.test_filings import HOSTILE, PDF, PNG

RECORD = "/datasets/administrative_penalty/records/p1"
FORM = f"{RECORD}/file?kind="
OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}
WRITTEN = {
    "party_name": "茂名荔乡食品有限公司", "phone": "0668-2270000", "email": "li@example.cn",
    "statement": "处罚决定已于2025年6月被复议机关撤销，\r\n不应继续公示。", "party_code": "", "field": "",
}  # fmt: skip


@pytest.fixture
def portal(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr("publisher.filings.FREE_BYTES", 0)
    return create_portal(
        releases, load_catalogue(), filings=tmp_path / "filings", answers=tmp_path / "answers"
    )


@pytest.fixture
def client(portal: Flask) -> FlaskClient:
    return portal.test_client()


@pytest.fixture
def drop(tmp_path: Path) -> DropFolder:
    return DropFolder(tmp_path / "filings")


def send(
    client: FlaskClient, kind: str = "objection", files: list[tuple[str, bytes]] | None = None,
    headers: dict[str, str] | None = None, **changes: Any
) -> TestResponse:  # fmt: skip
    evidence = [(io.BytesIO(content), name) for name, content in files or []]
    data = {**WRITTEN, **changes} | ({"evidence": evidence} if evidence else {})
    return client.post(
        FORM + kind,
        data=data,
        headers=OWN if headers is None else headers,
        content_type="multipart/form-data",
    )


def number_of(response: TestResponse) -> str:
    assert response.status_code == 303
    return response.headers["Location"].split("/")[2]


def page_of(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    return response.get_data(as_text=True)


def test_an_objection_is_dropped_and_can_be_followed(
    client: FlaskClient, drop: DropFolder, tmp_path: Path
) -> None:
    response = send(client, files=[("撤销决定.pdf", PDF)], field="decided_on")
    number = number_of(response)
    kept = drop.read(number)
    assert kept.statement == WRITTEN["statement"].replace("\r\n", "\n")
    assert (kept.kind, kept.dataset, kept.record_id) == (
        "objection",
        "administrative_penalty",
        "p1",
    )
    assert (kept.field, kept.party_code, kept.language) == ("decided_on", None, "zh_CN")
    assert [one.name for one in kept.evidence] == ["撤销决定.pdf"]
    thanks = page_of(client, response.headers["Location"])
    assert number in thanks
    state = page_of(client, f"/filings/{number}")
    assert "已收到" in state
    for secret in (
        WRITTEN["party_name"],
        "0668-2270000",
        "li@example.cn",
        "撤销",
        "p1",
        "行政处罚决定",
    ):
        assert secret not in state
        assert secret not in thanks
    (tmp_path / "answers").mkdir()
    told = {"number": number, "kind": "objection", "dataset": "administrative_penalty",
            "state": "in_handling", "filed_on": "2026-11-29", "due": "2026-12-28"}  # fmt: skip
    place = tmp_path / "answers" / f"{number}.json"
    place.write_text(json.dumps(told), encoding="utf-8")
    handling = page_of(client, f"/filings/{number}")
    assert "办理中" in handling
    assert "2026-12-28" in handling
    told |= {"state": "granted", "answered_on": "2026-12-03", "answer_zh": f"已撤下 {SCRIPT}"}
    place.write_text(json.dumps(told), encoding="utf-8")
    answered = page_of(client, f"/filings/{number}")
    assert "予以支持" in answered
    assert "2026-12-03" in answered
    assert "&lt;script&gt;" in answered
    assert SCRIPT not in answered


def test_a_repair_needs_its_promise(client: FlaskClient, drop: DropFolder) -> None:
    refused = send(client, "repair")
    assert refused.status_code == 422
    assert refused.get_data(as_text=True).count("只有符合这一条才能申请信用修复") == 6
    stated = dict.fromkeys(("promise", "performed", "remedied"), "yes")
    kept = drop.read(number_of(send(client, "repair", **stated)))
    assert (kept.promise, kept.performed, kept.remedied) == (True, True, True)
    other = drop.read(number_of(send(client, "correction", **stated)))
    assert (other.promise, other.performed, other.remedied) == (False, False, False)


def test_what_was_typed_stays_beside_what_is_wrong_with_it(
    client: FlaskClient, drop: DropFolder
) -> None:
    hostile = f'"><b>{SCRIPT}</b>'
    response = send(
        client, party_name=hostile, statement="短", phone="", email="", field="subject_name"
    )
    assert response.status_code == 422
    assert response.headers["Cache-Control"] == "no-store"
    page = response.get_data(as_text=True)
    assert "至少写 10 个字，现在是 1 个字" in page
    assert "联系电话或电子邮箱" in page
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert ">\n短</textarea>" in page
    assert '<option value="subject_name" selected>' in page
    assert 'aria-invalid="true"' in page
    assert f'href="{FORM}objection&amp;lang=en"' in page
    assert drop.waiting() == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("a.exe", b"MZ")], "a.exe 不是 PDF、JPEG 或 PNG 文件"),
        ([("a.pdf", b"")], "a.pdf 是空文件"),
        ([("<script>.pdf", b"x")], "&lt;script&gt;.pdf 不是"),
        ([(f"{n}.pdf", PDF) for n in range(6)], "文件太多（6 个）"),
        ([("a.pdf", PDF + b"0" * 10_000_000)], "a.pdf 超过 10 MB"),
    ],
)
def test_evidence_that_is_not_taken_is_named(
    client: FlaskClient, drop: DropFolder, files: list[tuple[str, bytes]], words: str
) -> None:
    response = send(client, files=files)
    assert response.status_code == 422
    assert words in response.get_data(as_text=True)
    assert drop.waiting() == []


@pytest.mark.parametrize("name", [name for name in HOSTILE if name and "\r" not in name])
def test_hostile_names_of_files_do_nothing(
    client: FlaskClient, drop: DropFolder, tmp_path: Path, name: str
) -> None:
    number = number_of(send(client, files=[(name, PNG)]))
    assert [path.name for path in drop.evidence(number)] == ["1.png"]
    assert {path.name for path in tmp_path.iterdir()} == {"filings"}


def test_too_large_a_request_is_a_page(client: FlaskClient, drop: DropFolder) -> None:
    response = send(client, files=[(f"{n}.pdf", PDF + b"0" * 10_400_000) for n in range(5)])
    assert response.status_code == 413
    assert "每个不超过 10 MB" in response.get_data(as_text=True)
    assert not drop.path.exists()
    many = {f"x{n}": "1" for n in range(100)}
    assert send(client, **many).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://evil.example://localhost"},
    ],
)
def test_a_form_sent_by_another_sites_page_is_refused(
    client: FlaskClient, drop: DropFolder, headers: dict[str, str]
) -> None:
    response = send(client, headers=headers)
    assert response.status_code == 403
    assert "不是从本站页面提交的" in response.get_data(as_text=True)
    assert not drop.path.exists()


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}]
)
def test_older_browsers_and_programs_may_file(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    number_of(send(client, headers=headers))


def test_ten_filings_an_hour_and_the_eleventh_is_429(
    client: FlaskClient, drop: DropFolder
) -> None:
    for _ in range(filing.FILED_AN_HOUR):
        number_of(send(client))
    response = send(client)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "3600"
    assert "一小时后" in response.get_data(as_text=True)
    assert len(drop.waiting()) == filing.FILED_AN_HOUR
    other = client.post(FORM + "objection", data=WRITTEN, environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert other.status_code == 303


def test_sending_incomplete_forms_has_an_end_too(client: FlaskClient) -> None:
    codes = [send(client, party_name="").status_code for _ in range(filing.TRIED_AN_HOUR + 1)]
    assert set(codes[:-1]) == {422}
    assert codes[-1] == 429


def test_arrivals_are_counted_within_the_time_only() -> None:
    now = [0.0]
    arrivals = Arrivals(2, 10, lambda: now[0])
    assert [arrivals.admits("a") for _ in range(3)] == [True, True, False]
    assert arrivals.admits("b")
    now[0] = 9.9
    assert not arrivals.admits("a")
    now[0] = 10.0
    assert [arrivals.admits("a") for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("written", "client"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"),
     ("2001:db8::2:3", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"), (None, ""), ("x", "")],
)  # fmt: skip
def test_one_client_is_one_address_or_one_network(written: str | None, client: str) -> None:
    assert client_address(written) == client


@pytest.mark.parametrize(
    "path",
    [f"{RECORD}/file", f"{FORM}other", "/datasets/administrative_penalty/records/none/file?kind=repair",
     "/datasets/nothing/records/p1/file?kind=repair"],
)  # fmt: skip
def test_there_is_no_form_for_what_is_not_there(client: FlaskClient, path: str) -> None:
    page_of(client, path, 404)
    assert client.post(path, data=WRITTEN).status_code == 404


def test_unknown_and_wrong_numbers_say_the_same(client: FlaskClient, drop: DropFolder) -> None:
    number = number_of(send(client))
    unknown = "SQ20261129-0000000000T"
    wrong = f"SQ20261129-{'0' * 11}"
    pages = [page_of(client, f"/filings/{one}", 404).replace(one, "") for one in (unknown, wrong)]
    assert pages[0] == pages[1]
    assert "没有这个编号的申请" in pages[0]
    page_of(client, f"/filings/{unknown}/received", 404)
    for path in (f"/filings/{number}/../x", "/filings/%2e%2e%2fanswers", "/filings/..%2f.."):
        assert client.get(path).status_code == 404
    for written in (number.lower(), number.replace("-", " ")):
        found = client.get("/filings/", query_string={"number": written})
        assert found.headers["Location"] == f"/filings/{number}"
        assert client.get(f"/filings/{written}").headers["Location"] == f"/filings/{number}"
    assert "再核对一遍" in page_of(client, "/filings/?number=SQ1", 422)


def test_a_damaged_answer_is_an_apology(client: FlaskClient, tmp_path: Path) -> None:
    number = number_of(send(client))
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / f"{number}.json").write_text("nonsense", encoding="utf-8")
    assert "这是我们的故障" in page_of(client, f"/filings/{number}", 500)


def test_a_full_folder_says_that_nothing_was_kept(
    client: FlaskClient, portal: Flask, drop: DropFolder
) -> None:
    portal.config["FILINGS"] = DropFolder(drop.path, most=0)
    response = send(client)
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert "没有留下任何内容" in response.get_data(as_text=True)
    assert drop.waiting() == []


def test_without_a_folder_there_are_no_forms_and_no_links(releases: Path) -> None:
    client = create_portal(releases, load_catalogue()).test_client()
    for path in ("/", "/about", RECORD):
        assert "filing" not in client.get(path).get_data(as_text=True)
    for path in (FORM + "objection", "/filings/", "/filings/SQ20261129-0000000000T"):
        assert client.get(path).status_code == 404
    assert client.post(FORM + "objection", data=WRITTEN).status_code in (404, 405)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_link_to_forms_works_and_headers_stay(client: FlaskClient, lang: str) -> None:
    client.get(f"/?lang={lang}")
    found = crawl(client, RECORD)
    assert sum("/file?kind=" in address for address in found) >= 3
    assert "/filings/" in found
    for address in (RECORD, FORM + "repair", "/filings/"):
        response = client.get(address)
        assert "form-action 'self'" in response.headers["Content-Security-Policy"]
        assert "<script" not in response.get_data(as_text=True)
        chinese = "信用修复" in response.get_data(as_text=True)
        assert chinese == (lang == "zh") or address == "/filings/"


def test_every_title_of_an_error_has_its_chinese(portal: Flask) -> None:
    with portal.test_request_context("/"):
        assert all(re.search("[一-鿿]", spoken(title)) for title in _TITLES.values())
        for state in filing.STATES.values():
            assert re.search("[一-鿿]", spoken(state))
