"""Who asks too much of what costs work is told when to come again; pages and files stay open."""

from __future__ import annotations

import pytest
from flask import Flask

from exchange_schemas.errors import Misdeclared
from publisher.portal.allowance import USUAL, limit, rate_of


def app_with(rate: int) -> Flask:
    app = Flask(__name__)
    for path in ("/search", "/", "/api/3/action/package_list", "/datasets/d/table"):
        app.add_url_rule(path, path, lambda: "fine")
    limit(app, rate)
    return app


def test_costly_questions_are_counted_by_address() -> None:
    client = app_with(3).test_client()
    one, other = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}
    paths = ("/search", "/api/3/action/package_list", "/datasets/d/table", "/search")
    codes = [client.get(path, environ_base=one).status_code for path in paths]
    assert codes == [200, 200, 200, 429]
    told = client.get("/search", environ_base=one)
    assert 1 <= int(told.headers["Retry-After"]) <= 61
    assert client.get("/", environ_base=one).status_code == 200
    assert client.get("/search", environ_base=other).status_code == 200


def test_the_network_of_an_ipv6_address_is_one_reader() -> None:
    client = app_with(1).test_client()
    first, second = {"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8::2"}
    assert client.get("/search", environ_base=first).status_code == 200
    assert client.get("/search", environ_base=second).status_code == 429


def test_without_a_rate_nothing_is_counted() -> None:
    client = app_with(0).test_client()
    assert {client.get("/search").status_code for _ in range(50)} == {200}


def test_the_rate_is_of_the_environment() -> None:
    assert rate_of({}) == USUAL
    assert rate_of({"HUB_PORTAL_RATE": "0"}) == 0
    for wrong in ("-1", "many", "1.5", "²"):
        with pytest.raises(Misdeclared) as caught:
            rate_of({"HUB_PORTAL_RATE": wrong})
        assert caught.value.issue.code == "portal_rate_invalid"
