"""axe-core, which checks a page in a browser against WCAG.

It comes from PyPI inside a package for Playwright, which the tests don't use: so the package is put,
without what it asks for, into a folder of its own beside other temporary things.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from tests.services.installed import installed_once

WHEEL = "axe-playwright-python==0.1.8"  # axe-core 4.12.1
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def violations(driver: Chrome, extra: tuple[str, ...] = ()) -> list[str]:
    """What the page that is shown breaks of levels A and AA of WCAG 2.2: rule, impact, places.

    `extra` are more of axe's tags. The script is injected by the driver, past the page's own policy.
    """
    driver.execute_script(_script())
    found: dict[str, Any] = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then(done, done);",
        [*TAGS, *extra],
    )
    return [
        f"{one['id']} ({one['impact']}): {' | '.join(node['html'][:200] for node in one['nodes'][:3])}"
        for one in found["violations"]
    ]


@cache
def _script() -> str:
    [path] = _installed().glob("axe_playwright_python/axe.min.js")
    return path.read_text(encoding="utf-8")


def _installed() -> Path:
    return installed_once(f"axe-{WHEEL.rpartition('=')[2]}", _install)


def _install(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--target", str(folder), WHEEL], check=True)
