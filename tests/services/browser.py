"""A real Chromium without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.services.needs import require

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # Chromium's sandbox refuses root, and the pages are our own
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-component-update",  # and nothing else that would ask the network
    "--disable-background-networking",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


@contextmanager
def browser(width: int = 1280, height: int = 900) -> Iterator[Chrome]:
    """A Chromium whose page is `width` × `height` CSS pixels; raises NeedMissing."""
    require(["chromium", "chromium-driver", "fonts-noto-cjk"])
    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in ARGUMENTS:
        options.add_argument(argument)
    driver = Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    try:
        show_at(driver, width, height)
        yield driver
    finally:
        driver.quit()


def show_at(driver: Chrome, width: int, height: int) -> None:
    """Gives the page this many CSS pixels: a window can't be as narrow as a phone."""
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


@contextmanager
def turning(driver: Chrome, seconds: float = 60) -> Iterator[None]:
    """Do something that leads to another page, and go on when that page is whole.

    A click returns before the browser has left the page, so what is looked for next may be found on
    the old page, or on neither.
    """
    before = driver.find_element(By.TAG_NAME, "html").id

    def arrived(page: Chrome) -> bool:
        other = page.find_element(By.TAG_NAME, "html").id != before
        return other and page.execute_script("return document.readyState") == "complete"

    yield
    waiting = WebDriverWait(driver, seconds, 0.05, ignored_exceptions=[WebDriverException])
    waiting.until(arrived, f"the page is still the one before: {driver.current_url}")
