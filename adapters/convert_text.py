"""Converters for names, codes and words that stand for others."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.converter import TEXT, Converted, Converter, Example, Options, Words

# Characters between which a line break was put by the page, not by the writer: Chinese has no
# spaces that the break could stand for. Ideographs, Chinese punctuation, full-width forms.
_CJK = r"[\p{Han}\u3000-\u303F\uFF00-\uFFEF]"
_BREAK = r"[ \u3000]*[\t-\r\u2028\u2029]+[ \u3000]*"


def text(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """The text on one line: a break between two Chinese characters goes, any other is one space."""
    # twice: in 国\n标\n准 the matches share a character, and the first round takes every other one
    joined = cells[0].str.replace_all(f"({_CJK}){_BREAK}({_CJK})", "$1$2")
    joined = joined.str.replace_all(f"({_CJK}){_BREAK}({_CJK})", "$1$2")
    return Converted(joined.str.replace_all(_BREAK, " "))


def plain(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """`text` for cells that are known to have no breaks."""
    return Converted(cells[0])


def code(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """A code half-width and without spaces; 5245.0 (a number to Excel) is 5245."""
    tight = cells[0].str.replace_all(r"\s", "")
    return Converted(tight.str.replace(r"^([0-9]+)\.0+$", "$1"))


def doc_no(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """A document number with its year in 〔〕, whatever brackets it came in, and no spaces."""
    tight = cells[0].str.replace_all(r"\s", "")
    return Converted(tight.str.replace(r"[\[(【〔﹝〖]((?:19|20)[0-9]{2})[\])】〕﹞〗]", "〔$1〕"))


def lookup(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """The value that `table` gives for the cell.

    For a cell that isn't in the table `otherwise` says: fail (default), keep it, or null.
    """
    table, otherwise = options.get("table", {}), options.get("otherwise", "fail")
    keep = cells[0] if otherwise == "keep" else pl.lit(None, pl.String)
    value = cells[0].replace_strict(table, default=keep, return_dtype=pl.String)
    return Converted(value, None if otherwise == "null" else cells[0].is_not_null())


CONVERTERS = {
    "text": Converter(
        text, TEXT,
        Words(
            "任何文字；去掉首尾空白（含全角）和末尾的〓，断行合为一行",
            "any text; trimmed, also of full-width spaces and a final 〓, and put on one line",
        ),
        (Example(" 茂名市　", "茂名市"), Example("粮〓", "粮"), Example("国家\n标准", "国家标准")),
    ),
    "code": Converter(
        code, TEXT,
        Words("代码，可带空格、全角和 .0", "a code, with spaces, full-width, or .0 behind it"),
        (Example("5245.0", "5245"), Example("０１２", "012")), takes="narrow",
    ),
    "doc_no": Converter(
        doc_no, TEXT,
        Words(
            "文号，年份的括号可为 〔〕【】（）()[]〖〗﹝﹞",
            "a document number, with its year in any of 〔〕【】（）()[]〖〗﹝﹞",
        ),
        (
            Example("市场【2019】1号", "市场〔2019〕1号"),
            Example("茂市监处罚〖２０２３〗 12 号", "茂市监处罚〔2023〕12号"),
        ),
        takes="narrow",
    ),
    "lookup": Converter(
        lookup, TEXT,
        Words("table: 中的词", "the words of table:"),
        (
            Example("在营", "存续", {"table": {"在营": "存续"}}),
            Example("甲", ..., {"table": {"在营": "存续"}}),
            Example("甲", "甲", {"table": {"在营": "存续"}, "otherwise": "keep"}),
        ),
        "lookup_unknown", options=frozenset({"table", "otherwise"}), needs=frozenset({"table"}),
    ),
}  # fmt: skip
