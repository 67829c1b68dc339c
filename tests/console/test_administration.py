"""Accounts, roles, offices, sessions, the own account, and the operator's status."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from pyotp import TOTP
from sqlalchemy import func, insert, select, update

from hub import people
from hub.accounts import sessions
from hub.accounts.account import find
from hub.accounts.password import hashed
from hub.accounts.sealing import seal
from hub.accounts.tables import account, session, sign_in
from hub.audit.log import Wanted, entries
from hub.database import write
from hub.tables import job
from tests.console.console_site import (
    ADDRESS,
    AGENT,
    OWN,
    PASSWORD,
    Browser,
    Staff,
    make_staff,
    text_of,
)

HASH = hashed(PASSWORD)
NEW = "the tide comes in at nine 3"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return make_staff(tmp_path, database_url)


def _again(staff: Staff, name: str) -> Browser:
    """Another browser of the same person."""
    with write(staff.engine) as connection:
        token = sessions.begin(
            connection, name, sessions.OPEN, sessions.Place.of(ADDRESS, AGENT), 12
        )
    browser = Browser(staff.console, name)
    browser.take_token(token)
    return browser


def test_an_account_is_made_and_its_invitation_shown_once(staff: Staff) -> None:
    browser = staff.person("zhang", office="system")
    form = {"person": "Wang.Li", "name": "王丽", "department": OWN}
    made = browser.post("/accounts", form)
    address = re.search(r"/console/invitation/([\w-]+)", made.get_data(as_text=True))
    assert address is not None
    assert browser.post("/accounts", form).status_code == 409
    assert address[1] not in browser.get("/accounts").get_data(as_text=True)
    taken = staff.nobody().post(
        f"/invitation/{address[1]}", {"password": PASSWORD, "again": PASSWORD}
    )
    assert taken.status_code == 303
    with staff.engine.connect() as connection:
        [noted] = entries(connection, Wanted(act="account.make", outcome="done"))
        assert noted["details"] == {"person": "wang.li", "department": OWN}
        assert address[1] not in str(entries(connection, Wanted(act="account.make")))
        found = find(connection, "wang.li")
    assert found is not None and (found.office, found.department) == (None, OWN)
    again = browser.post("/accounts/wang.li/invite").get_data(as_text=True)
    assert "/console/invitation/" in again and address[1] not in again
    for wrong in ("x", "王丽", "a b", "-a", "../etc", "a" * 80):
        assert browser.post("/accounts", {"person": wrong, "name": "n"}).status_code == 409


def test_a_closed_account_is_out_and_has_no_role(staff: Staff) -> None:
    system, wang = staff.person("zhang", office="system"), staff.person("wang", "reviewer")
    assert system.post("/accounts/wang/close").status_code == 303
    assert wang.get("/").status_code == 302
    with staff.engine.connect() as connection:
        assert people.roles_of(connection, "wang") == set()
    assert system.post("/accounts/wang/invite").status_code == 409
    assert system.post("/accounts/zhang/close").status_code == 409  # the own one
    assert system.post("/accounts/zhang/invite").status_code == 409
    assert system.post("/accounts/nobody.known/close").status_code == 404


def test_roles_are_granted_and_taken_by_the_security_administrator(staff: Staff) -> None:
    security, wang = staff.person("lin", office="security"), staff.person("wang")
    assert wang.get("/standards").status_code == 403
    grant = {"role": ["reviewer", "handler"], "department": OWN}
    assert security.post("/people/wang/grant", grant).status_code == 303
    assert wang.get("/standards").status_code == 200
    shown = text_of(security.get("/people"))
    assert "审核" in shown and "Wang" in shown
    one = {"role": "reviewer", "department": OWN}
    assert security.post("/people/wang/revoke", one).status_code == 303
    assert (
        security.post("/people/wang/revoke", one).status_code == 403
    )  # there is no such role now
    with staff.engine.connect() as connection:
        assert people.roles_of(connection, "wang") == {("handler", OWN)}
        [noted] = entries(connection, Wanted(act="role.grant"))
        assert noted["details"] == {"roles": ["reviewer", "handler"], "department": OWN}
    assert (
        security.post("/people/wang/grant", {"role": "everything", "department": OWN}).status_code
        == 404
    )
    assert (
        security.post("/people/wang/grant", {"role": "handler", "department": "moon"}).status_code
        == 400
    )
    assert security.post("/people/nobody.known/grant", grant).status_code == 404


def test_nobody_acts_on_the_own_account(staff: Staff) -> None:
    security = staff.person("lin", office="security")
    staff.person("second", office="security")
    acts = {
        "grant": {"role": "reviewer", "department": OWN},
        "revoke": {"role": "reviewer", "department": OWN},
        "appoint": {"office": ""},
        "reset-codes": {},
        "forgive": {},
        "end-sessions": {},
    }
    for act, form in acts.items():
        assert security.post(f"/people/lin/{act}", form).status_code == 409, act
    with staff.engine.connect() as connection:
        noted = entries(connection, Wanted(person="lin"))
    assert {one["outcome"] for one in noted} == {"refused"}
    assert {one["details"]["why"] for one in noted} == {"own_account"}


def test_offices_change_hands(staff: Staff) -> None:
    security, wang = staff.person("lin", office="security"), staff.person("wang", "reviewer")
    assert (
        security.post("/people/wang/appoint", {"office": "audit"}).status_code == 409
    )  # has a role
    security.post("/people/wang/revoke", {"role": "reviewer", "department": OWN})
    assert security.post("/people/wang/appoint", {"office": "audit"}).status_code == 303
    assert wang.get("/").status_code == 302  # and signs in again
    assert (
        security.post("/people/wang/grant", {"role": "handler", "department": OWN}).status_code
        == 409
    )
    assert _again(staff, "wang").get("/audit").status_code == 200
    staff.person("zhang", office="system")
    assert (
        security.post("/people/zhang/appoint", {"office": ""}).status_code == 409
    )  # the last one
    assert security.post("/people/wang/appoint", {"office": "king"}).status_code == 404


def test_sessions_attempts_and_codes_of_others(staff: Staff) -> None:
    security, wang = staff.person("lin", office="security"), staff.person("wang", "reviewer")
    staff.set_password("wang", HASH)
    for number in range(10):
        staff.nobody().post(
            "/sign-in", {"person": "wang", "password": f"wrong one {number} wrong"}
        )
    right = {"person": "wang", "password": PASSWORD}
    assert staff.nobody().post("/sign-in", right).status_code == 429
    assert "密码错误" in text_of(security.get("/attempts", wrong="1"))
    elsewhere = Browser(staff.console, address="10.9.9.9")
    assert security.post("/people/wang/forgive").status_code == 303
    assert elsewhere.post("/sign-in", right).status_code == 303
    assert "10.1.2.3" in text_of(security.get("/sessions"))
    with staff.engine.connect() as connection:
        mine = (session.c.person == "wang") & (session.c.stage == "open")
        token = connection.scalar(select(session.c.token).where(mine))
    other = staff.person("li", "reviewer")
    assert security.post("/people/li/end-sessions", {"session": token}).status_code == 404
    assert security.post("/people/wang/end-sessions", {"session": token}).status_code == 303
    assert wang.get("/").status_code == 302
    assert other.get("/").status_code == 200
    assert security.post("/people/li/end-sessions").status_code == 303
    assert other.get("/").status_code == 302
    with write(staff.engine) as connection:
        connection.execute(update(account).values(code_secret="sealed", code_step=1))
    assert security.post("/people/wang/reset-codes").status_code == 303
    with staff.engine.connect() as connection:
        secrets = {row.person: row.code_secret for row in connection.execute(select(account))}
    assert (secrets["wang"], secrets["li"]) == (None, "sealed")


def _with_codes(staff: Staff, name: str) -> Browser:
    browser = staff.person(name, "reviewer")
    staff.set_password(name, HASH)
    with write(staff.engine) as connection:
        sealed = seal(staff.site.keys, SECRET)
        connection.execute(
            update(account).where(account.c.person == name).values(code_secret=sealed)
        )
    return browser


def test_the_own_password_is_changed_with_the_old_one_and_a_code(staff: Staff) -> None:
    browser = _with_codes(staff, "wang")
    other = _again(staff, "wang")
    code = TOTP(SECRET).at(time.time())
    right = {"old": PASSWORD, "code": code, "password": NEW, "again": NEW}
    for wrong in (
        {"old": NEW},
        {"code": "000000"},
        {"again": PASSWORD},
        {"password": "x", "again": "x"},
    ):
        assert browser.post("/me/password", {**right, **wrong}).status_code == 409
    assert other.get("/").status_code == 200
    assert browser.post("/me/password", right).status_code == 303
    assert other.get("/").status_code == 302 and browser.get("/").status_code == 200
    assert staff.nobody().post("/sign-in", {"person": "wang", "password": NEW}).status_code == 303
    with staff.engine.connect() as connection:
        noted = entries(connection, Wanted(act="own.password"))
    assert [one["outcome"] for one in noted] == ["done", *["refused"] * 4]
    assert NEW not in str(noted) and PASSWORD not in str(noted)


def test_codes_are_set_up_anew_with_the_old_code(staff: Staff) -> None:
    browser = _with_codes(staff, "wang")
    assert browser.get("/me/codes").status_code == 303  # nothing is offered without a proof
    assert browser.post("/me/codes", {"proof": "123456"}).status_code == 409
    assert browser.post("/me/codes", {"proof": PASSWORD}).status_code == 409
    code = TOTP(SECRET).at(time.time())
    assert browser.post("/me/codes", {"proof": code}).status_code == 303
    page = browser.get("/me/codes").get_data(as_text=True)
    secret = page.split('class="key">')[1].partition("<")[0]
    assert secret != SECRET
    assert browser.post("/me/codes/confirm", {"code": "000000"}).status_code == 409
    assert browser.post("/me/codes/confirm", {"code": TOTP(secret).now()}).status_code == 303
    again = staff.nobody()
    again.post("/sign-in", {"person": "wang", "password": PASSWORD})
    assert again.post("/code", {"code": TOTP(SECRET).at(time.time() + 30)}).status_code == 401
    assert again.post("/code", {"code": TOTP(secret).at(time.time() + 30)}).status_code == 303


def test_guesses_at_the_own_page_count(staff: Staff) -> None:
    browser = _with_codes(staff, "wang")
    answers = [browser.post("/me/codes", {"proof": f"{n:06}"}).status_code for n in range(8)]
    assert set(answers) == {409}
    with staff.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(sign_in)) == 5
    code = TOTP(SECRET).at(time.time())
    assert browser.post("/me/codes", {"proof": code}).status_code == 409  # the right one waits too


def test_a_failed_job_is_queued_again(staff: Staff) -> None:
    with write(staff.engine) as connection:
        row = {"kind": "publish", "arguments": "{}", "created_at": "2026-11-01T00:00:00.000Z"}
        failed = {**row, "state": "failed", "ended_at": "2026-11-30T01:00:00.000Z"}
        connection.execute(insert(job).values(**failed, error="token=very-secret-value no file"))
        connection.execute(insert(job).values(**row, state="done"))
    browser = staff.person("zhang", office="system")
    page = browser.get("/status")
    shown = page.get_data(as_text=True)
    assert "publish" in shown and "very-secret-value" not in shown
    assert 'http-equiv="refresh"' not in shown
    watched = browser.get("/status", _watching="1").get_data(as_text=True)
    assert '<meta http-equiv="refresh" content="60;url=/console/status?_watching=1">' in watched
    assert browser.post("/status/jobs/1/retry").status_code == 303
    assert "任务 1 已重新排队" in text_of(browser.get("/status"))
    assert browser.post("/status/jobs/1/retry").status_code == 404
    assert browser.post("/status/jobs/2/retry").status_code == 404
    with staff.engine.connect() as connection:
        assert list(connection.scalars(select(job.c.state).order_by(job.c.id))) == [
            "queued",
            "done",
        ]


def test_a_page_that_asks_again_by_itself_keeps_no_session_alive(staff: Staff) -> None:
    browser = staff.person("zhang", office="system")
    long_ago = "2020-01-01T00:00:00.000Z"

    def seen_at() -> str:
        with staff.engine.connect() as connection:
            return str(connection.scalar(select(session.c.seen_at)))

    minutes = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 600))
    with write(staff.engine) as connection:
        connection.execute(update(session).values(seen_at=minutes))
    browser.get("/status", _watching="1")
    assert seen_at() == minutes
    browser.get("/status")
    assert seen_at() > minutes
    with write(staff.engine) as connection:
        connection.execute(update(session).values(seen_at=long_ago))
    assert browser.get("/status", _watching="1").status_code == 302


def test_who_opens_which_page_of_the_administration(staff: Staff) -> None:
    browsers = {
        office: staff.person(office, office=office) for office in ("system", "security", "audit")
    }
    browsers["staff"] = staff.person("wang", "submitter", "reviewer", "approver", "handler")
    pages = {
        "system": ("/accounts", "/accounts/wang", "/status"),
        "security": ("/people", "/people/wang", "/sessions", "/attempts"),
        "audit": ("/audit", "/audit/1", "/audit/verify", "/audit/export.csv"),
    }
    browsers["audit"].get("/audit")
    for owner, paths in pages.items():
        for path in paths:
            for who, browser in browsers.items():
                expected = 200 if who == owner else 403
                assert browser.get(path).status_code == expected, (who, path)
    for browser in browsers.values():
        assert browser.get("/me").status_code == 200
