"""Pictures of every kind of page at two widths, for docs/images/portal/.

    python -m tests.pictures            all of them
    python -m tests.pictures home today

The portal is that of `hub demo`, after one record was withdrawn and everything published again.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome
from sqlalchemy import Engine

from hub import demo
from hub.progress import Silent
from hub.site import Site
from tests.reviewing import appoint, withdraw
from tests.services.browser import browser, show_at

FOLDER = Path(__file__).parent.parent / "docs" / "images" / "portal"
WIDTHS = {1280: 1500, 390: 1700}  # and the most of a page's height that is taken, in CSS pixels
COLOURS = 64
PENALTIES, FOOD = "administrative_penalty", "food_sampling_result"
BASE_URL = "https://data.example.cn"


def main(wanted: list[str]) -> None:
    """Make the pictures that are named, or all."""
    os.environ["HUB_PORTAL_BASE_URL"] = BASE_URL
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hub-pictures-") as folder:
        site, engine = demo.prepare(Path(folder) / "site")
        pages = _prepared(site, engine)
        with demo.serving(site) as url, browser() as driver:
            for name in wanted or pages:
                for width, most in WIDTHS.items():
                    _take(driver, url + pages[name], FOLDER / f"{name}-{width}.png", width, most)


def _prepared(site: Site, engine: Engine) -> dict[str, str]:
    """Two rounds of releases; returns name → address."""
    for path in (*demo.sample_feeds(site), *demo.example_feeds(site)):
        demo.run_feed(site, engine, path, Silent())
    demo.compute(site, engine, Silent())
    demo.approve_all(site, engine)
    demo.publish(site, engine, Silent())
    removed, *others = _records(site, PENALTIES, 1)
    appoint(engine, "wang")
    withdraw(engine, PENALTIES, "wang", removed["record_id"], code="decision_changed")
    demo.publish(site, engine, Silent())
    code = max(
        (one["uscc"] for one in others if one.get("uscc")),
        key=[one.get("uscc") for one in others].count,
    )
    of_it = next(one["record_id"] for one in others if one.get("uscc") == code)
    return _pages(code, of_it, removed["record_id"], others[0]["published_on"])


def _records(site: Site, dataset: str, number: int) -> list[dict[str, str]]:
    lines = (site.releases / dataset / str(number) / "records.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


def _pages(code: str, record: str, removed: str, day: str) -> dict[str, str]:
    penalties, food = f"/datasets/{PENALTIES}", f"/datasets/{FOOD}"
    return {
        "home": "/",
        "home-en": "/?lang=en",
        "search": "/search?q=食品",
        "search-company": f"/search?q={code.lower()}",
        "search-nothing": "/search?q=没有这家&dataset=market_entity",
        "company": f"/subjects/{code}",
        "today": "/today",
        "dataset": food,
        "table": f"{food}/table",
        "charts": f"{food}/charts",
        "record": f"{penalties}/records/{record}",
        "record-removed": f"{penalties}/records/{removed}",
        "release": f"{penalties}/releases/2/",
        "release-erased": f"{penalties}/releases/1/",
        "changes": f"{penalties}/changes/2",
        "as-of": f"{penalties}/as-of/{day}",
        "prices": "/prices",
        "complaints": "/complaints",
        "trace": "/trace?q=20260101A",
        "plan": "/plan",
        "plan-target": "/plan/e-trace",
        "retractions": "/retractions",
        "subscribe": f"/subscriptions/new?dataset={FOOD}",
        "programs": "/programs",
        "verification": "/verification",
        "filing": f"{penalties}/records/{record}/file?kind=objection",
        "about": "/about",
    }


def _take(driver: Chrome, address: str, target: Path, width: int, most: int) -> None:
    show_at(driver, width, 900)
    driver.delete_all_cookies()
    driver.get(address)
    height = int(driver.execute_script("return document.documentElement.scrollHeight"))
    show_at(driver, width, min(max(height, 500), most))
    taken = Image.open(BytesIO(driver.get_screenshot_as_png())).convert("RGB")
    few = taken.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
