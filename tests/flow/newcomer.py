"""People at one browser, as a newcomer meets them: each has a telephone with codes and a session of their own."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import httpx
from pyotp import TOTP
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from exchange_schemas.days import today
from tests.services.axe import violations
from tests.services.browser import turning

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]
RECENT = 333  # number of the document of the third penalty, which is of these days
PASSWORD = "ships in the old harbour 7"
SHOTS = "HUB_SHOTS"  # the folder into which pictures for docs/ are taken, if any


@dataclass
class Desk:
    """The one browser. `people` has each person's cookies; `offset` is how far the server's clock is ahead."""

    driver: Chrome
    url: str
    offset: float = 0.0
    people: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    broken: dict[str, list[str]] = field(default_factory=dict)

    # --- reading and doing ---------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Open a page of the site, and have axe look at it."""
        self.driver.get(path if path.startswith("http") else self.url + path)
        self.look()

    def look(self) -> None:
        """What the page breaks of WCAG 2.2 AA is kept, by its address."""
        found = violations(self.driver)
        if found:
            self.broken[self.driver.current_url] = found

    def text(self) -> str:
        """The words of the page."""
        return self.driver.find_element(By.TAG_NAME, "main").text

    def fill(self, **values: str) -> None:
        """Type into fields by their names; of a list, choose the value."""
        for name, value in values.items():
            one = self.driver.find_element(By.NAME, name)
            if one.tag_name == "select":
                Select(one).select_by_value(value)
            elif one.get_attribute("type") in ("checkbox", "radio"):
                box = self.driver.find_element(
                    By.CSS_SELECTOR, f"[name='{name}'][value='{value}']"
                )
                self._bring(box)
                box.send_keys(Keys.SPACE)
            else:
                if one.get_attribute("type") != "file":
                    one.clear()
                one.send_keys(value)

    def map(self, column: str, target: str) -> None:
        """Choose the field that a source column becomes."""
        path = f"//tr[th[normalize-space(.)='{column}']]//select[starts-with(@name, 'field-')]"
        Select(self.driver.find_element(By.XPATH, path)).select_by_value(target)

    def press(self, words: str) -> None:
        """Press the button with these words, and go where it leads.

        By the keyboard: on a busy machine a list that was chosen from may still be open, and takes a click.
        """
        button = self.find("button", words)
        self._bring(button)
        with turning(self.driver):
            button.send_keys(Keys.ENTER)
        self.look()

    def follow(self, words: str) -> None:
        """Follow the link with these words."""
        link = self.find("a", words)
        with turning(self.driver):
            link.send_keys(Keys.ENTER)
        self.look()

    def find(self, tag: str, words: str) -> WebElement:
        """The first element of the page's main part with these words in it."""
        path = f"//main//{tag}[contains(normalize-space(.), '{words}')]"
        return self.driver.find_element(By.XPATH, path)

    def _bring(self, one: WebElement) -> None:
        self.driver.execute_script(
            "arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", one
        )

    def shoot(self, name: str) -> None:
        """Take a picture of the page for docs/, where that is asked for."""
        folder = os.environ.get(SHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))

    # --- people --------------------------------------------------------------------------------

    def come(self, person: str, invitation: str) -> None:
        """Choose a password by the invitation, set up codes, and be in."""
        self.driver.delete_all_cookies()
        self.open(invitation)
        self.fill(password=PASSWORD, again=PASSWORD)
        self.press("设置密码")
        self.sign_in(person)

    def sign_in(self, person: str) -> None:
        """Name, password and code."""
        self.driver.delete_all_cookies()
        self.open("/console/sign-in")
        self.fill(person=person, password=PASSWORD)
        self.press("登录")
        if person not in self.secrets:
            self.secrets[person] = self.driver.find_element(By.CSS_SELECTOR, "code.key").text
            self.shoot("codes")
        code = TOTP(self.secrets[person]).at(time.time() + self.offset)
        self.fill(code=code)
        self.press("确认")
        self.people[person] = self.driver.get_cookies()

    def be(self, person: str) -> None:
        """Sit down as somebody who is signed in already."""
        self.driver.get(self.url + "/console/static/console.css")
        self.driver.delete_all_cookies()
        for cookie in self.people[person]:
            self.driver.add_cookie(cookie)
        self.open("/console/")


def until_says(desk: Desk, words: str, path: str, seconds: float = 90) -> None:
    """Look at a page again and again until it has these words."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        desk.driver.get(path if path.startswith("http") else desk.url + path)
        if words in desk.driver.find_element(By.TAG_NAME, "body").text:
            desk.look()
            return
        time.sleep(0.5)
    raise AssertionError(f"{path} doesn't say {words}: {desk.text()[:2000]}")


def until_gone(address: str, seconds: float = 60) -> None:
    """Ask for a page until it isn't public any more."""
    deadline = time.monotonic() + seconds
    while (status := httpx.get(address).status_code) not in (404, 410):
        assert time.monotonic() < deadline, status
        time.sleep(0.5)


@contextmanager
def serving(site: Path, ahead_days: int = 0) -> Iterator[str]:
    """`hub serve` of a site with its worker, by a clock that is some days ahead; yields its address."""
    environment = {**os.environ, "HUB_PORTAL_RATE": "0"}
    command = [*COMMAND, "--site", str(site), "serve", "--port", "0", "--json"]
    if ahead_days:
        environment["PYTHONPATH"] = str(_clock_ahead(site.parent / "clock", ahead_days))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        told = ""
        while not told.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, "the server ended"
            told += line
        yield json.loads(told)["portal"].rstrip("/")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def _clock_ahead(folder: Path, days: int) -> Path:
    """A folder that sets the clock of every Python that has it on its path ahead."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "from datetime import UTC, datetime, timedelta\n"
        "import time_machine\n"
        f"time_machine.travel(datetime.now(UTC) + timedelta(days={days}), tick=True).start()\n"
    )
    return folder


def hub(site: Path, *arguments: str) -> dict[str, object]:
    """A command's result."""
    command = [*COMMAND, "--site", str(site), *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def penalties_as_gbk(folder: Path, rows: int) -> tuple[Path, str]:
    """The sample penalties as an export in GBK, with a wrong check digit in the second row; also what the
    wrong credit code should have been."""
    told = json.loads(files("adapters").joinpath("feeds/samples/penalties.json").read_bytes())
    found = [one for one in told["data"]["rows"] if one["CF_XDR_LB"] == "法人及非法人组织"][:rows]
    right = str(found[1]["CF_XDR_SHXYM"])
    found[1] = {**found[1], "CF_XDR_SHXYM": right[:-1] + ("0" if right[-1] != "0" else "1")}
    day = today() - timedelta(days=5)
    recent = {"CF_JDRQ": f"{day:%Y/%m/%d}", "SDRQ": f"{day:%Y/%m/%d}"}
    found[2] = {**found[2], **recent, "CF_WSH": f"茂市监处罚〔{day.year}〕{RECENT}号"}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(found[0]), lineterminator="\r\n")
    writer.writeheader()
    for one in found:
        cells = {n: ";".join(v) if isinstance(v, list) else v for n, v in one.items()}
        writer.writerow(cells)
    path = folder / "行政处罚.csv"
    path.write_bytes(text.getvalue().encode("gb18030"))
    return path, right
