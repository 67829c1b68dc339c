"""The register as a business system of 2013 exports it: CSV in GB18030 with CRLF."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from adapters.feeds.samples import invented_codes as codes
from adapters.feeds.samples import town
from adapters.feeds.samples.dice import Dice
from adapters.feeds.samples.town import Business

HEADER = (
    "注册号", "统一社会信用代码", "企业(机构)名称", "企业(机构)类型", "法定代表人(负责人)",
    "注册资本(金)", "成立日期", "核准日期", "经营期限至", "登记状态", "住所(经营场所)",
    "所属辖区", "登记机关", "行业门类", "行业代码", "经营(业务)范围", "联系电话", "打印标记",
)  # fmt: skip

_TYPES = {
    "91": ("有限责任公司(自然人独资)", "有限责任公司(自然人投资或控股)", "股份有限公司(非上市)"),
    "92": ("个体工商户",),
    "93": ("农民专业合作社",),
}
_APPROVAL = "(依法须经批准的项目，经相关部门批准后方可开展经营活动)"
_RARE_NAME = "李𬱖"  # four bytes in GB18030, none at all in GBK


def file() -> bytes:
    """The whole export: header and 400 rows."""
    lines = [",".join(_cell(text) for text in row) for row in (HEADER, *_rows())]
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")


def _cell(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if {",", '"'} & set(text) else text


def _rows() -> Iterator[tuple[str, ...]]:
    """Good rows with the bad ones between them, so that no bad row stands at an edge."""
    dice = Dice("maoming-registration")
    bad = dict(zip((57, 131, 204, 268, 333), _bad_rows(dice), strict=True))
    for place, business in enumerate(town.businesses()):
        if place in bad:
            yield bad[place]
        yield tuple(_row(dice, business).values())


def _row(dice: Dice, business: Business) -> dict[str, str]:
    established = _established(dice, business)
    _, district, _ = town.DISTRICTS[business.division]
    _, _, (section, industry), scope = town.TRADES[business.trade]
    cells = (
        business.reg_no,
        business.uscc or "N/A",
        business.name,
        dice.pick(_TYPES[business.kind]),
        _RARE_NAME if business.name == town.businesses()[7].name else business.person,
        _capital(dice, business),
        _slashed(established),
        _slashed(dice.day(established, date(2026, 9, 30))) if dice.chance(0.9) else "N/A",
        _until(dice, established),
        _state(dice, business),
        business.address,
        district,
        town.regulator(business.division).name,
        section,
        industry,
        scope + (_APPROVAL if dice.chance(0.5) else ""),
        f"0668-0{dice.between(0, 999999):06d}",  # no local number starts with 0
        dice.pick(("Y", "N")),
    )
    return dict(zip(HEADER, cells, strict=True))


def _established(dice: Dice, business: Business) -> date:
    first, last = (1993, 2009) if business.uscc is None else (1996, 2025)
    return dice.day(date(first, 1, 1), date(last, 12, 31))


def _slashed(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"


def _until(dice: Dice, established: date) -> str:
    if dice.chance(0.7):
        return dice.pick(("长期", "9999/9/9", "2099/12/31"))
    return f"{established.year + dice.pick((20, 30, 50))}/{established.month}/1"


def _state(dice: Dice, business: Business) -> str:
    if business.uscc is None:
        return "吊销未注销"
    return dice.pick(("存续", "存续", "存续", "存续", "开业", "在业", "注销", "迁出"))


def _capital(dice: Dice, business: Business) -> str:
    if business.kind == "92":
        return dice.pick(("N/A", "N/A", "1万元", "5万元人民币", "20000元"))
    amount = dice.pick((30, 50, 100, 200, 500, 1000, 3000, 12000))
    forms = (
        f"{amount:,}(万元人民币)",
        f"{amount}万人民币",
        f"{amount}.000000万元",
        f"{amount:,}(万美元)" if amount >= 1000 else f"{amount}万人民币",
    )
    return dice.pick(forms)


def _bad_rows(dice: Dice) -> Iterator[tuple[str, ...]]:
    """A wrong check digit, nine fields, a day and an amount that can't be read, a repeated key."""
    shop = Dice("maoming-bad-registrations")
    one, two, three, four = (_stranger(dice, serial) for serial in range(9001, 9005))
    one["统一社会信用代码"] = codes.broken(one["统一社会信用代码"])
    three["成立日期"] = "2013年13月5日"
    four["注册资本(金)"] = "3,0000000万元"
    again = _row(shop, town.businesses()[12])
    yield tuple(one.values())
    yield tuple(two.values())[:9]
    yield tuple(three.values())
    yield tuple(four.values())
    yield tuple({**again, "住所(经营场所)": "住所变更登记中"}.values())


def _stranger(dice: Dice, serial: int) -> dict[str, str]:
    """A row of a company that is in no other file."""
    business = Business(
        name=f"茂名市验错{serial}商贸有限公司",
        kind="91",
        trade="shop",
        division="440902",
        uscc=codes.company_code("91", "440902", serial),
        reg_no=codes.reg_no("440902", serial),
        person=town.person(dice),
        address=town.address(dice, "440902"),
    )
    return _row(dice, business)
