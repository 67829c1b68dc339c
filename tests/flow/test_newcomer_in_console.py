"""A newcomer connects a feed, corrects a row, and two others let a penalty out; half a year later it is repaired.

All of it in the console and on the portal, in one real browser, against `hub serve` with its worker.
"""

from __future__ import annotations

import re
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from hub.audit import chain
from hub.audit.log import Wanted, entries
from hub.database import connect
from tests.flow.newcomer import (
    RECENT,
    Desk,
    hub,
    penalties_as_gbk,
    serving,
    until_gone,
    until_says,
)

DATASET = "administrative_penalty"
ROWS = 6
LATER = 200  # days: a fine may be repaired after six months in public
STAFF = {"wang": "submitter", "lin": "reviewer", "zhao": "approver", "zhou": "handler"}


def test_newcomer_from_the_sample_to_the_repair(tmp_path: Path, browser: Chrome) -> None:
    site = tmp_path / "site"
    hub(site, "init")
    begun = hub(
        site, "account", "begin", "--system", "chen", "--security", "huang", "--audit", "he"
    )
    with serving(site) as url:
        desk = Desk(browser, url)
        _people(desk, begun)
        right = _connects(desk, tmp_path)
        _corrects(desk, right)
        address = _reviews_and_approves(desk)
        number = _files_for_repair(desk, address)
    with serving(site, LATER) as url:
        later = Desk(browser, url, LATER * 86_400, secrets=desk.secrets, broken=desk.broken)
        _repairs(later, number, address.replace(desk.url, url))
    assert later.broken == {}
    with connect(f"sqlite:///{site}/hub.sqlite").connect() as connection:
        chain.verify(connection)
        acts = {one["act"] for one in entries(connection, Wanted(outcome="done"), 500)}
    assert {"account.make", "role.grant", "feed.declare", "quarantine.correct", "disclosure.review",
            "disclosure.approve", "filing.accept", "repair.decide"} <= acts  # fmt: skip


def _people(desk: Desk, begun: dict[str, object]) -> None:
    """The system administrator makes accounts, the security administrator gives them roles."""
    told = begun["invitations"]
    assert isinstance(told, dict)
    for person in ("chen", "huang"):
        desk.come(person, told[person])
    for person, role in STAFF.items():
        desk.be("chen")
        desk.open("/console/accounts")
        desk.fill(person=person, name=person.title(), department="market_regulation")
        desk.press("开通")
        invitation = desk.driver.find_element(By.CSS_SELECTOR, "code.invitation").text
        desk.be("huang")
        desk.open(f"/console/people/{person}")
        desk.fill(department="market_regulation", role=role)
        desk.press("授予")
        desk.come(person, invitation)


def _connects(desk: Desk, folder: Path) -> str:
    """The submitter hands a sample in, corrects the suggested declaration, looks, keeps and runs it."""
    sample, right = penalties_as_gbk(folder, ROWS)
    desk.be("wang")
    desk.shoot("workbench")
    desk.open("/console/connect")
    desk.fill(file=str(sample), dataset=f"market_regulation:{DATASET}")
    desk.press("上传")
    desk.shoot("connect")
    _complete(desk)
    desk.follow("预览")
    assert f"{ROWS}" in desk.text()
    desk.shoot("preview")
    desk.driver.back()
    desk.press("保存为数据源并将样本入账")
    until_says(desk, "接受", desk.driver.current_url)
    desk.shoot("run")
    return right


def _complete(desk: Desk) -> None:
    """What the suggestion didn't find, and a name."""
    desk.map("CF_NR_MSSD", "confiscated_income_wan")
    desk.map("CF_NR_MSCW", "confiscated_goods_wan")
    desk.fill(feed="newcomer_penalties", title="新人接入的行政处罚")
    desk.press("保存以上选择")


def _corrects(desk: Desk, right: str) -> None:
    desk.open("/console/quarantine/newcomer_penalties")
    desk.shoot("quarantine")
    wrong = desk.driver.find_element(By.CSS_SELECTOR, "input[aria-invalid='true']")
    wrong.clear()
    wrong.send_keys(right)
    desk.press("提交更正的行")
    until_says(desk, "1", desk.driver.current_url)
    until_says(desk, "没有", "/console/quarantine/newcomer_penalties")


def _reviews_and_approves(desk: Desk) -> str:
    """Two people, one record; the worker brings it out. Returns its address on the portal."""
    desk.be("lin")
    desk.open("/console/queues/review")
    desk.shoot("queue")
    row = desk.driver.find_element(By.XPATH, f"//tr[contains(., '〕{RECENT}号')]")
    link = row.find_element(By.CSS_SELECTOR, "a[href*='/records/']")
    desk.open(str(link.get_attribute("href")))
    record = re.search(rf"/records/{DATASET}/([^/?]+)", desk.driver.current_url)
    assert record is not None
    desk.fill(secrecy="1", privacy="1")
    desk.shoot("record")
    desk.press("审核通过，送批准")
    desk.be("zhao")
    desk.open(f"/console/records/{DATASET}/{record[1]}")
    desk.press("批准")
    public = f"{desk.url}/datasets/{DATASET}/records/{record[1]}"
    until_says(desk, "公示期至", public)
    return public


def _files_for_repair(desk: Desk, address: str) -> str:
    """The party applies on the portal; returns the number that it is given."""
    desk.open(f"{address}/file?kind=repair")
    desk.fill(
        party_name="样例企业", phone="13800138000", email="party@example.cn",
        statement="罚款已缴清，违法行为已改正，请求提前停止公示。",
        performed="yes", remedied="yes", promise="yes",
    )  # fmt: skip
    desk.press("提交")
    return desk.driver.find_element(By.CSS_SELECTOR, ".number-of-filing").text


def _repairs(desk: Desk, number: str, address: str) -> None:
    """The handler looks into it, the approver decides, and the record leaves the portal."""
    desk.sign_in("zhou")
    until_says(desk, "第 1 号申请", "/console/filings/queue/repair")
    desk.shoot("repairs")
    desk.follow("第 1 号申请")
    desk.press("受理")
    page = desk.driver.current_url
    for condition in ("performed", "remedied"):
        desk.fill(condition=condition, met="yes", note="已核对缴款凭证")
        desk.press("记录")
    desk.shoot("repair")
    desk.sign_in("zhao")
    desk.open(page)
    desk.fill(outcome="grant", text="经审查，准予信用修复，已停止公示。")
    desk.press("作出决定")
    until_says(desk, "准予信用修复", f"/filings/{number}")
    until_gone(address)
