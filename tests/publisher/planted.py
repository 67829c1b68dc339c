"""Invented texts: some with a private number, a plate or a home in them, most with what looks like it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from exchange_schemas.identifiers import reg_expected, resident_expected, uscc_expected

WIDE = str.maketrans(
    "0123456789XABCDEFGHJKLMNPQRSTUVWYZ-.@()",
    "０１２３４５６７８９ＸＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＳＴＵＶＷＹＺ－．＠（）",
)
BOLD = str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
FIELDS = ("facts", "content", "remark", "people")
ROADS = ("油城路", "官渡路", "光华南路", "中山路", "新湖街", "沿江大道", "人民北路")
TOWNS = ("茂名市茂南区", "高州市石鼓镇", "信宜市东镇街道", "化州市杨梅镇", "茂名市电白区水东镇")
ESTATES = ("碧桂园", "金山花园", "福田小区", "东湖苑", "某居民楼")
Dice = random.Random


@dataclass(frozen=True, slots=True)
class Planted:
    """`text` stands in a record's `field` with `value` at `start`."""

    kind: str
    disguise: str
    field: str
    text: str
    value: str
    start: int


def digits(dice: Dice, count: int) -> str:
    return "".join(dice.choices("0123456789", k=count))


def resident_id(dice: Dice) -> str:
    """A well-formed number of a person who doesn't exist."""
    day = f"{dice.randint(1930, 2020)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    body = dice.choice(["440981", "440902", "110105", "650102", "820000"]) + day + digits(dice, 3)
    return body + str(resident_expected(pl.Series([body + "0"]))[0])


def old_id(dice: Dice) -> str:
    number = resident_id(dice)
    return number[:6] + number[8:17]


def mobile(dice: Dice) -> str:
    return "1" + dice.choice("356789") + digits(dice, 9)


def local(dice: Dice) -> str:
    return dice.choice("2345678") + digits(dice, 6)


def card(dice: Dice, start: str, length: int) -> str:
    """A number with a right Luhn digit."""
    body = start + digits(dice, length - len(start) - 1)
    doubled = [int(d) * (2 if n % 2 == 0 else 1) for n, d in enumerate(reversed(body))]
    return body + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def plate(dice: Dice) -> str:
    return dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + digits(dice, 5)


def home(dice: Dice) -> str:
    flat = f"{dice.randint(1, 30)}栋{dice.randint(1, 4)}单元{dice.randint(101, 3304)}房"
    return f"{dice.choice(TOWNS)}{dice.choice(ROADS)}{dice.randint(1, 300)}号{dice.choice(ESTATES)}{flat}"


def village(dice: Dice) -> str:
    return f"{dice.choice(TOWNS)}{dice.choice('东西南北')}坡村{dice.randint(1, 300)}号"


def grouped(number: str, by: str, *sizes: int) -> str:
    parts = [number[sum(sizes[:n]) : sum(sizes[: n + 1])] for n in range(len(sizes))]
    return by.join([*parts, number[sum(sizes) :]]).rstrip(by)


def mail(dice: Dice) -> str:
    name = "".join(dice.choices("abcdefgxyz", k=6)) + digits(dice, 2)
    return f"{name}@{dice.choice(['example.com', 'mail.example.cn', 'qq.example.com'])}"


#: kind → disguise → (words before it, how it is written)
WAYS: dict[str, dict[str, tuple[tuple[str, ...], Callable[[Dice], str]]]] = {
    "resident_id": {
        "plain": (("身份证号码", "（", "，", " "), resident_id),
        "full-width": (("身份证：", "，"), lambda d: resident_id(d).translate(WIDE)),
        "spaces": (("身份证", "："), lambda d: grouped(resident_id(d), " ", 6, 8)),
        "every digit apart": (("身份证号", "，"), lambda d: " ".join(resident_id(d))),
        "hyphens": (("公民身份号码：", "（"), lambda d: grouped(resident_id(d), "-", 6, 8)),
        "invisible": (("身份证", "，"), lambda d: grouped(resident_id(d), "\u200b", 6, 4, 4)),
        "small x": (("证件号码", "，"), lambda d: resident_id(d).lower()),
        "15 digits": (("身份证号码", "，", "（"), old_id),
        "15 full-width": (("身份证", "："), lambda d: old_id(d).translate(WIDE)),
        "15 spaces": (("身份证：", "，"), lambda d: grouped(old_id(d), " ", 6, 6)),
    },
    "mobile": {
        "plain": (("电话", "，", "（", "、"), mobile),
        "full-width": (("手机：", "，"), lambda d: mobile(d).translate(WIDE)),
        "spaces": (("联系电话", "，"), lambda d: grouped(mobile(d), " ", 3, 4)),
        "hyphens": (("电话：", "，"), lambda d: grouped(mobile(d), "-", 3, 4)),
        "every digit apart": (("电话", "，"), lambda d: " ".join(mobile(d))),
        "+86": (("电话", "，"), lambda d: "+86 " + mobile(d)),
        "bold": (("电话", "，"), lambda d: mobile(d).translate(BOLD)),
        "dots": (("微信", "，"), lambda d: grouped(mobile(d), ".", 3, 4)),
    },
    "landline": {
        "hyphen": (("电话", "，"), lambda d: f"0668-{local(d)}"),
        "brackets": (("电话：", "，"), lambda d: f"（0668）{local(d)}"),
        "together": (("电话", "，"), lambda d: f"0668{local(d)}"),
        "extension": (("电话", "，"), lambda d: f"0668-{local(d)}转{d.randint(100, 999)}"),
        "full-width": (("电话：", "，"), lambda d: f"0668-{local(d)}".translate(WIDE)),
        "spaces": (("电话", "，"), lambda d: f"0668 {grouped(local(d), ' ', 3)}"),
        "eight digits": (("电话", "，"), lambda d: f"020-{local(d)}{d.randint(0, 9)}"),
    },
    "bank_card": {
        "plain": (("账号", "汇入", "，"), lambda d: card(d, "62", 19)),
        "spaces": (("卡号：", "，"), lambda d: grouped(card(d, "62", 16), " ", 4, 4, 4)),
        "hyphens": (("卡号", "，"), lambda d: grouped(card(d, "62", 19), "-", 4, 4, 4, 4)),
        "full-width": (("账户", "，"), lambda d: card(d, "62", 19).translate(WIDE)),
        "other issuer": (("信用卡", "卡号为", "银行账户："), lambda d: card(d, d.choice("45"), 16)),
        "other spaces": (("银行卡", "账号："), lambda d: grouped(card(d, "5", 16), " ", 4, 4, 4)),
    },
    "licence_plate": {
        "dot": (("车牌", "驾驶", "，"), lambda d: "粤" + grouped(plate(d), "·", 1)),
        "together": (("车牌号", "驾驶", "（"), lambda d: "粤" + plate(d)),
        "spaces": (("车牌号：", "，"), lambda d: f"粤 {grouped(plate(d), ' ', 1)}"),
        "full-width": (("车牌", "，"), lambda d: "粤" + plate(d).translate(WIDE)),
        "small letters": (("车牌", "，"), lambda d: "桂" + plate(d).lower()),
        "new energy": (("车牌", "，"), lambda d: f"粤{plate(d)[0]}D{digits(d, 5)}"),
        "trailer": (("车牌", "，"), lambda d: f"粤{plate(d)[:5]}挂"),
    },
    "email": {
        "plain": (("邮箱", "，", "（"), mail),
        "full-width": (("邮箱：", "，"), lambda d: mail(d).replace("@", "＠").replace(".", "．")),
        "spaces": (("邮箱：", "，"), lambda d: mail(d).replace("@", " @ ").replace(".", " . ")),
        "at": (("邮箱：", "，"), lambda d: mail(d).replace("@", "(at)")),
    },
    "home_address": {
        "told": (("住址：", "家住", "现住", "家庭住址为"), home),
        "village": (("住址：", "家住", "户籍所在地为", "居住在"), village),
        "of a person": (("当事人张某，男，1980年出生，住所：", "本人住所（住址）："), home),
        "dwelling": (("在", "送货至", "寄到", "，"), home),
        "full-width": (("住址：", "家住"), lambda d: home(d).translate(WIDE)),
        "spaces": (("住址：", "家住"), lambda d: home(d).replace("号", "号 ").replace("栋", "栋 ")),
        "in characters": (("家住", "在"), lambda d: f"{d.choice(TOWNS)}{d.choice(ROADS)}三号五栋二单元六室"),
    },
}  # fmt: skip


def uscc(dice: Dice) -> str:
    body = f"9{dice.choice('1239')}4409{dice.randint(0, 99):02}" + "".join(
        dice.choices("0123456789ABCDEFGHJKMNPQRTUWXY", k=9)
    )
    return body + str(uscc_expected(pl.Series([body + "0"]))[0])


def reg_no(dice: Dice) -> str:
    body = f"4409{dice.randint(0, 99):02}{dice.choice('0016')}{digits(dice, 7)}"
    return body + str(reg_expected(pl.Series([body + "0"]))[0])


def shop(dice: Dice) -> str:
    return f"{dice.choice(TOWNS)}{dice.choice(ROADS)}{dice.randint(1, 300)}号{dice.randint(1, 30)}栋{dice.randint(101, 999)}室"


#: What is public, or no private thing at all.
INNOCENT: tuple[Callable[[Dice], str], ...] = (
    lambda d: f"统一社会信用代码{uscc(d)}",
    lambda d: f"（{uscc(d)}）",
    lambda d: f"注册号：{reg_no(d)}",
    lambda d: f"营业执照号{reg_no(d)}",
    lambda d: f"茂市监罚〔{d.randint(2000, 2026)}〕{d.randint(1, 248413)}号",
    lambda d: f"粤茂高市监处罚〔{d.randint(2000, 2026)}〕{d.randint(1, 999)}号",
    lambda d: f"货值{d.randint(1, 10**9) / 100:,.2f}元，违法所得{d.randint(1, 10**7) / 100:.2f}元",
    lambda d: f"批号{d.randint(2015, 2026)}{d.randint(1, 12):02}{d.randint(1, 28):02}{digits(d, d.randint(1, 7))}",
    lambda d: f"生产批号：{digits(d, d.randint(6, 12))}",
    lambda d: f"条形码69{digits(d, 11)}",
    lambda d: f"商品条码 69{digits(d, 11)}",
    lambda d: f"{d.randint(2000, 2026)}-{d.randint(1, 12):02}-{d.randint(1, 28):02} {d.randint(0, 23):02}:{d.randint(0, 59):02}",
    lambda d: f"{d.randint(2000, 2026)}年{d.randint(1, 12)}月{d.randint(1, 28)}日至{d.randint(2000, 2026)}年12月31日",
    lambda d: f"订单号{mobile(d)}{digits(d, d.randint(1, 8))}",
    lambda d: f"订单号：{mobile(d)}",
    lambda d: f"运单 SF{mobile(d)}{digits(d, 2)}",
    lambda d: f"流水号{digits(d, d.choice([12, 20, 24, 28]))}",
    lambda d: f"发票号码{digits(d, d.choice([8, 20]))}",
    lambda d: f"许可证SC1{digits(d, 13)}、JY1{digits(d, 13)}",
    lambda d: f"第{mobile(d)}{digits(d, 3)}号检验报告",
    lambda d: f"报告编号 FHN{digits(d, 12)}",
    lambda d: f"执行标准GB/T {d.randint(1000, 39999)}-{d.randint(2000, 2024)}",
    lambda d: f"粤ICP备{digits(d, 8)}号，粤B2-{digits(d, 8)}",
    lambda d: f"国药准字Z{digits(d, 8)}，粤妆{digits(d, 8)}",
    lambda d: f"抽样基数{d.randint(1, 999)}箱，规格{d.randint(1, 999)}g×{d.randint(1, 48)}袋",
    lambda d: f"0.{digits(d, 10)}mg/kg",
    lambda d: f"经营场所：{shop(d)}",
    lambda d: f"当事人茂名市某某食品有限公司，住所：{shop(d)}",
    lambda d: f"店铺地址为{shop(d)}",
    lambda d: f"位于{shop(d)}的公司",
    lambda d: f"在{d.choice(TOWNS)}{d.choice(ROADS)}{d.randint(1, 300)}号经营",
    lambda d: f"现住{d.choice(['茂名市', '高州市', '化州市'])}",
    lambda d: f"居住环境整洁，入住登记齐全，厨房和药房各{d.randint(1, 9)}间，3号检验室",
)  # fmt: skip


def long_text(dice: Dice) -> str:
    sentence = "当事人销售的商品经检验不合格，其行为违反了有关规定，依法应当予以处罚。"
    return sentence * dice.choice([0, 0, 1, 3, 40])


def planted(dice: Dice, count: int) -> list[Planted]:
    """`count` of them: kinds, disguises and fields in turn, inside texts short and long."""
    ways = [(kind, disguise) for kind, known in WAYS.items() for disguise in known]
    made = []
    for n in range(count):
        kind, disguise = ways[n % len(ways)]
        words, write = WAYS[kind][disguise]
        before = f"{long_text(dice)}{innocent(dice)}。经查，{dice.choice(words)}"
        value = write(dice)
        text = f"{before}{value}。{innocent(dice)}{long_text(dice)}"
        made.append(Planted(kind, disguise, FIELDS[n // len(ways) % 4], text, value, len(before)))
    return made


def innocent(dice: Dice) -> str:
    """Two or three things that only look private."""
    return "，".join(one(dice) for one in dice.sample(INNOCENT, dice.randint(2, 3)))
