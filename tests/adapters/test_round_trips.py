"""convert(format(x)) = x: whatever is written in a form that a converter takes comes back whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.codes import load_codes
from exchange_schemas.identifiers import USCC_ALPHABET, uscc_check_digit
from tests.adapters.converting import convert

CHINA = timezone(timedelta(hours=8))
DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 30))
MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=CHINA)
)
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SMALL = settings(max_examples=40, deadline=None)


def back(name: str, texts: list[str], **options: Any) -> list[Any]:
    return convert(name, texts, options)


# --- days and times ------------------------------------------------------------------------------


def spoken(number: int) -> str:
    """1 to 99 in everyday characters."""
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else "零一二三四五六七八九"[tens]) + "十" if tens else ""
    return head + ("一二三四五六七八九"[ones - 1] if ones else "")


def chinese(day: date, zero: str) -> str:
    year = "".join((zero + "一二三四五六七八九")[int(digit)] for digit in f"{day.year}")
    return f"{year}年{spoken(day.month)}月{spoken(day.day)}日"


@SMALL
@given(DAYS)
def test_days_in_every_form(day: date) -> None:
    dashed = day.isoformat()
    texts = [
        dashed, f"{day:%Y/%m/%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", f"{day.year} 年 {day.month} 月 {day.day} 号",
        f"{day:%Y/%m/%d} 00:00:00", f"{dashed}T00:00:00+08:00", f"{day - timedelta(1)}T16:00:00Z",
        chinese(day, "〇"), chinese(day, "○"), chinese(day, "零"), chinese(day, "O"),
        f"{day.year}年{spoken(day.month)}月{day.day}日", f"{dashed} 星期三".translate(FULL_WIDTH),
        format_datetime(datetime(day.year, day.month, day.day, tzinfo=CHINA)),
    ]  # fmt: skip
    assert back("date", texts) == [dashed] * len(texts)
    assert back("date_excel", texts) == [dashed] * len(texts)


@SMALL
@given(st.dates(date(1900, 1, 1), date(9999, 12, 31)), st.integers(0, 86_399))
def test_numbers_of_days(day: date, second: int) -> None:
    first = date(1899, 12, 31) if day < date(1900, 3, 1) else date(1899, 12, 30)
    number = (day - first).days
    if 1900 <= number <= 2100 or 190001 <= number <= 210012:
        assert back("date_excel", [str(number)]) == [...]
        return
    assert back("date_excel", [f"{number}", f"{number}.0"]) == [day.isoformat()] * 2
    time = str(datetime(1, 1, 1) + timedelta(seconds=second))[11:]  # noqa: DTZ001
    cell = f"{number}.{format(second / 86_400, '.11f')[2:]}"
    assert back("datetime", [cell], serial=True) == [f"{day}T{time}+08:00"]


@SMALL
@given(st.integers(1000, 9998), st.integers(1, 12))
def test_months_have_a_first_and_a_last_day(year: int, month: int) -> None:
    first = date(year, month, 1)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    texts = [f"{year}-{month:02}", f"{year}年{month}月", f"{year}/{month}", f"{year}{month:02}",
             chinese(first, "〇").removesuffix("一日")]  # fmt: skip
    assert back("date", texts) == [...] * 5
    assert back("date", texts, day="first") == [first.isoformat()] * 5
    assert back("date", texts, day="last") == [last.isoformat()] * 5


@SMALL
@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_moments_in_every_form(moment: datetime, ahead: int) -> None:
    there, utc = moment.astimezone(timezone(timedelta(minutes=ahead))), moment.astimezone(UTC)
    day, half = (
        f"{moment.year}年{moment.month}月{moment.day}日",
        "上午" if moment.hour < 12 else "下午",
    )
    texts = [
        f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%Y/%m/%d %H:%M:%S}.000", f"{moment:%Y%m%d%H%M%S}",
        moment.isoformat(), there.isoformat(), there.isoformat(sep=" "), f"{utc:%Y-%m-%dT%H:%M:%S}Z",
        format_datetime(there), format_datetime(utc, usegmt=True),
        f"{day} {moment:%H:%M:%S}", f"{day}{moment.hour}时{moment.minute}分{moment.second}秒",
        f"{day} {half}{moment.hour % 12 or 12}:{moment:%M:%S}",
    ]  # fmt: skip
    assert back("datetime", texts) == [moment.isoformat()] * len(texts)


# --- amounts -------------------------------------------------------------------------------------

FEN = st.one_of(st.integers(0, 10**6), st.integers(0, 10**17))


def cheque(yuan: int) -> str:
    """As banks ask for it, digit by digit: 10050 → 壹万零伍拾."""
    if yuan == 0:
        return "零"
    places = ["", "拾", "佰", "仟"]
    large = ["", "万", "亿", "万"]
    out, pending = "", False
    text = str(yuan)
    for k, digit in enumerate(text):
        place = len(text) - 1 - k
        if digit == "0":
            pending = True
        else:
            out += (
                ("零" if pending and out else "")
                + "零壹贰叁肆伍陆柒捌玖"[int(digit)]
                + places[place % 4]
            )
            pending = False
        section = text[max(0, k - 3) : k + 1] if place % 4 == 0 else ""
        # a section of zeros has no unit, but 亿 stands behind whatever is above it
        if place and place % 4 == 0 and (int(section[-4:]) or place == 8):
            out += large[place // 4]
    return out


def plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@SMALL
@given(FEN)
def test_amounts_in_digits(fen: int) -> None:
    yuan = Decimal(fen) / 100
    in_yuan, in_wan = plain(yuan), plain(yuan / 10_000)
    texts = [f"{yuan:f}元", f"{yuan:,.2f}元", f"￥{yuan:,.2f}", f"人民币{yuan:f}元整", f"{in_wan}万元",
             f"RMB {yuan:f}", f"{in_wan}（万元人民币）".translate(FULL_WIDTH),
             f"{plain(yuan / 10**8)}亿元"]  # fmt: skip
    for name in ("amount_yuan", "amount_wan_to_yuan"):
        assert back(name, texts) == [in_yuan] * len(texts)
    for name in ("amount_wan", "amount_yuan_to_wan"):
        assert back(name, texts) == [in_wan] * len(texts)
    assert back("amount_yuan", [f"{yuan:f}"]) == back("amount_wan_to_yuan", [in_wan]) == [in_yuan]
    assert back("amount_wan", [in_wan]) == back("amount_yuan_to_wan", [f"{yuan:f}"]) == [in_wan]
    assert set(back("currency", texts)) == {"CNY"}


@SMALL
@given(FEN.filter(lambda fen: fen < 10**17))
def test_amounts_as_on_cheques(fen: int) -> None:
    yuan, coins = divmod(fen, 100)
    jiao, cent = divmod(coins, 10)
    digits = "零壹贰叁肆伍陆柒捌玖"
    tail = (f"{digits[jiao]}角" if jiao else "零" if cent else "") + (
        f"{digits[cent]}分" if cent else "整"
    )
    text = f"{cheque(yuan)}元{tail}"
    everyday = text.translate(
        str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千")
    )
    texts = [text, f"人民币{text}", everyday, f"（大写）{text}"]
    assert back("amount_yuan", texts) == [plain(Decimal(fen) / 100)] * 4
    assert set(back("currency", texts[:3])) == {"CNY"}


@SMALL
@given(st.decimals(-(10**12), 10**12, places=4), st.integers(-(2**63), 2**63 - 1))
def test_numbers(number: Decimal, whole: int) -> None:
    assert back("decimal", [f"{number:f}", f"{number:,f}"]) == [plain(number) or "0"] * 2
    assert back("integer", [f"{whole}", f"{whole:,}", f"{whole}.0"]) == [whole] * 3


# --- codes, names, lists -------------------------------------------------------------------------

CODES = st.text(USCC_ALPHABET, min_size=17, max_size=17).map(
    lambda body: body + uscc_check_digit(body)
)


@SMALL
@given(CODES)
def test_codes(code: str) -> None:
    texts = [
        code,
        code.lower(),
        code.translate(FULL_WIDTH),
        f" {code[:8]}-{code[8:17]}-{code[17:]} ",
    ]
    assert back("uscc", texts) == [code] * 4
    assert back("org_code", [f"{code[:8]}-{code[8]}"]) == [code[:9]]


@SMALL
@given(st.integers(1900, 2099), st.integers(1, 99_999), st.sampled_from(
    ["〔〕", "【】", "（）", "()", "[]", "〖〗", "﹝﹞", "［］"]))  # fmt: skip
def test_document_numbers(year: int, number: int, brackets: str) -> None:
    text = f"茂市监处罚{brackets[0]}{year}{brackets[1]}{number}号"
    normal = f"茂市监处罚〔{year}〕{number}号"
    assert (
        back("doc_no", [text, text.translate(FULL_WIDTH), f" {text[:5]} {text[5:]}"])
        == [normal] * 3
    )


def test_divisions_that_ever_were() -> None:
    for code, rows in load_codes("divisions").periods.items():
        for row in rows:
            day = (row.valid_to or row.valid_from or date(2023, 1, 1)).isoformat()
            city = "" if code.endswith("00") else "茂名市"
            texts = [(code, day), (row.title, day), (f"{city}{row.title}", day),
                     (f"广东省 {city}{row.title}某街道1号", day), (f"{code}001", day)]  # fmt: skip
            assert back("division", texts)[:4] == [code] * 4  # type: ignore[arg-type]
            assert back("division", texts, digits=6) == [code] * 5  # type: ignore[arg-type]


PARTS = st.lists(st.text("菌落总数1.2×,、 ()a", min_size=1, max_size=6).map(str.strip).filter(bool),
                 min_size=1, max_size=5)  # fmt: skip


@SMALL
@given(PARTS, st.sampled_from([";", "；", "\n", "║", "‖", "|", "｜", "丨", "||"]))
def test_lists_and_their_parts(parts: list[str], mark: str) -> None:
    assert back("split", [mark.join(parts)]) == [parts]
    assert back("split", ["--".join(parts)], separators=["--"]) == [parts]
    if mark not in ";；\n":
        for number, part in enumerate(parts, 1):
            assert back("part", [mark.join(parts)], number=number) == [part]
            assert back("part", [mark.join(parts)], number=number - len(parts) - 1) == [part]
