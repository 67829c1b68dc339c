"""A stranger on the portal: every penalty against one company, as a file that opens in LibreOffice, a
proof that it is what was published, and word of what comes next. All in a browser, from the home page.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from hub.demo import serving
from hub.site import open_site
from publisher.subscribing import WishFolder
from tests.services.browser import browser, turning
from tests.services.needs import require

DATASET = "administrative_penalty"
WAIT = 30  # seconds for a download


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's site, as a newcomer makes it."""
    path = tmp_path_factory.mktemp("stranger") / "site"
    hub = str(Path(sys.executable).with_name("hub"))
    subprocess.run(
        [hub, "--site", str(path), "demo", "--no-serve", "--small"],
        check=True,
        capture_output=True,
    )
    return path


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Chrome]:
    with browser() as driver:
        told = {"behavior": "allow", "downloadPath": str(tmp_path)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", told)
        yield driver


def penalised(site: Path) -> tuple[str, str, int]:
    """The company with the most penalties: its code, its name, and how many they are."""
    lines = (site / f"releases/{DATASET}/1/records.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for record in map(json.loads, lines) if record.get("uscc")]
    code, count = Counter(record["uscc"] for record in records).most_common(1)[0]
    name = next(record["subject_name"] for record in records if record["uscc"] == code)
    return code, name, count


def follow(driver: Chrome, selector: str, words: str) -> None:
    """Click the link or button below `selector` that says `words`."""
    for one in driver.find_elements(By.CSS_SELECTOR, selector):
        if words in one.text:
            driver.execute_script(
                "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", one
            )
            one.click()
            return
    raise AssertionError(f"no {selector} says {words} on {driver.current_url}")


def downloaded(folder: Path, click: Callable[[], None], ending: str) -> Path:
    """The file that a click brings."""
    before = set(folder.iterdir())
    click()
    for _ in range(WAIT * 10):
        new = [path for path in folder.iterdir() if path not in before]
        if new and new[0].name.endswith(ending) and new[0].stat().st_size:
            return new[0]
        time.sleep(0.1)
    raise AssertionError(f"nothing was downloaded: {list(folder.iterdir())}")


def test_a_strangers_path(
    folder: Path, stranger: Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Letters need an address of the portal that the world can open, so without one nobody is asked.
    monkeypatch.setenv("HUB_PORTAL_BASE_URL", "https://data.example.cn")
    code, name, count = penalised(folder)
    with serving(open_site(folder)) as address:
        stranger.get(address)
        box = stranger.find_element(By.CSS_SELECTOR, "form[role=search] input[type=search]")
        box.send_keys(name[2:8])
        with turning(stranger):
            box.submit()
        assert name in stranger.find_element(By.TAG_NAME, "main").text
        with turning(stranger):
            follow(stranger, "main a", code)
        assert stranger.find_element(By.TAG_NAME, "h1").text == name
        with turning(stranger):
            follow(stranger, "ul.counted a", "行政处罚")
        assert len(stranger.find_elements(By.CSS_SELECTOR, ".timeline li")) == count

        table = downloaded(tmp_path, lambda: follow(stranger, "a.button", "CSV"), ".csv")
        check_table(table, tmp_path, code, count)

        whole = take_release(stranger, address, tmp_path)
        check_release(whole)

        stranger.get(f"{address}/subjects/{code}")
        with turning(stranger):
            follow(stranger, "#follow a", "邮件")
        stranger.find_element(By.ID, "email").send_keys("reader@example.cn")
        with turning(stranger):
            follow(stranger, "form.filing button", "订阅")
        assert "确认" in stranger.find_element(By.TAG_NAME, "main").text
        assert stranger.get_log("browser") == []
    wishes = WishFolder(open_site(folder).subscriptions)
    (number,) = wishes.waiting()
    wish = wishes.read(number)
    assert (wish.address, wish.topic.code) == ("reader@example.cn", code)


def check_table(table: Path, folder: Path, code: str, count: int) -> None:
    """LibreOffice opens the file and shows what it says."""
    require(["libreoffice-calc-nogui"])
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    # In a window it sees the BOM; without one the character set has to be told.
    reading = "--infilter=CSV:44,34,76,1"
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(folder), reading]
    options = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    subprocess.run([*command, options, str(table)], check=True, capture_output=True, timeout=180)
    sheet = openpyxl.load_workbook(folder / f"{table.stem}.xlsx").active
    assert sheet is not None
    shown = [[cell for cell in row if cell] for row in sheet.iter_rows(values_only=True)]
    assert len(shown) == len(rows) >= count + 1
    assert len(shown[0]) == len(rows[0])
    assert any(code in str(cell) for row in shown[1:] for cell in row)
    assert sum("行政处罚" in str(row) for row in shown[1:]) == count


def take_release(driver: Chrome, address: str, folder: Path) -> Path:
    """Every file of the current release, clicked one by one, under the names it has there."""
    driver.get(f"{address}/datasets/{DATASET}/releases/1/")
    whole = folder / "release"
    whole.mkdir()
    links = {
        str(link.get_attribute("href")).rpartition("/")[2]: link
        for link in driver.find_elements(By.CSS_SELECTOR, f"a[href*='/{DATASET}/releases/1/']")
        if "." in str(link.get_attribute("href")).rpartition("/")[2]
    }
    assert {"manifest.json", "manifest.sig", "verify.py", "records.csv", "delta.csv"} <= set(links)
    for name, link in links.items():
        if name.startswith("citation."):
            continue
        ending = name.rpartition(".")[2]
        found = downloaded(
            folder, lambda link=link: driver.execute_script("arguments[0].click()", link), ending
        )
        found.rename(whole / name)
    return whole


def check_release(whole: Path) -> None:
    """The verifier that lies beside the files finds them right, and one altered byte wrong."""
    command = [sys.executable, "-I", "verify.py"]
    done = subprocess.run(command, cwd=whole, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部相符" in done.stdout
    records = bytearray((whole / "records.csv").read_bytes())
    records[-5] ^= 1
    (whole / "records.csv").write_bytes(records)
    done = subprocess.run(command, cwd=whole, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "records.csv" in done.stdout
