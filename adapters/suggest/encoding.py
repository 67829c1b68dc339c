"""Which encoding a text is in; a guess, unless a byte order mark says it.

UTF-8 is strict enough to prove itself. GB 18030 and Big5 read almost any bytes as characters of
some kind, so what decides is whether the characters are those that people write: the share of
common ones, and the word of chardet where that is close.
"""

from __future__ import annotations

from dataclasses import dataclass

import chardet

from adapters.suggest.reason import Reason

_BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_ENOUGH = 64 << 10  # bytes that chardet is shown
_COMMON_LEAST = 0.25  # share of common characters below which a reading is noise
_BROKEN_MOST = 0.001  # share of characters that can't be read, in an export with faults

# The characters that official Chinese is mostly made of, in the two scripts.
_SIMPLIFIED = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能"
    "好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意"
    "进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海"
    "口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市区县省镇村路号企食品药店司司商限有营经范围注册资本金"
    "额法定代表登记机关日期类型统一社会信用称址业销售服务技术咨询批发零售许可处罚决定书检验抽样合格项目单位备注监督管理局州"
    "南江广湖福建京沪津渝浙苏川陕甘宁青云贵桂琼晋冀鲁豫辽吉黑皖元价格农林牧渔车房物流投诉举报案件执照编码员住农个体户有否是"
)
_TRADITIONAL = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天而能"
    "好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意"
    "進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海"
    "企食品藥店司商限營範圍註冊資金額代表登記關期類型統社信用稱址銷售服務技術批發零許處罰決書檢驗抽樣合格項單備監督管理局"
    "灣北縣區鄉鎮路號編碼員戶否"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is one of `adapters.text.ENCODING`; `text` the sample decoded."""

    name: str
    confidence: float
    reason: Reason
    text: str


def guess(data: bytes) -> Encoding | None:
    """The encoding of a text's first bytes; None where they are no text that the hub reads."""
    for mark, name in _BOMS.items():
        if data.startswith(mark):
            reason = Reason("有字节顺序标记", "it has a byte order mark")
            return Encoding(name, 1.0, reason, _text(data, name).removeprefix("\ufeff"))
    if b"\0" in data:
        return _sixteen(data)
    return _utf8(data) or _eastern(data)


def _text(data: bytes, name: str) -> str:
    """The characters of the lines that are complete."""
    return data.decode("utf-16" if name == "utf-16" else name, "ignore")


def _utf8(data: bytes) -> Encoding | None:
    whole = data
    for cut in range(4):  # the sample may end inside a character
        try:
            text = whole[: len(whole) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        if text.isascii():
            reason = Reason(
                "样本里只有 ASCII，后面若有汉字须再确认",
                "the sample is ASCII only; check it if Chinese follows",
            )
            return Encoding("utf-8", 0.8, reason, text)
        reason = Reason("样本逐字节符合 UTF-8", "every byte of the sample is UTF-8")
        return Encoding("utf-8", 0.99, reason, text)
    return None


def _sixteen(data: bytes) -> Encoding | None:
    """UTF-16 without a mark: half of the bytes of its ASCII characters are NUL."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if max(even, odd) < 0.05 * len(data) or min(even, odd) > 0.1 * max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = data[: len(data) // 2 * 2].decode(name, "ignore")
    if sum(not one.isprintable() and one not in "\r\n\t" for one in text) > 0.01 * len(text):
        return None
    return Encoding(name, 0.9, Reason("隔字节为零", "every other byte is zero"), text)


def _eastern(data: bytes) -> Encoding | None:
    """GB 18030 or Big5, whichever reads as what people write."""
    end = data.rfind(b"\n")
    lines = data[: end + 1] if end >= 0 else data
    voice = str(chardet.detect(lines[:_ENOUGH])["encoding"] or "").lower()
    found = [
        _read(lines, "gb18030", _SIMPLIFIED, voice in ("gb18030", "gbk", "gb2312")),
        _read(lines, "big5", _TRADITIONAL, voice.startswith("big5")),
    ]
    best = max((one for one in found if one), key=lambda one: one.confidence, default=None)
    return best if best is not None and best.confidence >= _COMMON_LEAST else None


def _read(data: bytes, name: str, common: str, voted: bool) -> Encoding | None:
    text = data.decode(name, "replace")
    broken = text.count("\ufffd") / max(len(text), 1)
    written = [one for one in text if one > "\u00ff"]
    if broken > _BROKEN_MOST or not written:
        return None
    known = frozenset(common)
    share = sum(one in known or "\u3000" <= one <= "\u303f" or one > "\uff00" for one in written)
    confidence = min(0.97, share / len(written) * 1.2 + (0.1 if voted else 0.0))
    told = f"{share / len(written):.0%}"
    agrees = ("，chardet 同此", ", and chardet agrees") if voted else ("", "")
    reason = Reason(
        f"不是 UTF-8；按此读出的字 {told} 是常用字{agrees[0]}",
        f"it isn't UTF-8, and {told} of the characters read so are common ones{agrees[1]}",
    )
    if broken:
        reason = Reason(reason.zh + "；有坏字节", reason.en + "; some bytes are broken")
    return Encoding(name, round(confidence, 2), reason, text)
