"""What one version of a standard has and another only implies: columns computed from others.

`DERIVATIONS` has the names that a migration may use, each with the options that it takes. A derived
value that nobody can tell is null: nothing is defaulted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from exchange_schemas.departments import departments_named
from exchange_schemas.money_text import passages, yuan_of

WAN = 10_000  # yuan in a 万元
PARTY = "当事人"

Told = Mapping[str, Any]


def subject_type(told: Told) -> pl.Expr:
    """The kind of party, from its credit code and its identity number (`from: [uscc, cert_no]`).

    92 is market regulation and individual business in the first two places of GB 32100-2015. Where
    a field of `unless` is given, the identity number says nothing: beside the number of a firm some
    places write that of its legal representative.
    """
    uscc, cert_no = (pl.col(name) for name in told["from"])
    firm = [pl.col(name).is_not_null() for name in told.get("unless", ())]
    person = cert_no.is_not_null() & ~pl.any_horizontal(pl.lit(value=False), *firm)
    return (
        pl.when(uscc.str.starts_with("92"))
        .then(pl.lit("individual_business"))
        .when(uscc.is_not_null())
        .then(pl.lit("legal_or_unincorporated"))
        .when(person)
        .then(pl.lit("natural"))
    )


def constant_if(told: Told) -> pl.Expr:
    """`value` where the field `from` has one."""
    return pl.when(pl.col(told["from"]).is_not_null()).then(pl.lit(told["value"]))


def department_code(told: Told) -> pl.Expr:
    """The credit code of the department named in `from` on the day in `at`; null where unknown."""
    return departments_named(pl.col(told["from"]), pl.col(told["at"]), "uscc")


def department_code_absent(told: Told) -> pl.Expr:
    """True where `department_code` is unknown."""
    return pl.when(department_code(told).is_null()).then(pl.lit(value=True))


def without_name(told: Told) -> pl.Expr:
    """The text in `from`, with 当事人 (the party) in place of the name in `name`.

    What departments call a case often begins with a person's name, and the target shows the text to
    everybody.
    """
    text, name = pl.col(told["from"]), pl.col(told["name"])
    parts = pl.when(name.str.len_chars() > 0).then(text.str.split(name))
    return pl.coalesce(parts.list.join(PARTY), text)


def amount_in_text(told: Told) -> pl.Expr:
    """The amount (decimal text, in 万元) that the text in `from` gives next to one of `words`.

    Null where it gives none, or several that differ.
    """
    found = passages(pl.col(told["from"]), list(told["words"]))
    return found.map_batches(_amounts, return_dtype=pl.String)


def _amounts(found: pl.Series) -> pl.Series:
    """Of each row's passages the amount, if they all give that one; each passage is read once."""
    read = {passage: _wan(passage) for passage in found.explode().drop_nulls().unique()}
    looked_up = pl.element().replace_strict(read, default=None, return_dtype=pl.String)
    amounts = found.list.eval(looked_up).list.unique()
    return amounts.to_frame("one").select(pl.when(pl.col("one").list.len() == 1).then(
        pl.col("one").list.first()
    )).to_series()  # fmt: skip


def _wan(passage: str) -> str | None:
    yuan = yuan_of(passage)
    return None if yuan is None else f"{(Decimal(str(yuan)) / WAN).normalize():f}"


@dataclass(frozen=True, slots=True)
class Derivation:
    """`build` gives the column from what a migration says.

    `gives` is the kind of field that it fills. `fields` are the options that name source fields: so
    many, or 0 for a list of any length that may be left out. `options` are the others.
    """

    build: Callable[[Told], pl.Expr]
    gives: str
    fields: Mapping[str, int]
    options: Mapping[str, type] = field(default_factory=dict)


_NAMED = {"from": 1, "at": 1}

DERIVATIONS: dict[str, Derivation] = {
    "subject_type": Derivation(subject_type, "string", {"from": 2, "unless": 0}),
    "constant_if": Derivation(constant_if, "string", {"from": 1}, {"value": str}),
    "department_code": Derivation(department_code, "string", _NAMED),
    "department_code_absent": Derivation(department_code_absent, "boolean", _NAMED),
    "without_name": Derivation(without_name, "string", {"from": 1, "name": 1}),
    "amount_in_text": Derivation(amount_in_text, "decimal", {"from": 1}, {"words": list}),
}
