"""Logging in, and logging in again."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
import stamina

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
