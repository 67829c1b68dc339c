"""Food sampling results as bureaus publish them: a UTF-8 table with untidy cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.feeds.samples import town
from adapters.feeds.samples.dice import Dice
from adapters.feeds.samples.town import Business

COUNT = 300
HEADER = (
    "序号", "抽样编号", "标称生产企业名称", "标称生产企业统一社会信用代码", "标称生产企业地址",
    "被抽样单位名称", "被抽样单位统一社会信用代码", "被抽样单位地址", "被抽样单位所在县", "食品名称",
    "规格型号", "商标", "生产日期/批号", "分类", "环节", "检验项目", "检验结果", "单位", "标准值",
    "判定", "抽样日期", "任务来源", "检验机构", "公告号", "公告日期", "备注",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A tested item with results that fail and the limit; one cell holds all of the results."""

    name: str
    failing: str
    unit: str
    limit: str


@dataclass(frozen=True, slots=True)
class Product:
    """What is sampled, with the items that it may fail."""

    name: str
    category: str
    items: tuple[Item, ...]


_BENZOATE = Item("苯甲酸及其钠盐（以苯甲酸计）", "1.32", "g/kg", "≤1.0")
_COLONIES = Item(
    "菌落总数", "3.1×10⁵;2.8×10⁵;1.9×10⁵;4.4×10⁵；3.6×10⁵", "CFU/g", "n=5,c=2,m=10⁴,M=10⁵"
)
_COLIFORMS = Item("大肠菌群", "210;＜10;160;350;90", "CFU/g", "n=5，c=2，m=10，M=10²")
_CADMIUM = Item("镉（以Cd计）", "0.71", "mg/kg", "≤0.5")
_ENROFLOXACIN = Item("恩诺沙星（以恩诺沙星与环丙沙星之和计）", "212", "μg/kg", "≤100")
_CHLORPYRIFOS = Item("毒死蜱", "0.094", "mg/kg", "≤0.02")
_SULPHITE = Item("二氧化硫残留量", "0.48;0.51", "g/kg", "≤0.2")

PRODUCTS = (
    Product("化橘红蜜饯", "水果制品-->蜜饯", (_BENZOATE, _SULPHITE)),
    Product("荔枝干", "水果制品-->水果干制品", (_SULPHITE, _COLONIES)),
    Product("米粉（河粉）", "粮食加工品-->其他粮食加工品", (_BENZOATE, _COLIFORMS)),
    Product("罗非鱼", "食用农产品-->水产品", (_ENROFLOXACIN,)),
    Product("对虾（活）", "食用农产品-->水产品", (_CADMIUM, _ENROFLOXACIN)),
    Product("信宜怀乡鸡（熟）", "肉制品-->酱卤肉制品", (_COLONIES, _COLIFORMS)),
    Product("香蕉", "食用农产品-->水果类", (_CHLORPYRIFOS,)),
    Product("腐竹", "豆制品-->非发酵性豆制品", (_BENZOATE,)),
)
_LABS = ("茂名样例检验检测中心", "广东云堤检测技术有限公司")


def file() -> bytes:
    """The whole table: header and 300 rows."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_rows())
    return target.getvalue().encode()


def _rows() -> Iterator[tuple[str, ...]]:
    dice = Dice("maoming-food")
    food = [business for business in town.businesses() if business.trade in town.FOOD_TRADES]
    shops = [one for one in town.businesses() if one.trade in ("shop", "catering", "fruit")]
    for number in range(1, COUNT + 1):
        row = _row(dice, number, dice.early(food), dice.pick(shops))
        _spoil(row, number)
        yield tuple(row.values())


def _spoil(row: dict[str, str], number: int) -> None:
    """Three rows that must be rejected."""
    match number:
        case 45:
            row["判定"] = "待复检"
        case 141:
            row["检验项目"], row["判定"] = "/", "不合格"
        case 222:
            row["公告日期"] = "2026年二月"


def _row(dice: Dice, number: int, maker: Business, shop: Business) -> dict[str, str]:
    product = dice.pick(PRODUCTS)
    farmed = product.category.startswith("食用农产品")
    sampled = dice.day(date(2025, 1, 6), date(2026, 8, 31))
    announced = sampled + timedelta(days=dice.between(30, 60))
    own = not farmed and dice.chance(0.2)
    place = maker if own else shop
    cells = (
        str(number),
        f"XBJ{sampled:%y}{place.division}{number:05d}",
        *(("/", "/", "/") if farmed else _maker(dice, maker)),
        _ragged(dice, place.name),
        place.uscc or "/",
        place.address,
        town.DISTRICTS[place.division][1],
        _ragged(dice, product.name),
        dice.pick(("/", "500克/袋", "散装称重", "2.5kg/箱", "250g×12")),
        dice.pick(("/", "/", "图形商标", "橘井坡", "云堤")),
        _batch(dice, sampled, farmed),
        product.category,
        "生产" if own else ("餐饮" if place.trade == "catering" else "流通"),
        *_finding(dice, product),
        f"{sampled:%Y-%m-%d}",
        "茂名市/市级抽检",
        dice.pick(_LABS),
        f"{announced.year}年第{announced.isocalendar().week}期",
        f"{announced:%Y-%m-%d}",
        dice.pick(("", "/", "", "样品由被抽样单位确认 ")),
    )
    return dict(zip(HEADER, cells, strict=True))


def _maker(dice: Dice, maker: Business) -> tuple[str, str, str]:
    return _ragged(dice, maker.name), maker.uscc or "/", maker.address


def _ragged(dice: Dice, text: str) -> str:
    return text + dice.pick(("", "", " ", "  "))


def _batch(dice: Dice, sampled: date, farmed: bool) -> str:
    made = sampled - timedelta(days=dice.between(1, 90))
    if farmed:
        return dice.pick(("/", f"购进日期：{made:%Y-%m-%d}"))
    return dice.pick(
        (f"{made:%Y-%m-%d}", f"{made:%Y%m%d}/A{dice.between(1, 9)}", f"{made:%Y.%m.%d}")
    )


def _finding(dice: Dice, product: Product) -> tuple[str, str, str, str, str]:
    if not dice.chance(0.085):
        return "/", "/", "/", "/", "合格"
    item = dice.pick(product.items)
    return item.name, item.failing, item.unit, item.limit, "不合格"
