"""A console over a site with the shipped sample feeds, run once, and files that departments hand in."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from adapters.feeds.samples.invented_codes import company_code
from hub.feeds import copy_samples
from hub.work import work_now
from hub.worker import Worker
from tests.console.console_site import Browser, Staff, make_staff

REGISTER = "sample_registration"
HEALTH = "health"

TOWN = """feed: town_register
title: {zh: 某镇登记, en: Town register}
standard: market_entity
source: {kind: upload}
format: {kind: csv, encoding: gb18030}
mode: snapshot
fields:
  subject_name: 企业名称
  uscc: 统一社会信用代码
  subject_type: {from: 统一社会信用代码, convert: subject_type}
  entity_type: {value: 个体工商户}
  reg_authority: {value: 某市市场监督管理局}
  established_on: 成立日期
"""


def sampled(folder: Path, database_url: str | None = None, *feeds: str) -> Staff:
    """A console; the sample feeds named have been run once."""
    staff = make_staff(folder, database_url)
    copy_samples(staff.site.feeds)
    for name in feeds:
        work_now(staff.site, staff.engine, "feed_run", {"feed": name})
    return staff


def register(*numbers: int, wrong: int = 0) -> bytes:
    """A town's export of companies, GB 18030; of the first `wrong` the day of foundation is none."""
    lines = ["企业名称,统一社会信用代码,成立日期"]
    for place, number in enumerate(numbers):
        day = "2013年13月5日" if place < wrong else "2020-05-06"
        lines.append(f"某镇{number}号商行,{company_code('92', '440902', number)},{day}")
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")


def declare(staff: Staff, text: str, name: str = "town_register") -> None:
    """Put a declaration into the site, as whoever runs the hub does."""
    (staff.site.feeds / f"{name}.yml").write_text(text, encoding="utf-8")


def do_queued(staff: Staff) -> int:
    """What a worker does with the jobs that wait."""
    return Worker(staff.site, staff.engine, 1, scheduling=False).run_once()


def hand_in(browser: Browser, path: str, content: bytes, name: str, **form: Any) -> TestResponse:
    """Send a form with a file."""
    return browser.post(path, {"file": (BytesIO(content), name), **form})
