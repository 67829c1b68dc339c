"""What a filing needs before it is taken, said beside the field that lacks it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from publisher.filings import REPAIR, Filing

SHORTEST, LONGEST = 10, 5_000  # characters of a statement
# field → Chinese and English title, the most characters
TITLES = {
    "party_name": ("当事人名称", "name of the party", 200),
    "party_code": ("统一社会信用代码", "credit code", 50),
    "contact_name": ("联系人", "contact person", 50),
    "phone": ("联系电话", "telephone", 30),
    "email": ("电子邮箱", "e-mail", 100),
    "statement": ("情况说明", "statement", LONGEST),
}
# What the measures on credit repair ask of who applies: a public promise, obligations met, harm
# made good (45号令 第十四条; 信用修复管理办法, in force from 2026-04-01).
CONDITIONS = {
    "promise": ("信用承诺", "credit promise"),
    "performed": ("履行义务", "obligations met"),
    "remedied": ("消除影响", "harm made good"),
}

_PHONE = re.compile(r"\+?[0-9（(][0-9 ()（）-]{4,28}[0-9]", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>\"'`]{1,64}@[^\s@<>\"'`]{1,64}\.[^\s@<>\"'`.]{2,24}")


def check_filing(filing: Filing, standard: Standard) -> dict[str, Issue]:
    """Field of the form → the first thing that is wrong with it; empty: the filing is complete."""
    found: dict[str, Issue] = {}
    for name, issue in (*_texts(filing), *_reached(filing), *_about(filing, standard)):
        found.setdefault(name, issue)
    return found


def _told(name: str, code: str, **words: object) -> tuple[str, Issue]:
    title, title_en = CONDITIONS[name] if name in CONDITIONS else TITLES[name][:2]
    params = {word: str(value) for word, value in words.items()}
    return name, Issue(code, field=name, params={"title": title, "title_en": title_en, **params})


def _texts(filing: Filing) -> Iterator[tuple[str, Issue]]:
    texts: Mapping[str, str] = {name: getattr(filing, name) or "" for name in TITLES}
    for name in ("party_name", "statement"):
        if not texts[name]:
            yield _told(name, "filing_missing")
    if len(filing.statement) < SHORTEST:
        words = {"expected": SHORTEST, "found": len(filing.statement)}
        yield _told("statement", "filing_short", **words)
    for name, text in texts.items():
        most = TITLES[name][2]
        if len(text) > most:
            yield _told(name, "filing_long", expected=most, found=len(text))


def _reached(filing: Filing) -> Iterator[tuple[str, Issue]]:
    if not filing.phone and not filing.email:
        yield "phone", Issue("filing_contact_missing")
    if filing.phone and not _PHONE.fullmatch(filing.phone):
        yield "phone", Issue("filing_phone")
    if filing.email and not _EMAIL.fullmatch(filing.email):
        yield "email", Issue("filing_email")


def _about(filing: Filing, standard: Standard) -> Iterator[tuple[str, Issue]]:
    if filing.field is not None and filing.field not in standard.fields_for("public"):
        yield "field", Issue("filing_field")
    if filing.kind == REPAIR:
        for name in CONDITIONS:
            if not getattr(filing, name):
                yield _told(name, "filing_confirm")
