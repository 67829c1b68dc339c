"""The invented Maoming: its districts, authorities, people and businesses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from adapters.feeds.samples import invented_codes as codes
from adapters.feeds.samples.dice import Dice

# Divisions of GB/T 2260 with towns that only exist here.
DISTRICTS = {
    "440902": ("茂名市茂南区", "茂南区", ("荔晴街道", "云堤街道", "鹊桥镇")),
    "440904": ("茂名市电白区", "电白区", ("望鸥街道", "沙湾岭镇", "椰影镇")),
    "440981": ("高州市", "高州市", ("橘井街道", "龙眼坡镇", "石鼓坳镇")),
    "440982": ("化州市", "化州市", ("红橘街道", "罗江口镇", "竹排镇")),
    "440983": ("信宜市", "信宜市", ("玉都街道", "云开镇", "李洞镇")),
}
CITY = "440900"

_SURNAMES = tuple("陈李黄梁林吴张邓杨刘谢周何罗莫柯赖车")
_GIVEN = tuple("伟明芳海玲志强燕文辉丽国荣春秀建华冬梅永康雪晓东美兰子健思敏")
_MARKS = tuple("岭澄橘荔溪禾丰润南云鉴江晨星翠浪沙椰朗谷")
_FORMS = {"91": ("有限公司", "有限责任公司", "股份有限公司"), "93": ("专业合作社",)}

# Trade → what a company, a sole trader or a cooperative of it calls itself, and its industry.
TRADES = {
    "food": ("食品", "食品厂", ("C", "1469"), "食品生产；食品销售；初级农产品收购"),
    "fruit": ("果业", "水果店", ("F", "5223"), "水果种植、收购、加工、销售"),
    "aquatic": ("水产", "水产档", ("A", "0412"), "水产养殖；水产品冷藏、加工、销售"),
    "shop": ("商贸", "百货商店", ("F", "5212"), "百货、预包装食品、五金交电零售"),
    "catering": ("餐饮管理", "饭店", ("H", "6210"), "餐饮服务；食品销售"),
    "pharmacy": ("医药", "药店", ("F", "5251"), "药品、医疗器械零售"),
    "building": ("建材", "建材经营部", ("F", "5285"), "建筑材料、装饰材料销售"),
    "gas": ("燃气", "液化气站", ("D", "4511"), "燃气经营；燃气器具销售"),
    "software": ("信息科技", "电脑维修部", ("I", "6510"), "软件开发；信息系统集成服务"),
}
FOOD_TRADES = ("food", "fruit", "aquatic")


@dataclass(frozen=True, slots=True)
class Business:
    """A registered entity; `kind` is 91 company, 92 sole trader or 93 cooperative."""

    name: str
    kind: str
    trade: str
    division: str
    uscc: str | None
    reg_no: str
    person: str
    address: str

    @property
    def subject_type(self) -> str:
        """As the departments write it."""
        return "个体工商户" if self.kind == "92" else "法人及非法人组织"


@dataclass(frozen=True, slots=True)
class Authority:
    """An enforcement department and its credit code."""

    name: str
    mark: str
    uscc: str


def person(dice: Dice) -> str:
    """A name, put together by chance."""
    given = dice.pick(_GIVEN) + (dice.pick(_GIVEN) if dice.chance(0.8) else "")
    return dice.pick(_SURNAMES) + given


def address(dice: Dice, division: str) -> str:
    """A street that isn't there."""
    district, _, towns = DISTRICTS[division]
    street = dice.pick(_MARKS) + dice.pick(_MARKS) + dice.pick(("路", "街", "大道"))
    tail = dice.pick(("", "", "首层", "之一", "A座２０１房", "(1-3号铺)"))
    return f"{district}{dice.pick(towns)}{street}{dice.between(1, 299)}号{tail}"


@cache
def authorities() -> tuple[Authority, ...]:
    """The market regulators of the city and its districts, and three others."""
    market = [
        Authority("茂名市市场监督管理局", "茂市监", codes.office_code(CITY, 1)),
        *(
            Authority(f"{full}市场监督管理局", f"{short[:2]}市监", codes.office_code(division, 1))
            for division, (full, short, _) in DISTRICTS.items()
        ),
    ]
    others = (("农业农村局", "茂农"), ("卫生健康局", "茂卫"), ("城市管理和综合执法局", "茂城综"))
    return (
        *market,
        *(
            Authority(f"茂名市{name}", mark, codes.office_code(CITY, 2 + place))
            for place, (name, mark) in enumerate(others)
        ),
    )


def regulator(division: str) -> Authority:
    """The market regulator of a district."""
    place = list(DISTRICTS).index(division)
    return authorities()[1 + place]


@cache
def businesses(count: int = 395) -> tuple[Business, ...]:
    """The register; the first ones are those that other departments meet most often."""
    dice = Dice("maoming-businesses")
    return tuple(_business(dice, serial) for serial in range(1, count + 1))


def _business(dice: Dice, serial: int) -> Business:
    kind = dice.pick(("91", "91", "91", "91", "92", "92", "92", "93"))
    division = dice.pick(tuple(DISTRICTS))
    trade = dice.pick(FOOD_TRADES if serial <= 40 or kind == "93" else tuple(TRADES))
    who = person(dice)
    # Entities whose licence was revoked before 2015 were never given a credit code.
    old = serial > 60 and dice.chance(0.08)
    return Business(
        name=_name(dice, kind, trade, division, who),
        kind=kind,
        trade=trade,
        division=division,
        uscc=None if old else codes.company_code(kind, division, serial),
        reg_no=codes.reg_no(division, (60_000_000 if kind == "92" else 0) + serial),
        person=who,
        address=address(dice, division),
    )


def _name(dice: Dice, kind: str, trade: str, division: str, who: str) -> str:
    district, _, towns = DISTRICTS[division]
    mark = "".join(dice.pick(_MARKS) for _ in range(3))
    company, shop, _, _ = TRADES[trade]
    if kind == "92":
        return f"{district}{dice.pick(towns)}{dice.pick((mark, who))}{shop}"
    if kind == "93":
        return f"{district}{mark}{company}{dice.pick(_FORMS[kind])}"
    place = dice.pick((district, "茂名市", "广东"))
    return f"{place}{mark}{company}{dice.pick(_FORMS[kind])}"
