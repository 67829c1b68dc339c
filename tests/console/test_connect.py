"""Connecting a feed in the console: from a sample to records, and nothing beyond one's own."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from adapters.declaration import load_feed
from exchange_schemas.errors import Misdeclared, Refused
from hub import uploads
from hub.audit.log import Wanted, entries
from hub.database import write
from hub.feed_saving import prepare, put
from hub.tables import run
from hub.work import work_now
from tests.console.console_site import OWN, Browser, Staff, make_staff, text_of
from tests.console.feed_site import HEALTH, TOWN, declare, do_queued, hand_in, register, sampled

DATASET = f"{OWN}:market_entity"


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return make_staff(tmp_path, database_url)


@pytest.fixture
def embedded(tmp_path: Path) -> Staff:
    return make_staff(tmp_path)


def drafted(person: Browser, content: bytes = register(1, 2, 3, wrong=1), name: str = "登记.csv",
            dataset: str = DATASET) -> str:  # fmt: skip
    """The path of the page of a new draft."""
    answer = hand_in(person, "/connect", content, name, dataset=dataset)
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"].removeprefix("/console")


def text_in(person: Browser, draft: str) -> str:
    """The declaration so far."""
    page = person.get(draft).get_data(as_text=True)
    found = re.search(r'<textarea class="code"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1].replace("&#39;", "'").replace("&#34;", '"')


def test_from_a_sample_to_records(staff: Staff) -> None:
    wang = staff.person("wang", "submitter")
    begun = hand_in(wang, "/connect", register(1, 2, 3, wrong=1), "登记 2026.csv")
    choose = begun.headers["Location"].removeprefix("/console")
    assert "商事主体登记信息 3 2/2" in text_of(wang.get(choose))
    draft = wang.post(choose, {"dataset": DATASET}).headers["Location"].removeprefix("/console")
    told = text_of(wang.get(draft))
    assert "某镇1号商行" in told and "声明没有问题" in told
    form = {"feed": "town_register", "title": "某镇登记", "mode": "snapshot", "every": "weekly"}
    assert wang.post(f"{draft}/columns", form).status_code == 303
    preview = text_of(wang.get(f"{draft}/preview"))
    assert "检查的行 3 将被接受 2 将被拒绝 1" in preview and "2013年13月5日：不是日期" in preview
    saved = wang.post(f"{draft}/save", {"run": "1"})
    assert saved.status_code == 303
    do_queued(staff)
    assert "3 2 1 2 0 0 0" in text_of(wang.get(saved.headers["Location"].removeprefix("/console")))
    feed = load_feed(staff.site.feeds / "console" / "town_register.yml")
    assert (feed.mode, feed.every, feed.source.kind) == ("snapshot", "weekly", "upload")
    assert feed.format.encoding == "gb18030"
    with staff.engine.connect() as connection:
        assert connection.scalar(select(run.c.actor)) == "wang"
        noted = entries(connection, Wanted(act="feed.declare", outcome="done"))
        assert {one["details"]["feed"] for one in noted} == {"town_register"}
    assert "town_register" in text_of(wang.get("/feeds"))


def test_columns_are_chosen_from_lists(embedded: Staff) -> None:
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    choice = {
        "field-0": "domicile",
        "convert-0": "",
        "field-2": "established_on",
        "convert-2": "date_open",
    }
    assert wang.post(f"{draft}/columns", choice).status_code == 303
    text = text_in(wang, draft)
    assert "domicile: 企业名称" in text and "{from: 成立日期, convert: date_open}" in text
    assert "缺少" in text_of(wang.get(draft)) or "企业名称" in text_of(wang.get(draft))
    page = wang.get(draft).get_data(as_text=True)
    assert 'name="value-subject_name"' in page  # required, and no column gives it
    wang.post(
        f"{draft}/columns", {"value-subject_name": "某商行", "field-0": "", "field-1": "uscc"}
    )
    text = text_in(wang, draft)
    assert "subject_name: {value: 某商行}" in text and "ignore:\n  企业名称:" in text
    both = wang.post(
        f"{draft}/columns", {"field-0": "established_on", "field-2": "established_on"}
    )
    assert both.status_code == 400 and "企业名称" in text_of(both) and "成立日期" in text_of(both)
    assert wang.post(f"{draft}/columns", {"field-0": "no_such_field"}).status_code == 303
    assert "no_such_field" not in text_in(wang, draft)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("feed: [", "第 1 行"),
        ("a: 1\nb: 2\na: 3", "第 3 行"),
        (TOWN.replace("mode: snapshot", "mode: sometimes"), "第 6 行，mode"),
        (TOWN.replace("  uscc: 统一社会信用代码", "  uscc: {from: 统一社会信用代码, colour: red}"), "第 9 行，fields.uscc"),
        ("a: &x [1]\nb: *x", "引用"),
        ("a: " + "[" * 200 + "]" * 200, "嵌套"),
        ("x: 2026-99-99", "读不懂"),
        ("? [1, 2]\n: x", "读不懂"),
        ("1: x", "读不懂"),
        ('a: "\\ud800"', "读不懂"),
        ("", "feed"),
        ("- a", "feed"),
        (TOWN + "#" + "x" * 200_001, "字符"),
    ],
)  # fmt: skip
def test_text_that_is_wrong_is_shown_again_with_its_line(
    embedded: Staff, text: str, told: str
) -> None:
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    before = text_in(wang, draft)
    answer = wang.post(f"{draft}/text", {"text": text})
    assert answer.status_code == 400, text_of(answer)
    assert told in text_of(answer) or told == "feed"
    assert text_in(wang, draft) == before


CONFINED = {
    "file": ("source: {kind: file, path: ../../keys/private.pem}", "file"),
    "glob": ("source: {kind: file, path: /etc/pass*}", "file"),
    "sqlite": ("source: {kind: sql, url: 'sqlite:////etc/passwd', query: select 1}", "sql"),
    "program": ("source: {kind: singer, command: [/bin/sh], stream: x}", "singer"),
    "secret": ("source: {kind: http, url: 'https://example.org/?${HUB_DATABASE_URL}'}", "HUB_DATABASE_URL"),
    "half a secret": ("source: {kind: http, url: 'https://example.org/?${HUB_DATABASE_URL'}", "HUB_DATABASE"),
    "secret of a header": (
        "source: {kind: http, url: 'https://example.org/', headers: {x: '${HOME}'}}", "HOME"),
    "name of an internal feed": ("feed: inside\nsource: {kind: http, url: 'http://10.0.0.1/'}", "inside"),
}  # fmt: skip


@pytest.mark.parametrize("what", CONFINED)
def test_feed_of_the_console_is_confined(
    embedded: Staff, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", "other,inside")
    monkeypatch.setenv("HUB_DATABASE_URL_X", "secret")
    lines, named = CONFINED[what]
    *feed, source = lines.split("\n")
    text = TOWN.replace("source: {kind: upload}", source)
    text = text.replace("feed: town_register", feed[0]) if feed else text
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    kept = wang.post(f"{draft}/text", {"text": text})
    assert kept.status_code == 303, text_of(kept)
    saved = wang.post(f"{draft}/save")
    assert (saved.status_code, named in text_of(saved)) == (409, True)
    assert not (embedded.site.feeds / "console").exists()
    wang.get(f"{draft}/preview")  # asks the sample, and nothing else
    # … and where such a file came to stand there in another way, it isn't run
    place = embedded.site.feeds / "console" / "x.yml"
    place.parent.mkdir()
    place.write_text(text, encoding="utf-8")
    with pytest.raises(Misdeclared) as error:
        work_now(embedded.site, embedded.engine, "feed_run", {"feed": str(place)})
    assert error.value.issue.code in (
        "feed_source_closed", "feed_secret_closed", "feed_internal_closed", "feed_invalid",
        "secret_missing", "secret_in_file",
    )  # fmt: skip


def test_address_inside_is_refused_when_it_is_asked(embedded: Staff) -> None:
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    text = TOWN.replace("{kind: upload}", "{kind: http, url: 'http://127.0.0.1:1/x.csv'}")
    wang.post(f"{draft}/text", {"text": text})
    assert wang.post(f"{draft}/save").status_code == 303
    asked = wang.post("/feeds/town_register/preview")
    assert (asked.status_code, "127.0.0.1" in text_of(asked)) == (400, True)


def test_only_ones_own_department_and_datasets(embedded: Staff) -> None:
    xu = embedded.person("xu", "submitter", department=HEALTH)
    assert f'value="{HEALTH}:administrative_penalty"' in xu.get("/connect").get_data(as_text=True)
    for dataset in (f"{HEALTH}:market_entity", DATASET, "x", ""):
        answer = hand_in(xu, "/connect", register(1), "a.csv", dataset=dataset)
        assert answer.status_code == (409 if dataset else 303), dataset
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    wang.post(f"{draft}/text", {"text": TOWN.replace("mode:", "department: health\nmode:")})
    assert "不是 health 的提交人" in text_of(wang.post(f"{draft}/save"))
    both = embedded.person("both", "submitter", department=HEALTH)
    draft = drafted(both, dataset=f"{HEALTH}:administrative_penalty")
    both.post(f"{draft}/text", {"text": TOWN.replace("mode:", "department: health\nmode:")})
    assert "health 不是数据集 market_entity 的交付部门" in text_of(both.post(f"{draft}/save"))
    for role in ("reviewer", "approver", "handler"):
        assert embedded.person(role, role).get("/connect").status_code == 403


def test_no_other_feed_is_overwritten(tmp_path: Path) -> None:
    staff = sampled(tmp_path, None)
    declare(staff, TOWN)
    wang = staff.person("wang", "submitter")
    draft = drafted(wang)
    for name in ("town_register", "sample_registration"):  # whoever runs the hub declared them
        wang.post(f"{draft}/columns", {"feed": name})
        assert "已被使用过" in text_of(wang.post(f"{draft}/save"))
    wang.post(f"{draft}/columns", {"feed": "mine"})
    assert wang.post(f"{draft}/save").status_code == 303
    wang.post(f"{draft}/columns", {"title": "另一个标题"})
    assert wang.post(f"{draft}/save").status_code == 303  # one's own, again
    assert load_feed(staff.site.feeds / "console/mine.yml").title["zh"] == "另一个标题"
    with write(staff.engine) as connection:
        text = text_in(wang, draft).replace("standard: market_entity", "standard: x")
        with pytest.raises(Misdeclared):
            prepare(connection, staff.site, staff.site.catalogue(), text, {OWN})
    (staff.site.feeds / "console/mine.yml").write_text("feed: [", encoding="utf-8")
    assert "已被使用过" in text_of(wang.post(f"{draft}/save"))  # nobody knows whose it is


def test_name_with_records_behind_it_isnt_given_again(embedded: Staff) -> None:
    declare(embedded, TOWN)
    file = embedded.site.path / "a.csv"
    file.write_bytes(register(1))
    work_now(
        embedded.site, embedded.engine, "feed_run", {"feed": "town_register", "file": str(file)}
    )
    (embedded.site.feeds / "town_register.yml").unlink()
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    wang.post(f"{draft}/text", {"text": TOWN})
    assert wang.post(f"{draft}/save").status_code == 409


def test_of_two_at_once_one_is_told(embedded: Staff) -> None:
    catalogue = embedded.site.catalogue()
    with write(embedded.engine) as connection:
        first, second = (
            prepare(connection, embedded.site, catalogue, TOWN, {OWN}) for _ in range(2)
        )
    put(first)
    with pytest.raises(Refused) as error:
        put(second)
    assert error.value.issue.code == "feed_name_taken"
    assert [p.name for p in (embedded.site.feeds / "console").iterdir()] == ["town_register.yml"]


def test_draft_is_its_persons_alone_and_survives(embedded: Staff) -> None:
    wang, li = embedded.person("wang", "submitter"), embedded.person("li", "submitter")
    draft = drafted(wang)
    assert "登记.csv" in text_of(wang.get("/connect")) and "登记.csv" not in text_of(
        li.get("/connect")
    )
    for path in (
        draft,
        f"{draft}/preview",
        f"{draft}/dataset",
        "/connect/..",
        "/connect/" + "0" * 32,
    ):
        assert li.get(path).status_code == 404, path
    for act in ("columns", "text", "save", "discard", "dataset"):
        assert li.post(f"{draft}/{act}", {"text": TOWN}).status_code == 404, act
    assert wang.get(draft).status_code == 200
    assert wang.post(f"{draft}/discard").status_code == 303
    assert wang.get(draft).status_code == 404 and uploads.of_person(embedded.site, "wang") == []


@pytest.mark.parametrize("name", ["样本.xlsx", "sample.json", "x.csv", "nothing.bin"])
def test_samples_of_several_kinds(embedded: Staff, name: str) -> None:
    wang = embedded.person("wang", "submitter")
    rows = [["序号", "内容"], ["1", "甲"], ["2", "乙"]]  # nothing that the dataset knows
    content = {
        "样本.xlsx": _workbook(
            [["某镇登记表"], *[["企业名称", "成立日期"], ["甲商行", "2020-01-02"]]]
        ),
        "sample.json": '{"data": [{"企业名称": "甲商行", "成立日期": "2020-01-02"}]}'.encode(),
        "x.csv": "\n".join(",".join(row) for row in rows).encode(),
        "nothing.bin": bytes(range(256)) * 8,
    }[name]
    answer = hand_in(wang, "/connect", content, name, dataset=DATASET)
    if name == "nothing.bin":
        assert answer.status_code == 400 and "nothing.bin" in text_of(answer)
        return
    draft = answer.headers["Location"].removeprefix("/console")
    told = text_of(wang.get(draft))
    assert ("内容" if name == "x.csv" else "甲商行") in told
    assert wang.get(f"{draft}/preview").status_code == 200
    if name == "x.csv":  # no column was recognised: each is chosen
        wang.post(f"{draft}/columns", {"field-0": "reg_no", "field-1": "subject_name"})
        assert "subject_name: 内容" in text_in(wang, draft)


def _workbook(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook

    book, content = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def test_nothing_is_queued_for_what_wasnt_saved(embedded: Staff) -> None:
    wang = embedded.person("wang", "submitter")
    draft = drafted(wang)
    wang.post(f"{draft}/text", {"text": TOWN.replace("  established_on: 成立日期\n", "")})
    assert wang.post(f"{draft}/save", {"run": "1"}).status_code == 409
    assert do_queued(embedded) == 0
    with embedded.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(run)) == 0
        assert entries(connection, Wanted(act="feed.declare", outcome="refused"))
