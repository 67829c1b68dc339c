"""What the portal says of itself, from a file and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client

from exchange_schemas.errors import Misdeclared
from hub.site import create_site
from hub.web.server import check_database, portal_of
from publisher.portal.settings import UNSAID, read_settings


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "portal.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_said_names_no_place(tmp_path: Path) -> None:
    assert read_settings(None, {}) == read_settings(tmp_path / "portal.yml", {}) == UNSAID
    assert UNSAID.place(chinese=True) == UNSAID.base_url == ""


def test_a_new_site_has_settings_to_begin_with(tmp_path: Path) -> None:
    settings = read_settings(create_site(tmp_path / "site").portal_settings, {})
    assert (settings.place(chinese=True), settings.place(chinese=False)) == ("茂名市", "Maoming")
    assert settings.licence_url.startswith("https://")


def test_the_portal_of_a_site_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORTAL_ICP", "粤ICP备1号")
    monkeypatch.setenv("HUB_PORTAL_TITLE_EN", "Title <of> ours")
    client = Client(portal_of(create_site(tmp_path / "site")))
    page = client.get("/").get_data(as_text=True)
    for words in ("<b>茂名市</b>", "粤ICP备1号", "茂名市市场监督管理局", 'rel="license"'):
        assert words in page
    assert "Title &lt;of&gt; ours" in client.get("/?lang=en").get_data(as_text=True)


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "base_url: https://a.example/\nplace: {zh: 某市, en: Some City}\n")
    environment = {
        "HUB_PORTAL_BASE_URL": "https://b.example/open/",
        "HUB_PORTAL_ICP": "粤ICP备1号",
    }
    settings = read_settings(file, environment)
    assert settings.base_url == "https://b.example/open"
    assert (settings.icp, settings.place_en) == ("粤ICP备1号", "Some City")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("base_url: javascript:alert(1)", "portal_setting_address"),
        ("base_url: https://", "portal_setting_address"),
        ("base_url: https://a.example/?x=1", "portal_setting_address"),
        ("base_url: https://user@a.example", "portal_setting_address"),
        ("licence: {url: no address}", "portal_setting_address"),
        ("place: {zh: [1]}", "portal_setting_text"),
        ('contact: "two\\nlines"', "portal_setting_text"),
        ("icp: 12", "portal_setting_text"),
        (f"contact: {'x' * 301}", "portal_setting_text"),
        ("plaze: {zh: 某市}", "portal_setting_unknown"),
        ("- a list", "portal_settings_unreadable"),
        ("icp: a\nicp: b", "portal_settings_unreadable"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        read_settings(written(tmp_path, text), {})
    assert caught.value.issue.code == code
    assert "{" not in caught.value.issue.message("zh_CN").replace("{zh", "")


@pytest.mark.parametrize(
    ("hub", "portal"),
    [
        ("postgresql+psycopg://hub@localhost/hub", "postgresql://reader@127.0.0.1:5432/hub"),
        ("postgresql+psycopg://hub@db/hub", "postgres://hub@db/hub"),
    ],
)
def test_a_portal_never_reads_the_hubs_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: str, portal: str
) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", hub)
    monkeypatch.setenv("HUB_PORTAL_DATABASE_URL", portal)
    with pytest.raises(Misdeclared) as caught:
        check_database(create_site(tmp_path / "site"))
    assert caught.value.issue.code == "portal_database_hubs"
    monkeypatch.setenv("HUB_PORTAL_DATABASE_URL", portal.replace("/hub", "/portal"))
    check_database(create_site(tmp_path / "other"))
