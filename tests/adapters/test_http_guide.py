"""What `docs/connect/http.md` says can be declared, is named as it says, and can be run."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from adapters.artefact import Store
from adapters.http_auth import AUTH
from adapters.pull import pull, read
from adapters.source_api import ApiSource
from adapters.source_ckan import CkanSource
from adapters.source_http import HttpSource
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.kinds_of_http import HTTP_KINDS
from tests.adapters.conftest import Desk
from tests.services.http_server import Asked, Said, http_server
from tests.source_tree import ROOT

PAGE = (ROOT / "docs/connect/http.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
PERMITS = next(one for one in EXAMPLES if one.get("feed") == "permit_interface")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["source"]["kind"])
def test_an_example(desk: Desk, example: dict[str, Any]) -> None:
    feed = desk.declare(**example)
    assert {*feed.fields} <= {*load_catalogue().get(feed.standard).fields}


def test_every_kind_has_an_example() -> None:
    assert {one["source"]["kind"] for one in EXAMPLES} == {"http", "api", "ckan"}


def test_every_message_is_explained() -> None:
    assert [code for code in HTTP_KINDS if f"`{code}`" not in PAGE] == []


@pytest.mark.parametrize("source", [HttpSource, ApiSource, CkanSource])
def test_every_option_is_explained(source: type[HttpSource | ApiSource | CkanSource]) -> None:
    paging = [one["properties"] for one in ApiSource.options["properties"]["paging"]["oneOf"]]
    login = [one["properties"] for one in AUTH["oneOf"]]
    names = {*source.options["properties"], *(name for one in [*paging, *login] for name in one)}
    assert [name for name in names if f"`{name}`" not in PAGE and f"`{name}:" not in PAGE] == []


def test_the_interface_of_the_example(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands there, but for the host: log in, page on, log in again, and go on from there."""
    monkeypatch.setenv("PERMITS_PASSWORD", "geheim-123")
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", PERMITS["feed"])
    rows = [{"name": f"公司{n}", "creditCode": f"{n}", "updateTime": f"2026-01-0{n + 1} 08:00:00"}
            for n in range(5)]  # fmt: skip
    refused = iter([False, True, False, False])

    def answer(asked: Asked) -> Said:
        if asked.headers.get("token") != "t0ken" or next(refused):
            return Said(b"403:login timeout", 403)
        page = json.loads(asked.body)["page"]["number"]
        data = {"list": rows[(page - 1) * 3 :][:3], "count": len(rows)}
        return Said(json.dumps({"data": data}).encode())

    with http_server() as web:
        text = yaml.safe_dump(PERMITS).replace("https://api.example.gov.cn", web.url)
        feed = desk.declare(**yaml.safe_load(text.replace("pause: 0.5", "pause: 0")))
        web.say("/v1/login", '{"data": {"token": "t0ken"}}')
        web.answers["/v1/permits"] = answer
        given = pull(feed, Store(desk.folder / "raw"))
    names = [name for batch in read(feed, given.artefact) for name in batch.rows["name"]]
    assert names == [row["name"] for row in rows]
    assert given.cursor == "2026-01-05 08:00:00"
    assert [one.path for one in web.asked].count("/v1/login") == 2
    assert json.loads(web.asked[1].body)["query"]["updatedFrom"] == "2020-01-01 00:00:00"
    assert not [part for part in given.parts if "t0ken" in str(part) or "geheim" in str(part)]
