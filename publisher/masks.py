"""Rules that shorten a value for an audience, by the name that `x-mask` gives them.

Each takes a String expression and gives a String expression; null stays null. A rule that can't
recognise a value removes it, so nothing gets out by being written unusually. What each kind of
data may show is table B6 of the domain notes, from the personal information protection law
(arts. 6, 28, 51) and the list of what to remove before a decision is published.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from publisher.division import county_level
from publisher.free_text import free_text

Rule = Callable[[pl.Expr], pl.Expr]

# Compound surnames in use; a name of three characters or more that begins with one keeps both.
COMPOUND = (
    "欧阳|上官|司马|诸葛|东方|独孤|南宫|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|司空|端木|长孙|宇文|轩辕|"
    "闻人|钟离|濮阳|淳于|单于|太史|申屠|公冶|宗政|赫连|澹台|公羊|太叔|仲孙|呼延|鲜于|闾丘|亓官|司寇|"
    "子车|颛孙|巫马|公西|漆雕|乐正|壤驷|公良|拓跋|夹谷|宰父|谷梁|百里|东郭|南门|羊舌|微生|梁丘|左丘|"
    "东门|西门|第五|欧陽|范姜|万俟"
)
_BLANK = r"[\s\u{3000}\u{a0}]+"
_BETWEEN_NAMES = r"[、,，;；/|]"


def person_name(name: pl.Expr) -> pl.Expr:
    """张三 → 张某, 张三丰 → 张某某, 欧阳修 → 欧阳某; several names are shortened each."""
    names = name.str.replace_all(_BLANK, "").str.replace_all(_BETWEEN_NAMES, "、").str.split("、")
    return names.list.eval(_one_name(pl.element())).list.join("、")


def _one_name(name: pl.Expr) -> pl.Expr:
    length = name.str.len_chars()
    compound = name.str.contains(f"^(?:{COMPOUND}).")
    hidden = length - pl.when(compound).then(2).otherwise(1)
    return (
        pl.when(length == 0)
        .then(name)
        .when(length == 1)
        .then(pl.lit("某"))
        .otherwise(
            name.str.slice(0, pl.when(compound).then(2).otherwise(1))
            + pl.when(hidden >= 2).then(pl.lit("某某")).otherwise(pl.lit("某"))
        )
    )


def removed(value: pl.Expr) -> pl.Expr:
    """Nothing at all: not even how long it was."""
    return pl.when(value.is_null() & value.is_not_null()).then(value)


def phone(number: pl.Expr) -> pl.Expr:
    """13812348000 → 138****8000; what isn't a mobile number is removed."""
    digits = number.str.normalize("NFKC").str.replace_all(r"[\s\-]", "")
    mobile = digits.str.extract_groups(r"^(?:\+?86)?(1[3-9]\d)\d{4}(\d{4})$").struct
    return mobile.field("1") + "****" + mobile.field("2")


def account_tail(number: pl.Expr) -> pl.Expr:
    """6222021234567890123 → ****0123; what isn't a number of eight digits or more is removed."""
    digits = number.str.normalize("NFKC").str.replace_all(r"[\s\-]", "")
    return pl.lit("****") + digits.str.extract(r"^\d{4,}(\d{4})$")


RULES: dict[str, Rule] = {
    "person_name": person_name,
    "id_number": removed,
    "phone": phone,
    "division_only": county_level,
    "account": removed,
    "account_tail": account_tail,
    "removed": removed,
    "free_text": free_text,
}
