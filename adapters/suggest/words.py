"""The words of a column's name, brought into one form so that names can be compared.

`words.csv` says what abbreviations and variants mean; `aliases.csv` which names departments give to
a field. Both are data: a word that is missing there is added there, not here.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

_HAN = re.compile(r"[\u3400-\u9fff]")
_BRACKETS = re.compile(r"[(\[〔【《<{][^()\[\]〔〕【】《》<>{}]*[)\]〕】》>}]")
_UNIT = re.compile(r"(?<=..)[/_\-:]?(万元|元|%|公斤|千克)$")
_PUNCTUATION = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ALTERNATIVES = re.compile(r"[/／、|]|或者|或")
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "ies", "als", "al",
            "ed", "es", "s", "e", "y")  # fmt: skip


def is_chinese(text: str) -> bool:
    """Whether there is any Chinese character in it."""
    return _HAN.search(text) is not None


@lru_cache(maxsize=32768)
def plain(name: str) -> str:
    """Half-width, lower case, without brackets, units and punctuation: 注册资本（万元） → 注册资本."""
    text = unicodedata.normalize("NFKC", name).strip().lower()
    bare = _BRACKETS.sub("", text).strip(" *:")
    return _PUNCTUATION.sub("", _UNIT.sub("", bare or text))


@lru_cache(maxsize=32768)
def canonical(name: str) -> str:
    """`plain` Chinese with variants replaced: 检测时间 → 检验日期."""
    text = plain(name)
    for word, means in _means("zh"):
        text = text.replace(word, means)
    return text or plain(name)


@lru_cache(maxsize=32768)
def alternatives(name: str) -> tuple[str, ...]:
    """The names in one: 生产日期/批号 → 生产日期, 批号; empty where there is only one."""
    parts = [part for part in _ALTERNATIVES.split(_BRACKETS.sub("", name)) if len(part) > 1]
    return tuple(parts) if len(parts) > 1 else ()


@lru_cache(maxsize=32768)
def tokens(name: str) -> tuple[str, ...]:
    """The stems of an English or abbreviated name: est_dt → establish, date; companyName → company, name.

    A number is a token; Chinese characters are left out.
    """
    text = unicodedata.normalize("NFKC", name).replace("'", "")
    told = dict(_means("en"))
    found: list[str] = []
    for word in _WORD.findall(text):
        lower = word.lower()
        found += [stem(one) for one in told.get(lower, lower).split()]
    return tuple(dict.fromkeys(found))


def stem(word: str) -> str:
    """The word without its ending, where four letters are left."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


@cache
def aliases() -> dict[tuple[str, str], tuple[str, ...]]:
    """(field, dataset or "") → names that departments give to the field."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in _rows("aliases.csv"):
        key = (row["field"], row["dataset"])
        found[key] = (*found.get(key, ()), *row["aliases"].split("|"))
    return found


def aliases_of(field: str, dataset: str) -> tuple[str, ...]:
    """A field's other names in this dataset; those of the dataset itself first."""
    told = aliases()
    return told.get((field, dataset), ()) + told.get((field, ""), ())


@cache
def _means(language: str) -> list[tuple[str, str]]:
    rows = [
        (row["word"], row["means"]) for row in _rows("words.csv") if row["language"] == language
    ]
    return sorted(rows, key=lambda pair: -len(pair[0]))


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("adapters.suggest").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
