"""The portal shows the data dictionary once it was written, and nothing beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.dictionary_site import write_site
from publisher.portal.app import create_portal


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    (root / "hub.sqlite").write_text("secret", encoding="utf-8")
    write_site(load_catalogue(), root / "standards_site")
    return root


@pytest.fixture(scope="module")
def client(releases: Path, place: Path) -> FlaskClient:
    return create_portal(releases, load_catalogue(), place / "standards_site").test_client()


def test_it_is_linked_and_shown(client: FlaskClient) -> None:
    assert 'href="/standards/"' in client.get("/").get_data(as_text=True)
    assert "数据集目录" in client.get("/standards/").get_data(as_text=True)
    assert client.get("/standards/standards/market_entity.html").status_code == 200
    assert client.get("/standards/assets/site.css").mimetype == "text/css"
    script = client.get("/standards/assets/filter.js")
    assert script.mimetype == "text/javascript"
    assert client.get("/standards/files/market_entity-1.xsd").status_code == 200


def test_its_pages_may_run_their_script_and_others_none(client: FlaskClient) -> None:
    policy = "Content-Security-Policy"
    assert "script-src 'self'" in client.get("/standards/").headers[policy]
    assert "script-src" not in client.get("/").headers[policy]


@pytest.mark.parametrize(
    "path",
    [
        "../hub.sqlite", "..%2fhub.sqlite", "%2e%2e/hub.sqlite", "standards/../../hub.sqlite",
        "/etc/passwd", "%2fetc%2fpasswd", "..\\hub.sqlite", ".data-dictionary", "standards",
        "standards/", "nothing.html", "index.html%00.txt",
    ],
)  # fmt: skip
def test_nothing_else_is_behind_it(client: FlaskClient, path: str) -> None:
    response = client.get(f"/standards/{path}")
    assert response.status_code in (301, 308, 404)
    assert b"secret" not in response.data and b"root:" not in response.data


def test_without_it_there_is_no_link(releases: Path, tmp_path: Path) -> None:
    for folder in (None, tmp_path / "standards_site"):
        bare = create_portal(releases, load_catalogue(), folder).test_client()
        assert "/standards/" not in bare.get("/").get_data(as_text=True)
        assert bare.get("/standards/").status_code == 404
