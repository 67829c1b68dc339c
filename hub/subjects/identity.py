"""Numbers of identity documents, taken out of whatever is shown of a subject."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import polars as pl

from exchange_schemas.standard import Standard

_FIELDS = ("cert_no", "cert_type")  # endings of names of fields
_CODED = ("uscc", "org-code", "reg-no", "date", "date-time", "decimal", "division-code")  # formats
#: GB 11643: province, birthday and three digits with the check digit, also in full-width digits once they
#: are plain; and 15 digits where the text says that they are an identity number.
_NEW = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|8[1-3])[0-9]{4}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{2}[0-9]{3}[0-9Xx]"
_OLD = r"(身份证[^0-9]{0,8})[0-9]{15}"
MARKER = "〔身份证号略〕"


_ANY = re.compile(f"{_NEW}|{_OLD}")


def has_identity(texts: Iterable[str]) -> bool:
    """Whether one of the texts has what may be such a number; a cheap question."""
    return any(_ANY.search(unicodedata.normalize("NFKC", text)) for text in texts)


def without_identity(
    standard: Standard, rows: pl.DataFrame, *, in_texts: bool = True
) -> pl.DataFrame:
    """`rows` without fields for such numbers, and with `MARKER` where a text has one; `in_texts` is False
    where `has_identity` says that none has."""
    dropped = [name for name in rows.columns if name.endswith(_FIELDS)]
    if not in_texts:
        return rows.drop(dropped)
    texts = [
        name
        for name, dtype in rows.schema.items()
        if name not in dropped and name in standard.fields and dtype == pl.String
        and standard.fields[name].kind not in _CODED and not name.endswith("uscc")
    ]  # fmt: skip
    lists = [name for name, dtype in rows.schema.items() if dtype == pl.List(pl.String)]
    return rows.drop(dropped).with_columns(
        *(_cleaned(pl.col(name)) for name in texts),
        *(pl.col(name).list.eval(_cleaned(pl.element())) for name in lists),
    )


def _cleaned(text: pl.Expr) -> pl.Expr:
    doubtful = text.str.normalize("NFKC").str.contains(f"{_NEW}|{_OLD}")
    plain = text.str.normalize("NFKC").str.replace_all(_NEW, MARKER)
    return pl.when(doubtful).then(plain.str.replace_all(_OLD, f"${{1}}{MARKER}")).otherwise(text)
