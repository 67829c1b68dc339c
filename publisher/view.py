"""What one audience sees of records: the fields of its tier, masked by rule.

The audiences are public, industry (per association where the standard says whose records are),
government, and department: whoever answers for the records sees them unmasked. Sealed fields are in
nobody's view.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import DEPARTMENT, Field, Mask, Standard
from publisher.masks import RULES, Rule


def view_frame(
    standard: Standard, frame: pl.DataFrame, audience: str, association: str | None = None
) -> pl.DataFrame:
    """The audience's fields in the order of the standard, then the frame's `_` columns unchanged.

    `frame` has all fields of the standard: masks may depend on fields that the audience doesn't
    see. Of another association's records the industry sees what the public does. Raises Misdeclared
    (mask_unknown), before anything is shown, where the standard names a rule that doesn't exist.
    """
    for field in standard.fields.values():
        _check_rules(field)
    own = _own(standard, association) if audience == "industry" else None
    shown = [_seen(f, audience, own) for f in standard.fields_for(audience).values()]
    return frame.select(*shown, *(name for name in frame.columns if name.startswith("_")))


def _check_rules(field: Field) -> None:
    for mask in field.masks:
        if mask.rule not in RULES:
            words = {"known": ", ".join(RULES)}
            raise Misdeclared(
                Issue("mask_unknown", field=field.name, value=mask.rule, params=words)
            )


def _seen(field: Field, audience: str, own: pl.Expr | None) -> pl.Expr:
    if own is None:
        return _masked(field, audience)
    public = _masked(field, "public") if field.visible_to("public") else pl.lit(None, field.dtype)
    return pl.when(own).then(_masked(field, audience)).otherwise(public).alias(field.name)


def _masked(field: Field, audience: str) -> pl.Expr:
    """The first mask that applies counts."""
    shown = column = pl.col(field.name)
    masks = [m for m in field.masks if audience in m.audiences and audience != DEPARTMENT]
    for mask in reversed(masks):
        masked = _applied(RULES[mask.rule], field, column)
        shown = pl.when(_applies(mask)).then(masked).otherwise(shown) if mask.when else masked
    return shown.alias(field.name)


def _applied(rule: Rule, field: Field, column: pl.Expr) -> pl.Expr:
    if field.kind == "list":
        return column.list.eval(rule(pl.element())).list.drop_nulls()
    return rule(column)


def _applies(mask: Mask) -> pl.Expr:
    """Where all conditions hold; an empty field may be any value, so it counts as holding."""
    holds = [
        pl.col(name).is_in(list(values)).fill_null(value=True)
        for name, values in mask.when.items()
    ]
    return pl.all_horizontal(holds)


def visible(standard: Standard, audience: str, association: str | None = None) -> pl.Expr:
    """True where the audience may have a record at all; an empty field never says so.

    The government may have every record; of the others' only fields are kept back. Where records
    are an association's, the industry has those of `association` (a credit code) and those that
    are public. Who sees no field at all has no record.
    """
    if not standard.fields_for(audience):
        return pl.lit(value=False)
    if audience == "public":
        return _allowed(standard.public_when)
    if audience != "industry":
        return pl.lit(value=True)
    open_to_all = _allowed(standard.public_when) if standard.public else pl.lit(value=False)
    own = _own(standard, association)
    return _allowed(standard.industry_when) & (True if own is None else own | open_to_all)


def _own(standard: Standard, association: str | None) -> pl.Expr | None:
    """Where a record is the association's; None where records aren't any association's."""
    if standard.association is None:
        return None
    return pl.col(standard.association).eq(pl.lit(association, pl.String)).fill_null(value=False)


def _allowed(conditions: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    holds = [
        pl.col(name).is_in(list(values)).fill_null(value=False)
        for name, values in conditions.items()
    ]
    return pl.all_horizontal(holds) if holds else pl.lit(value=True)
