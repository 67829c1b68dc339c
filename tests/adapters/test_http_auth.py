"""Logging in, and logging in again."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import stamina

from adapters.http_auth import read_auth
from adapters.source_api import ApiSource
from adapters.source_http import HttpSource
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.http_server import Asked, Said, Web, http_server


@pytest.fixture
def web() -> Iterator[Web]:
    with stamina.set_testing(True, attempts=2), http_server() as running:
        yield running


def get(web: Web, **auth: Any) -> bytes:
    ((_, body),) = fetch(HttpSource(), url=web.url + "/data", auth=auth)
    return body


def test_a_key_in_a_header(web: Web) -> None:
    web.say("/data", "x")
    get(web, kind="header", name="X-Key", value="geheim")
    assert web.asked[0].headers["X-Key"] == "geheim"


def test_a_redirect_to_another_server_takes_no_key_along(web: Web) -> None:
    with http_server() as other:
        other.say("/", "x")
        web.say("/data", status=302, Location=other.url + "/")
        for auth in (
            {"kind": "header", "name": "X-Key", "value": "geheim"},
            {"kind": "basic", "user": "u", "password": "geheim"},
        ):
            assert get(web, **auth) == b"x"
        assert len(other.asked) == 2
        for asked in other.asked:
            assert "X-Key" not in asked.headers and "Authorization" not in asked.headers


def test_nor_does_a_header_of_the_feed(web: Web) -> None:
    """A key may stand there too, and only the feed knows."""
    with http_server() as other:
        other.say("/", "x")
        web.say("/data", status=302, Location=other.url + "/")
        told = {"X-Token": "geheim", "Accept": "text/csv"}
        fetch(HttpSource(), url=web.url + "/data", headers=told)
        assert web.asked[0].headers["X-Token"] == "geheim"
        assert "X-Token" not in other.asked[0].headers
        assert other.asked[0].headers["Accept"] == "text/csv"


def test_basic(web: Web) -> None:
    web.say("/data", "x")
    get(web, kind="basic", user="茂名", password="a:b")
    told = web.asked[0].headers["Authorization"].removeprefix("Basic ")
    assert b64decode(told).decode() == "茂名:a:b"


def oauth2(web: Web, **more: str) -> dict[str, Any]:
    told = {"client_id": "id", "client_secret": "s&cret", **more}
    return {"kind": "oauth2", "token_url": web.url + "/token", **told}


def test_client_credentials(web: Web) -> None:
    web.say("/token", json.dumps({"access_token": "t1", "expires_in": 3600}))
    web.say("/data", "x")
    get(web, **oauth2(web, scope="read"))
    token, data = web.asked
    assert token.form == {"grant_type": "client_credentials", "scope": "read"}
    assert b64decode(token.headers["Authorization"].split()[1]) == b"id:s%26cret"
    assert data.headers["Authorization"] == "Bearer t1"


def test_a_token_that_is_refused_is_renewed_once(web: Web) -> None:
    web.in_turn(
        "/token", *(Said(json.dumps({"access_token": t}).encode()) for t in ("old", "new"))
    )

    def data(asked: Asked) -> Said:
        return Said(b"x") if asked.headers["Authorization"] == "Bearer new" else Said(b"", 401)

    web.answers["/data"] = data
    assert get(web, **oauth2(web)) == b"x"
    assert [one.path for one in web.asked] == ["/token", "/data", "/token", "/data"]


def test_one_that_is_always_refused(web: Web) -> None:
    web.say("/token", json.dumps({"access_token": "t"}))
    web.say("/data", status=401)
    with pytest.raises(SourceUnreadable) as caught:
        get(web, **oauth2(web))
    assert caught.value.issue.code == "login_repeated"
    assert len(web.asked) == 4


@pytest.mark.parametrize("answer", ["", "no", "[]", "{}", '{"access_token": null}'])
def test_a_login_that_gives_no_token(web: Web, answer: str) -> None:
    web.say("/token", answer)
    with pytest.raises(SourceUnreadable) as caught:
        get(web, **oauth2(web))
    assert caught.value.issue.code == "login_failed"
    assert "s&cret" not in caught.value.issue.message("en")


def login(web: Web, **more: str) -> dict[str, Any]:
    fields = {"user": "u", "password": "geheim"}
    return {
        "kind": "login",
        "url": web.url + "/auth",
        "fields": fields,
        "token": "data.token",
        **more,
    }


def test_a_login_whose_token_goes_into_a_header_or_a_parameter(web: Web) -> None:
    web.say("/auth", '{"data": {"token": "t1"}}')
    web.say("/data", "x")
    get(web, **login(web, header="token"))
    get(web, **login(web, param="tk", send="form"))
    assert json.loads(web.asked[0].body) == {"user": "u", "password": "geheim"}
    assert web.asked[1].headers["token"] == "t1"
    assert web.asked[2].form == {"user": "u", "password": "geheim"}
    assert web.asked[3].params == {"tk": "t1"}


def test_a_token_in_a_header_of_the_answer(web: Web) -> None:
    web.say("/auth", "", X_Token="t9")
    web.say("/data", "x")
    get(web, **login(web, token="header:X-Token"))
    assert web.asked[1].headers["token"] == "t9"


def test_no_password_goes_where_a_login_is_redirected_to(web: Web) -> None:
    with http_server() as other:
        web.say("/auth", status=307, Location=other.url + "/")
        with pytest.raises(SourceUnreadable):
            get(web, **login(web))
        assert other.asked == []


@pytest.mark.parametrize(
    "refusal",
    [
        Said(b"", 401),
        Said(b"", 403),
        Said(b"403:login timeout", 403),
        Said(b"403:login timeout"),
        Said(b"<h1>403:login timeout</h1>", 500),
        Said("会话：登录超时".encode()),
        Said("会话：登录超时".encode("gbk")),
        Said(json.dumps({"msg": "登录超时"}).encode()),
    ],
    ids=lambda said: f"{said.status} {len(said.body)}",
)
def test_a_session_that_is_over_is_begun_anew(web: Web, refusal: Said) -> None:
    """A file that says so isn't taken for the delivery."""
    web.say("/auth", '{"data": {"token": "t"}}')
    web.in_turn("/data", refusal, Said(b"whole"))
    text = "登录超时" if refusal.body and not refusal.body.isascii() else "login timeout"
    text = "登录超时" if b"msg" in refusal.body else text
    assert get(web, **login(web, expired=text)) == b"whole"
    assert [one.path for one in web.asked] == ["/auth", "/data"] * 2


def test_what_a_login_brought_along_is_kept_nowhere(web: Web) -> None:
    web.say("/auth", '{"data": {"token": "t0ken"}}')
    web.say("/api", '{"l": [{"id": 1}]}', X_Token="t0ken")
    for more in ({"param": "tk"}, {"header": "X-Token"}):
        ((part, _),) = fetch(ApiSource(), url=web.url + "/api?day=1", rows="l",
                             auth=login(web, **more))  # fmt: skip
        assert web.asked[-1].params.get("tk") or web.asked[-1].headers.get("X-Token")
        assert "day=1" in part.origin
        assert "t0ken" not in part.origin + ("" if "param" in more else str(part.headers))


def test_a_token_is_renewed_before_it_ends(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.say("/token", json.dumps({"access_token": "t", "expires_in": 600}))
    web.say("/data", "x")
    auth = read_auth(oauth2(web))
    session = requests.Session()
    now = time.monotonic()
    for later, times in ((0, 1), (500, 1), (580, 2), (1200, 3)):
        monkeypatch.setattr(time, "monotonic", lambda at=now + later: at)
        auth.log_in(session)
        assert len(web.asked) == times
