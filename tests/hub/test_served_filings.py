"""`hub serve` takes filings with their evidence into the site, and shows what the site answers."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from hub.site import create_site
from hub.web.server import create_application
from publisher.filings import DropFolder
from tests.hub.exchange_hub import listening
from tests.publisher.portal.conftest import ENTITIES, release

FORM = "/datasets/market_entity/records/e1/file?kind=correction"
LARGE = b"%PDF-" + b"0" * 3_000_000


def test_a_filing_with_large_evidence_reaches_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.filings.FREE_BYTES", 0)
    site = create_site(tmp_path / "site")
    release(site.releases, "market_entity", ENTITIES)
    written = {
        "party_name": "茂名荔乡食品有限公司",
        "phone": "0668-2270000",
        "statement": "住所写错了，应为茂名市电白区。",
    }
    with listening(create_application(site)) as url:
        files = {"evidence": ("营业执照.pdf", LARGE)}
        sent = httpx.post(url + FORM, data=written, files=files, timeout=60)
        assert sent.status_code == 303
        number = sent.headers["Location"].split("/")[2]
        assert "已收到" in httpx.get(f"{url}/filings/{number}", timeout=60).text
        folder = DropFolder(site.filings)
        assert folder.waiting() == [number]
        assert folder.evidence(number)[0].read_bytes() == LARGE
        answer = {"number": number, "kind": "correction", "dataset": "market_entity",
                  "state": "answered", "filed_on": "2026-11-29", "answer_zh": "已更正"}  # fmt: skip
        site.answers.mkdir()
        (site.answers / f"{number}.json").write_text(json.dumps(answer), encoding="utf-8")
        assert "已更正" in httpx.get(f"{url}/filings/{number}", timeout=60).text
