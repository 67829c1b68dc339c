"""Coming in: password, one-time code, invitation; guesses, stolen sessions, forged forms."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pyotp import TOTP
from sqlalchemy import func, select

from hub.accounts.beginning import begin
from hub.accounts.password import hashed
from hub.accounts.tables import account, session, sign_in
from hub.audit import chain
from hub.audit.log import Wanted, entries
from hub.database import write
from tests.console.console_site import PASSWORD, Browser, Staff, make_staff, text_of

HASH = hashed(PASSWORD)


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return make_staff(tmp_path, database_url)


def _with_password(staff: Staff, name: str) -> None:
    staff.person(name, "reviewer")
    staff.set_password(name, HASH)


def _secret(page: str) -> str:
    return page.split('class="key">')[1].partition("<")[0]


def test_first_administrators_come_in_by_invitation(staff: Staff) -> None:
    with write(staff.engine) as connection:
        invitations = begin(
            connection, {"system": "zhang", "security": "lin", "audit": "he"}, "root"
        )
    browser = staff.nobody()
    path = f"/invitation/{invitations['zhang']}"
    assert "zhang" in text_of(browser.get(path))
    short = browser.post(path, {"password": "short", "again": "short"})
    assert (short.status_code, "12" in text_of(short)) == (400, True)
    assert browser.post(path, {"password": PASSWORD, "again": PASSWORD + "x"}).status_code == 400
    assert browser.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert browser.get(path).status_code == 409  # it is good once
    with staff.engine.connect() as connection:
        noted = entries(connection, Wanted(act="account.password"))
    assert noted and not any(invitations["zhang"] in one["subject"] for one in noted)
    assert browser.post("/sign-in", {"person": "zhang", "password": PASSWORD}).status_code == 303
    enrol = browser.get("/enrol").get_data(as_text=True)
    secret = _secret(enrol)
    assert _secret(browser.get("/enrol").get_data(as_text=True)) == secret
    assert browser.get("/").status_code == 303  # nothing else is open before the second step
    wrong = browser.post("/enrol", {"code": "000000"})
    assert wrong.status_code == 401
    assert browser.post("/enrol", {"code": TOTP(secret).now()}).status_code == 303
    assert "系统管理员" in text_of(browser.get("/"))


def test_code_counts_once_however_it_is_written(staff: Staff) -> None:
    _with_password(staff, "wang")
    first = staff.nobody()
    first.post("/sign-in", {"person": "wang", "password": PASSWORD})
    secret = _secret(first.get("/enrol").get_data(as_text=True))
    code = TOTP(secret).at(time.time())
    assert first.post("/enrol", {"code": code}).status_code == 303
    second = staff.nobody()
    assert second.post("/sign-in", {"person": "wang", "password": PASSWORD}).status_code == 303
    for written in (code, f"{code[:3]} {code[3:]}", "".join(chr(0xFF10 + int(d)) for d in code)):
        assert second.post("/code", {"code": written}).status_code == 401
    later = TOTP(secret).at(time.time() + 30)
    assert second.post("/code", {"code": later}).status_code == 303
    assert second.get("/").status_code == 200


def test_token_is_new_at_every_stage(staff: Staff) -> None:
    _with_password(staff, "wang")
    browser = staff.nobody()
    browser.take_token("chosen by somebody else")
    browser.post("/sign-in", {"person": "wang", "password": PASSWORD})
    at_enrol = browser.token()
    assert at_enrol != "chosen by somebody else"
    secret = _secret(browser.get("/enrol").get_data(as_text=True))
    browser.post("/enrol", {"code": TOTP(secret).now()})
    assert browser.token() != at_enrol
    old = staff.nobody()
    old.take_token(at_enrol)
    assert old.get("/").status_code == 302


def test_session_used_elsewhere_ends_for_both(staff: Staff) -> None:
    owner = staff.person("wang", "reviewer")
    thief = Browser(staff.console, address="203.0.113.9")
    thief.take_token(owner.token())
    assert thief.get("/").status_code == 302
    assert owner.get("/").status_code == 302
    with staff.engine.connect() as connection:
        [noted] = entries(connection, Wanted(act="session.end"))
        assert (noted["person"], noted["address"]) == ("wang", "203.0.113.9")
        assert connection.scalar(select(session.c.ended_by)) == "elsewhere"


@pytest.mark.parametrize("addresses", [1, 500])
def test_many_guesses_reach_nothing(
    staff: Staff, addresses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _guess(staff, addresses, 600, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("addresses", [1, 500])
def test_ten_thousand_guesses_reach_nothing(
    staff: Staff, addresses: int, monkeypatch: pytest.MonkeyPatch, figures: dict[str, int | float]
) -> None:
    refused = _guess(staff, addresses, 10_000, monkeypatch)
    figures[f"guesses refused unlooked at, {addresses} addresses, {staff.engine.dialect.name}"] = (
        refused
    )


def _guess(staff: Staff, addresses: int, guesses: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Returns how many weren't even looked at."""
    _with_password(staff, "wang")
    looked = []

    def wrong(_kept: str | None, given: str) -> bool:
        looked.append(given)
        return False

    monkeypatch.setattr("hub.accounts.entering.matches", wrong)
    browsers = [
        Browser(staff.console, address=f"198.51.{n // 250}.{n % 250 + 1}")
        for n in range(addresses)
    ]
    answers = {401: 0, 429: 0}
    for number in range(guesses):
        form = {"person": "wang", "password": f"guess number {number}"}
        answers[browsers[number % addresses].post("/sign-in", form).status_code] += 1
    monkeypatch.undo()
    assert len(looked) == answers[401] == 10
    with staff.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(sign_in)) == 10
    # the person waits too, and the security administrator may forgive
    assert (
        staff.nobody().post("/sign-in", {"person": "wang", "password": PASSWORD}).status_code
        == 429
    )
    return answers[429]


def test_unknown_and_wrong_are_told_alike(staff: Staff) -> None:
    _with_password(staff, "wang")
    pages = [
        staff.nobody().post("/sign-in", {"person": person, "password": "not this one 12"})
        for person in ("wang", "nobody.known")
    ]
    assert pages[0].status_code == pages[1].status_code == 401
    assert pages[0].data == pages[1].data


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil"}],
)
def test_form_of_another_site_is_refused(staff: Staff, headers: dict[str, str]) -> None:
    browser = staff.person("wang", "reviewer")
    assert browser.post("/sign-out", headers=headers).status_code == 403
    assert browser.get("/").status_code == 200


def test_form_without_the_sessions_key_is_refused(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    other = staff.person("li", "reviewer")
    for key in ("", "x", other.form_key()):
        assert browser.post("/sign-out", {"form_key": key}).status_code == 403
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize(
    "after",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:1",
     "\\\\evil.example", "/%2f/evil.example\r\nX: 1"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(staff: Staff, after: str) -> None:
    _with_password(staff, "wang")
    form = {"person": "wang", "password": PASSWORD, "next": after}
    place = staff.nobody().post("/sign-in", form).headers["Location"]
    assert place.startswith("/console/")


def test_closed_account_is_out_at_once(staff: Staff) -> None:
    from hub.accounts.account import close

    browser = staff.person("wang", "reviewer")
    assert browser.get("/").status_code == 200
    with write(staff.engine) as connection:
        close(connection, "wang", "zhang")
    assert browser.get("/").status_code == 302
    with staff.engine.connect() as connection:
        assert connection.scalar(select(account.c.state)) == "closed"


def test_what_is_noted_is_chained(staff: Staff) -> None:
    _with_password(staff, "wang")
    staff.nobody().post("/sign-in", {"person": "wang", "password": "wrong wrong wrong"})
    staff.nobody().post("/sign-in", {"person": "wang", "password": PASSWORD})
    with staff.engine.connect() as connection:
        told = [(e["act"], e["outcome"]) for e in entries(connection, Wanted())]
        assert ("session.enter", "refused") in told
        assert chain.verify(connection).number == len(told)
