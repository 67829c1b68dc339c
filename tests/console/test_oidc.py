"""Signing in by an identity provider: a real one, and everything that it or somebody else can do wrong."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from exchange_schemas.errors import Misdeclared
from hub.accounts.account import close
from hub.accounts.password import hashed
from hub.audit.log import Wanted, entries
from hub.database import write
from hub.web.console.identity import Identity
from tests.console import identity_site
from tests.console.console_site import PASSWORD, Browser, Staff, make_staff, served, text_of
from tests.console.identity_site import Relay, provider

HASH = hashed(PASSWORD)
SETTINGS = {"CLIENT": "hub", "SECRET": "a secret of the hub"}


def _settings(monkeypatch: pytest.MonkeyPatch, issuer: str, **more: str) -> None:
    monkeypatch.setenv(
        "AUTHLIB_INSECURE_TRANSPORT", "1"
    )  # for the provider, which has no TLS here
    for name, value in {**SETTINGS, "ISSUER": issuer, **more}.items():
        monkeypatch.setenv(f"HUB_CONSOLE_OIDC_{name}", value)


def _staff(folder: Path, monkeypatch: pytest.MonkeyPatch, issuer: str, **more: str) -> Staff:
    _settings(monkeypatch, issuer, **more)
    return make_staff(folder)


def _away(browser: Browser) -> str:
    """Where the browser is sent."""
    return browser.get("/identity/enter").headers["Location"]


def _back(address: str, person: str) -> dict[str, str]:
    """Sign in at the provider; what it sends back."""
    got = httpx.post(address, data={"sub": f"s-{person}"})
    assert got.status_code == 302, got.text
    told = parse_qs(urlsplit(got.headers["Location"]).query)
    return {name: value[0] for name, value in told.items()}


def _refused(staff: Staff) -> list[str]:
    """Why somebody wasn't let in, by the audit log."""
    with staff.engine.connect() as connection:
        found = entries(connection, Wanted(act="session.enter", outcome="refused"))
    return [one["details"].get("why") or one["details"]["wrong"] for one in found]


def test_whom_the_provider_knows_comes_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider("wang") as (issuer, relay):
        staff = _staff(tmp_path, monkeypatch, issuer)
        staff.person("wang", "reviewer")
        browser = staff.nobody()
        assert "统一身份认证登录" in text_of(browser.get("/sign-in"))
        address = _away(browser)
        asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256" and len(asked["nonce"]) >= 20
        assert asked["redirect_uri"] == "http://localhost/console/identity/returned"
        told = _back(address, "wang")
        assert browser.get("/identity/returned", **told).status_code == 200
        assert "Wang" in text_of(browser.get("/"))
        verifier = relay.asked[-1]["code_verifier"].encode()
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=")
        assert made.decode() == asked["code_challenge"]
        # what was used once is no good any more
        again = browser.get("/identity/returned", **told)
        assert again.status_code == 401 and "统一身份认证" in text_of(again)
    with staff.engine.connect() as connection:
        [noted] = entries(connection, Wanted(act="session.enter", outcome="done"))
    assert (noted["person"], noted["address"]) == ("wang", "10.1.2.3")


def test_a_stolen_answer_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider("wang") as (issuer, _):
        staff = _staff(tmp_path, monkeypatch, issuer)
        staff.person("wang", "reviewer")
        browser, thief = staff.nobody(), staff.nobody()
        told = _back(_away(browser), "wang")
        assert (
            thief.get("/identity/returned", **told).status_code == 401
        )  # nothing was begun there
        _away(thief)
        assert thief.get("/identity/returned", **told).status_code == 401  # something else was
        changed = {**told, "state": told["state"][:-1] + "x"}
        assert browser.get("/identity/returned", **changed).status_code == 401
        assert thief.get("/").status_code == 302 and browser.get("/").status_code == 302
        # a code that was used, with the cookie put back
        address = _away(browser)
        kept = browser.client.get_cookie("console_identity", path="/console/identity")
        told = _back(address, "wang")
        assert browser.get("/identity/returned", **told).status_code == 200
        assert kept is not None
        other = staff.nobody()
        other.client.set_cookie("console_identity", kept.value, path="/console/identity")
        assert other.get("/identity/returned", **told).status_code == 401
        assert other.get("/").status_code == 302
    assert _refused(staff) == ["identity_wrong"] * 4


def test_another_nonce_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with provider("wang") as (issuer, _):
        staff = _staff(tmp_path, monkeypatch, issuer)
        staff.person("wang", "reviewer")
        browser = staff.nobody()
        place = urlsplit(_away(browser))
        words = {name: value[0] for name, value in parse_qs(place.query).items()}
        address = place._replace(query=urlencode({**words, "nonce": "x" * 20})).geturl()
        answer = browser.get("/identity/returned", **_back(address, "wang"))
        assert answer.status_code == 401 and "（id_token）" in text_of(answer)
    assert _refused(staff) == ["identity_wrong"]


FORGED: dict[str, Callable[[dict[str, object]], Callable[[str], str]]] = {
    "another key": lambda _public: identity_site.by_another_key,
    "unsigned": lambda _public: identity_site.unsigned,
    "public key as secret": identity_site.by_public_key,
    "another person": lambda _public: identity_site.with_claims(preferred_username="lin"),
    "another audience": lambda _public: identity_site.with_claims(aud="somebody else"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_token_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    with provider("wang") as (issuer, relay):
        staff = _staff(tmp_path, monkeypatch, issuer)
        staff.person("wang", "reviewer")
        relay.forge = FORGED[how](httpx.get(f"{issuer}/jwks").json())
        browser = staff.nobody()
        answer = browser.get("/identity/returned", **_back(_away(browser), "wang"))
        assert answer.status_code == 401 and "id_token" in text_of(answer)
        assert browser.get("/").status_code == 302
    assert _refused(staff) == ["identity_wrong"]


def _other(relay: Relay, path: str, **values: object) -> None:
    relay.answers[path] = lambda told: {**told, **values}


@pytest.mark.parametrize("what", ["expired", "issuer", "no token", "claim"])
def test_a_provider_that_answers_wrongly_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    lasts = timedelta(hours=-2) if what == "expired" else timedelta(hours=1)
    with provider("wang", lasts=lasts) as (issuer, relay):
        staff = _staff(tmp_path, monkeypatch, issuer, CLAIM="employee" if what == "claim" else "")
        staff.person("wang", "reviewer")
        browser = staff.nobody()
        if what == "issuer":
            _other(relay, "/.well-known/openid-configuration", issuer="https://elsewhere.example")
            assert browser.get("/identity/enter").status_code == 401
        else:
            if what == "no token":
                _other(relay, "/oauth2/token", id_token=None)
            told = _back(_away(browser), "wang")
            answer = browser.get("/identity/returned", **told)
            why = "employee" if what == "claim" else "id_token"
            assert answer.status_code == 401 and f"（{why}）" in text_of(answer)
        assert browser.get("/").status_code == 302
    assert _refused(staff) == ["identity_wrong"]


def test_whom_only_the_provider_knows_stays_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider("stranger", "zhang", "closed") as (issuer, _):
        staff = _staff(tmp_path, monkeypatch, issuer)
        staff.person("zhang", office="system")
        staff.person("closed", "reviewer")
        with write(staff.engine) as connection:
            close(connection, "closed", "tests")
        for name, words in (
            ("stranger", "stranger"),
            ("zhang", "三类管理员"),
            ("closed", "closed"),
        ):
            browser = staff.nobody()
            answer = browser.get("/identity/returned", **_back(_away(browser), name))
            assert answer.status_code == 401 and words in text_of(answer)
            assert browser.get("/").status_code == 302
    assert _refused(staff) == ["identity"] * 3


def test_a_person_who_says_no_there_isnt_in_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider("wang") as (issuer, _):
        staff = _staff(tmp_path, monkeypatch, issuer)
        browser = staff.nobody()
        state = parse_qs(urlsplit(_away(browser)).query)["state"][0]
        denied = browser.get("/identity/returned", error="access_denied", state=state)
        assert denied.status_code == 401


def test_while_it_is_away_the_administrators_come_in_by_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with provider("wang") as (issuer, _):
        pass
    staff = _staff(tmp_path, monkeypatch, issuer)
    staff.person("wang", "reviewer")
    staff.person("zhang", office="system")
    for name in ("wang", "zhang"):
        staff.set_password(name, HASH)
    browser = staff.nobody()
    assert browser.get("/identity/enter").status_code == 503
    assert browser.post("/sign-in", {"person": "wang", "password": PASSWORD}).status_code == 401
    assert browser.post("/sign-in", {"person": "zhang", "password": PASSWORD}).status_code == 303
    assert _refused(staff) == ["password", "identity_away"]


def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    staff = make_staff(tmp_path)
    browser = staff.nobody()
    assert "统一身份认证" not in text_of(browser.get("/sign-in"))
    assert browser.get("/identity/enter").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ISSUER", "http://provider.example"),
        ("ISSUER", "provider"),
        ("CLIENT", ""),
        ("SECRET", ""),
    ],
)
def test_wrong_settings_are_told_at_the_start(name: str, value: str) -> None:
    settings = {f"HUB_CONSOLE_OIDC_{n}": v for n, v in SETTINGS.items()}
    settings["HUB_CONSOLE_OIDC_ISSUER"] = "https://provider.example"
    assert Identity.read(settings) is not None
    with pytest.raises(Misdeclared) as caught:
        Identity.read({**settings, f"HUB_CONSOLE_OIDC_{name}": value})
    assert caught.value.issue.code == "console_setting_wrong"


def test_a_real_browser_comes_in_from_another_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Chrome
) -> None:
    """The provider is at localhost and the console at 127.0.0.1: two sites, as cookies see it."""
    with provider("wang") as (issuer, _):
        staff = _staff(tmp_path, monkeypatch, issuer)
        staff.person("wang", "reviewer")
        with served(staff) as address:
            browser.delete_all_cookies()
            browser.get(f"{address}/sign-in")
            browser.find_element(By.PARTIAL_LINK_TEXT, "统一身份认证登录").click()
            waiting = WebDriverWait(browser, 20)
            waiting.until(lambda one: "localhost" in one.current_url)
            browser.find_element(By.CSS_SELECTOR, "button[value=s-wang]").click()
            waiting.until(lambda one: one.current_url == f"{address}/")
            assert "Wang" in browser.find_element(By.CLASS_NAME, "who").text
            cookies = {one["name"]: one for one in browser.get_cookies()}
            assert cookies["console"]["sameSite"] == "Strict" and "console_identity" not in cookies
