"""What a template's cells accept, and what the notes beside them say.

A rule stops no value as the standard writes it: where a list of codes is open, it only asks. The
spreadsheet judges a cell as it is filled in; the hub judges everything again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from exchange_schemas.choices import choices, is_closed
from exchange_schemas.formats import FORMATS
from exchange_schemas.identifiers import USCC_ALPHABET
from exchange_schemas.standard import Field
from publisher.schema_formats.length import length

Say = Callable[[str], str]

SEPARATOR = "；"  # between the items of a list
MOST_LETTERS = 255  # of a message beside a cell: Excel's limit
MOST_TITLE = 32  # the same of its title
MOST_CODES = 20  # that a note lists; the sheet of codes has all
MOST_EXAMPLE = 40  # characters of an example in a note
_FIXED = ("boolean", "date", "datetime")  # kinds whose values all have one length
BILLION = 10**9  # whole numbers of records stay below it
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEN_AS_X = "0123456789X"


def _rows(last: int) -> str:
    """The numbers 1 to `last`; a plain range would change as soon as a person deletes a row."""
    return f'ROW(INDIRECT("A1:A{last}"))'


def _each(letters: str, last: int) -> str:
    """The places of the first `last` characters of {cell} in an alphabet, from 0."""
    return f'(FIND(MID({{cell}},{_rows(last)},1),"{letters}")-1)'


def _final(letters: str) -> str:
    return f'FIND(RIGHT({{cell}}),"{letters}")-1'


#: Format → whether its check digit is right, as a formula on {cell}. Excel takes 255 characters and
#: no written-out arrays, so the weights are powers: of 3 modulo 31 in GB 32100-2015, of 2 modulo 11
#: in GB 11714-1997 and GB 11643-1999. A character outside of its alphabet is an error, as good as no.
_DIGIT_RIGHT = {
    "uscc": (
        f"=AND(LEN({{cell}})=18,MOD(SUMPRODUCT({_each(USCC_ALPHABET, 17)}"
        f"*MOD(3^({_rows(17)}-1),31))+{_final(USCC_ALPHABET)},31)=0)"
    ),
    "org-code": (
        f"=AND(LEN({{cell}})=9,MOD(SUMPRODUCT({_each(_LETTERS, 8)}"
        f"*2^(9-{_rows(8)}))+{_final(_TEN_AS_X)},11)=0)"
    ),
    # Numbers of 15 digits, given until 1999, have no check digit.
    "resident-id": (
        "=IF(LEN({cell})=15,ISNUMBER(VALUE({cell})),AND(LEN({cell})=18,MOD(SUMPRODUCT("
        f"{_each(_TEN_AS_X[:10], 17)}*2^(18-{_rows(17)}))+{_final(_TEN_AS_X)},11)=1))"
    ),
}
#: VALUE alone would take 1e5, 50% and 1,234 too, which no record may have. The zeros behind it are
#: there because FIND("") is 1 in Excel and an error in LibreOffice.
_NUMBER = (
    "=AND(ISNUMBER(VALUE({cell})),"
    f'SUMPRODUCT(--ISERROR(FIND(MID({{cell}}&REPT(0,40),{_rows(40)},1),"-.0123456789")))=0)'
)


def number_format(field: Field) -> str:
    """Text for everything that a spreadsheet would otherwise turn into a number."""
    formats = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "integer": "0"}
    return formats.get(field.kind, "@")


def title(field: Field, english: bool) -> str:
    """The field's title in the workbook's language."""
    return field.title_en if english else field.title


def written(field: Field, value: Any, _: Say, english: bool) -> str:
    """A record's value as a person writes it into a cell."""
    if isinstance(value, str):
        return choices(field, english).get(value, value)
    if isinstance(value, list):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


def validation(
    field: Field, cell: str, codes: str | None, example: Any, _: Say, english: bool
) -> dict[str, Any] | None:
    """The rule for xlsxwriter; None where any text is allowed.

    `cell` is the first cell of the column, `codes` the range of what may be chosen there.
    """
    found = _list_rule(field, codes, _) or _typed_rule(field, _) or _text_rule(field, cell, _)
    if found is None:
        return None
    named = title(field, english)[:MOST_TITLE]
    lines = _lines(field, example, _, english)
    while len("\n".join(lines)) > MOST_LETTERS:
        lines.pop()
    words = {"input_title": named, "input_message": "\n".join(lines), "error_title": named}
    return {**words, **found}


def _list_rule(field: Field, codes: str | None, _: Say) -> dict[str, Any] | None:
    if field.kind == "boolean":
        return _rule("list", _("Choose yes or no."), source=[_("yes"), _("no")])
    if codes is None:
        return None
    if is_closed(field):
        told = _("Choose from the list. The sheet of codes says what each means.")
        return _rule("list", told, source=f"={codes}")
    told = _("This code isn't in the list. Keep it only if you know that it exists.")
    return _rule("list", told, source=f"={codes}", error_type="warning")


def _typed_rule(field: Field, _: Say) -> dict[str, Any] | None:
    if field.kind in ("date", "datetime"):
        told = _("A date is written like 2026-01-31.")
        return _rule("date", told, criteria=">=", value=date(1900, 1, 1))
    if field.kind == "integer":
        least = field.schema.get("minimum", -BILLION)
        most = field.schema.get("maximum", BILLION)
        told = _("A whole number from {least} to {most}.").format(least=least, most=most)
        return _rule("integer", told, criteria="between", minimum=least, maximum=most)
    return None


def _text_rule(field: Field, cell: str, _: Say) -> dict[str, Any] | None:
    if field.kind == "decimal":
        told = _("Digits, with a point before the decimals, such as 1234.56.")
        return _rule("custom", told, value=_NUMBER.format(cell=cell))
    formula = _DIGIT_RIGHT.get(field.schema.get("format", ""))
    if formula:
        told = _("This number has a wrong length or a wrong check digit.")
        return _rule("custom", told, value=formula.format(cell=cell))
    most = length(field) if field.kind == "string" else ""
    if not most:
        return None
    told = _("At most {most} characters.").format(most=most)
    return _rule("length", told, criteria="<=", value=int(most))


def _rule(validate: str, told: str, **options: Any) -> dict[str, Any]:
    return {"validate": validate, "error_message": told[:MOST_LETTERS], **options}


def note(field: Field, example: Any, _: Say, english: bool) -> str:
    """What a field means and how it is written, for the note at its title."""
    named = f"{field.title_en} / {field.title}" if english else field.title
    return "\n".join([named, *_lines(field, example, _, english)])


def _lines(field: Field, example: Any, _: Say, english: bool) -> list[str]:
    """The most needed first, since a message may have to end early."""
    form = FORMATS.get(field.schema.get("format", ""))
    shown = written(field, example, _, english) or (form.example if form else "")
    offered = list(choices(field, english).values()) if is_closed(field) else []
    told: Mapping[str, str] = {
        _("Example"): f"{shown[:MOST_EXAMPLE]}…" if len(shown) > MOST_EXAMPLE else shown,
        _("Values"): SEPARATOR.join(offered) if len(offered) <= MOST_CODES else "",
        _("Length"): "" if offered or field.kind in _FIXED else length(field),
        _("Tier"): tiers(_)[field.tier],
        _("Official name"): field.code or "",
    }
    needed = needed_in_words(field, _)
    return [
        *([needed] if needed else []),
        *([field.note] if field.note else []),
        *(f"{name}{': ' if english else '：'}{text}" for name, text in told.items() if text),
    ]


def needed_in_words(field: Field, _: Say) -> str:
    """Whether a record can do without it."""
    if field.required:
        return _("Must be filled")
    return _("Should be filled") if field.expected else ""


def tiers(_: Say) -> Mapping[str, str]:
    """Tier → who may see the field."""
    return {
        "public": _("public"), "industry": _("industry"), "government": _("government"),
        "sealed": _("sealed"),
    }  # fmt: skip


def kinds(_: Say) -> Mapping[str, str]:
    """Kind of a field → what its cells hold."""
    return {
        "string": _("text"), "integer": _("whole number"), "boolean": _("yes or no"),
        "decimal": _("decimal number"), "date": _("date"), "datetime": _("date and time"),
        "list": _("list of texts"),
    }  # fmt: skip
