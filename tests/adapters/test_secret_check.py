"""A secret in a feed's file is found, whatever it is called and however deep it stands."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.feed_check import check_feed
from adapters.secret_check import secrets_in
from exchange_schemas.catalogue import load_catalogue
from tests.adapters.conftest import Desk


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ({"password": "hunter2"}, ["password"]),
        ({"password": 123456}, ["password"]),
        ({"db_password": "x${DB}", "user": "me"}, ["db_password"]),
        ({"login": {"clientSecret": "s"}}, ["login.clientSecret"]),
        ({"headers": {"X-Api-Key": "k", "Accept": "*/*"}}, ["headers.X-Api-Key"]),
        ({"headers": {"Authorization": "Bearer abc"}}, ["headers.Authorization"]),
        ({"pages": [{"token": "t"}, {"TOKEN": "u"}]}, ["pages.0.token", "pages.1.TOKEN"]),
        ({"access_key": "a", "APIKey": "b"}, ["access_key", "APIKey"]),
        ({"url": "postgresql://me:secret@db/x"}, ["url"]),
        ({"keys": ["a"], "path": "b", "monkey": "c", "token_url": "d", "key_file": "e"}, []),
        ({"primary_key": "id", "next_token": "paging.next", "verify": True, "secret": None}, []),
        ({"password": "${DB_PASSWORD}", "headers": {"Authorization": "Bearer ${TOKEN}"}}, []),
        ({"url": "postgresql://me:${DB_PASSWORD}@db/x", "other": "http://h:80/@a"}, []),
    ],
)
def test_secrets(options: Any, places: list[str]) -> None:
    assert [issue.value for issue in secrets_in(options)] == places


def test_a_feed_is_checked_for_them_and_none_is_shown(desk: Desk) -> None:
    source = {"kind": "file", "path": "ftp://me:hunter2@host/a.csv"}
    fields = {"subject_name": "a", "uscc": "b", "established_on": "c"}
    issues = check_feed(desk.declare(source=source, fields=fields), load_catalogue())
    assert [issue.code for issue in issues] == ["secret_in_file"]
    for locale in ("en", "zh_CN"):
        assert "hunter2" not in issues[0].message(locale) and "${NAME}" in issues[0].message(
            locale
        )
