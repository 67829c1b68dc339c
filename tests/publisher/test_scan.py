"""The scan for private data: finds what was left in, and is quiet about what only looks like it."""

import json
import random

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.identifiers import resident_expected
from exchange_schemas.issue import ISSUE_COLUMNS, issues_of
from exchange_schemas.standard import SHOWN_KINDS
from publisher.recognisers import RECOGNISERS
from publisher.scan import private_hits
from tests.publisher.samples import field, standard

TEXTS = standard(
    field("facts", "违法事实"),
    field("people", "人员", "list"),
    field("uscc", "信用代码", schema={"format": "uscc"}),
    field("reg_no", "注册号", schema={"format": "reg-no"}),
    field("fine", "罚款", "decimal", schema={"format": "decimal"}),
    field("day", "日期", "date", schema={"format": "date"}),
)


@pytest.mark.parametrize(("field", "value"), [
    ("domicile", "茂名市茂南区油城三路88号大院2单元601户"), ("domicile", "茂名市油城路，电话13812348000"),
])  # fmt: skip
def test_what_a_field_is_for_is_no_hit_in_it(field: str, value: str) -> None:
    """A company's address is a fact of the register, whatever house it is in; a telephone in it isn't."""
    view = pl.DataFrame({field: [value]})
    hits = private_hits(load_catalogue().get("market_entity"), view)
    kinds = [json.loads(one)["kind"] for one in hits["params"]]
    assert kinds == (["mobile"] if "电话" in value else [])


def test_only_what_is_recognised_may_be_shown() -> None:
    assert set(SHOWN_KINDS) < RECOGNISERS.keys()
    assert not {"resident_id", "bank_card", "licence_plate"} & set(SHOWN_KINDS)


def resident_id(random_: random.Random) -> str:
    """A well-formed number of a person who doesn't exist."""
    division = random_.choice(["440981", "440902", "110105", "650102", "820000"])
    day = f"{random_.randint(1930, 2020)}{random_.randint(1, 12):02}{random_.randint(1, 28):02}"
    body = f"{division}{day}{random_.randint(0, 999):03}"
    return body + resident_expected(pl.Series([body + "0"]))[0]


def hits(text: str) -> list[str]:
    found = private_hits(TEXTS, pl.DataFrame({"facts": [text]}))
    return sorted({issue.params["kind"] for issue in issues_of(found)})


KNOWN = resident_id(random.Random(1))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (KNOWN, ["resident_id"]), (f"当事人身份证号码{KNOWN}，住高州", ["resident_id"]),
        (f"{KNOWN[:6]} {KNOWN[6:14]} {KNOWN[14:]}", ["resident_id"]),
        (f"{KNOWN[:6]}-{KNOWN[6:14]}-{KNOWN[14:]}", ["resident_id"]),
        (" ".join(KNOWN), ["resident_id"]), ("120110681231276", ["resident_id"]),
        (KNOWN.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")), ["resident_id"]),
        ("１２０１１０６８１２３１２７６", ["resident_id"]), (f"{KNOWN};13800138000", ["mobile", "resident_id"]),
        (f"1 {KNOWN}", ["resident_id"]), (f"金额1,000元{KNOWN}元", ["resident_id"]),
        ("电话13800138000", ["mobile"]), ("138 0013 8000", ["mobile"]), ("138-0013-8000", ["mobile"]),
        ("+86 13800138000", ["mobile"]), ("8613800138000", ["mobile"]), ("1 3 8 0 0 1 3 8 0 0 0", ["mobile"]),
        ("13800138000、13900139000", ["mobile"]), ("12345678901,13800138000", ["mobile"]),
        ("0668-2812345", ["landline"]), ("（0668）2812345", ["landline"]), ("06682812345", ["landline"]),
        ("020-38888888", ["landline"]), ("6222 0200 1111 2222 333", ["bank_card"]), ("6222020011112222334", []), ("6228480402564890018", ["bank_card"]),
        ("０６６８－２８１２３４５转８０１", ["landline"]), ("0668 281 2345", ["landline"]), ("+86 138 0013 8000", ["mobile"]),
        ("卡号：4111 1111 1111 1111", ["bank_card"]), ("账户5500000000000004", ["bank_card"]), ("信用卡4111-1111-1111-1111", ["bank_card"]),
        ("粤K·12345", ["licence_plate"]), ("粤 K 12345", ["licence_plate"]), ("粤Ｋ１２３４５", ["licence_plate"]), ("粤KD12345", ["licence_plate"]),
        ("粤K12345D", ["licence_plate"]), ("粤K1234学", ["licence_plate"]), ("a.b-c@example.com.cn", ["email"]), ("ａ＠ｂ．ｃｎ", ["email"]),
        ("x (at) example . com", ["email"]), ("住址：高州市石鼓镇石鼓村12号", ["home_address"]), ("家住茂名市油城路1号3栋201室", ["home_address"]),
        ("当事人张某，女，住所：高州市中山路3号2单元301室", ["home_address"]), ("在茂名市茂南区某居民楼2栋301房查获", ["home_address"]),
        ("当事人户籍所在地为化州市杨梅镇某村3组", ["home_address"]), (f"第12号，{KNOWN}", ["resident_id"]), ("𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", ["mobile"]),
    ],
)  # fmt: skip
def test_what_is_found(text: str, kinds: list[str]) -> None:
    assert hits(text) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "", "茂市监罚〔2023〕12号", "广东省茂名市茂南区油城路1号大院3栋201室", "91440902194921018Q",
        "914409021949210181", "440900000000008", "440902600000016", "2023-05-06 2023-05-07", "1,234,567.89元",
        KNOWN[:-1] + ("0" if KNOWN[-1] != "0" else "1"), "440981" + "19901301" + "1234",
        "SC10244098100123", "批号20230506001", "GC21440900000123456", "6901234567892", "XC13800138000123",
        "编号138001380001", "第13021300015号", "19-101.201.301.401号", "1-55-111-3012-1", "国用（2008）第0658000003号",
        "GB/T 2760-2014", "0.0123456789", "2021030113800138000", "公司住所：高州市石鼓镇石鼓村12号",
        "4111111111111111", "订单5500000000000004", "粤B2-20090059", "粤ICP备12345678号", "粤妆20160001", "@某某", "a@b",
        "经营场所：茂名市茂南区油城路1号3栋201室", "当事人某某有限公司，住所：高州市石鼓镇3栋201室", "现住茂名市", "居住环境整洁",
        "广东省茂名市茂南区油城路1号3栋201室、202室（一照多址）", "店铺在茂名市油城路1号3栋201室", "注册号：440902681231276",
        "订单号：13800138000", "3号检验室", "位于茂名市油城路1号3栋201室的公司", "1 3 8 0 0 1 3 8 0 0 0 1 2",
    ],
)  # fmt: skip
def test_what_only_looks_like_it(text: str) -> None:
    assert hits(text) == []


def test_where_it_was_found_without_saying_it_again() -> None:
    view = pl.DataFrame(
        {
            "facts": ["无", f"身份证{KNOWN}"],
            "people": [["张某", "13800138000"], None],
            "_line": [3, 9],
        }
    )
    found = private_hits(TEXTS, view)
    assert dict(found.schema) == ISSUE_COLUMNS
    assert found.select("line", "field", "code").rows() == [
        (9, "facts", "private_found"), (3, "people", "private_found"),
    ]  # fmt: skip
    text = " ".join(issue.message() for issue in issues_of(found))
    assert KNOWN not in text
    assert "13800138000" not in text


def test_the_place_is_that_in_the_text_as_shown() -> None:
    facts = f"㎡½ 电话：１３８００１３８０００，身份证{KNOWN}，又13900139000。"
    view = pl.DataFrame({"facts": [facts], "people": [["张某", "李某13800138000"]]})
    places = [
        (
            issue.field,
            issue.params["kind"],
            int(issue.params["start"]),
            int(issue.params["length"]),
        )
        for issue in issues_of(private_hits(TEXTS, view))
    ]
    shown = {"facts": facts, "people": "张某；李某13800138000"}
    assert [(kind, shown[name or ""][start:start + length]) for name, kind, start, length in places] == [
        ("resident_id", KNOWN), ("mobile", "１３８００１３８０００"), ("mobile", "13900139000"),
        ("mobile", "13800138000"),
    ]  # fmt: skip


def test_fields_with_a_checked_form_are_left_out() -> None:
    view = pl.DataFrame({"uscc": [KNOWN], "reg_no": ["120110681231276"], "fine": ["13800138000"]})
    assert private_hits(TEXTS, view).is_empty()


def test_an_empty_view_has_no_hits() -> None:
    empty = pl.DataFrame(schema={name: f.dtype for name, f in TEXTS.fields.items()})
    assert dict(private_hits(TEXTS, empty).schema) == ISSUE_COLUMNS


def test_recall_and_false_alarms_on_ten_thousand_texts() -> None:
    """S22: 500 planted numbers, at least 99 % found; at most 1 % of the others reported."""
    random_ = random.Random(440900)
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")

    def filler() -> str:
        parts = [
            f"当事人于{random_.randint(2000, 2024)}年{random_.randint(1, 12)}月销售不合格产品",
            f"货值{random_.randint(1, 10**7) / 100:,.2f}元",
            f"批号{random_.randint(10**7, 10**9)}",
            f"文号茂市监罚〔{random_.randint(2000, 2024)}〕{random_.randint(1, 999)}号",
            f"注册号{random_.randint(10**14, 10**15 - 1)}",
            f"统一社会信用代码9144090{random_.randint(10**9, 10**10 - 1)}Q",
            f"经营场所高州市{random_.randint(1, 300)}号{random_.randint(1, 30)}栋{random_.randint(101, 3304)}",
        ]
        return "，".join(random_.sample(parts, 4)) + "。"

    def planted() -> str:
        number = resident_id(random_) if random_.random() < 0.6 else f"1{random_.choice('3578')}"
        number += "" if len(number) == 18 else f"{random_.randint(0, 10**9 - 1):09}"
        spaced = f"{number[:6]} {number[6:14]} {number[14:]}" if len(number) == 18 else number
        written = random_.choice([number, number.translate(wide), spaced, " ".join(number)])
        return (
            filler() + random_.choice(["身份证", "电话：", "（", " "]) + written + "。" + filler()
        )

    texts = [planted() if n < 500 else filler() for n in range(10_000)]
    view = pl.DataFrame({"facts": texts, "_line": range(10_000)})
    lines = set(private_hits(TEXTS, view)["line"])
    assert len([line for line in lines if line < 500]) >= 495
    assert len([line for line in lines if line >= 500]) <= 95
