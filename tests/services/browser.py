"""A real Chromium without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

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
