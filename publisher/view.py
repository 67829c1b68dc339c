"""What one audience sees of records: the fields of its tier, masked by rule."""

from __future__ import annotations

import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Mask, Standard
from publisher.masks import RULES, Rule


def view_frame(standard: Standard, frame: pl.DataFrame, audience: str) -> pl.DataFrame:
    """The audience's fields in the order of the standard, then the frame's `_` columns unchanged.

    `frame` has all fields of the standard: masks may depend on fields that the audience doesn't
    see. Raises Misdeclared (mask_unknown), before anything is shown, where the standard names a
    rule that doesn't exist.
    """
    fields = standard.fields_for(audience)
    shown = [_seen(field, audience) for field in fields.values()]
    return frame.select(*shown, *(name for name in frame.columns if name.startswith("_")))


def _seen(field: Field, audience: str) -> pl.Expr:
    column = pl.col(field.name)
    mask = field.mask
    if mask is None:
        return column
    rule = _rule(field, mask)
    if audience not in mask.audiences:
        return column
    if field.kind == "list":
        masked = column.list.eval(rule(pl.element())).list.drop_nulls()
    else:
        masked = rule(column)
    return pl.when(_applies(mask)).then(masked).otherwise(column).alias(field.name)


def _rule(field: Field, mask: Mask) -> Rule:
    if mask.rule not in RULES:
        words = {"known": ", ".join(RULES)}
        raise Misdeclared(Issue("mask_unknown", field=field.name, value=mask.rule, params=words))
    return RULES[mask.rule]


def _applies(mask: Mask) -> pl.Expr:
    """Where all conditions hold; an empty field may be any value, so it counts as holding."""
    holds = [
        pl.col(name).is_in(list(values)).fill_null(value=True)
        for name, values in mask.when.items()
    ]
    return pl.all_horizontal(holds) if holds else pl.lit(value=True)


def visible(standard: Standard, audience: str) -> pl.Expr:
    """True where the audience may have a record at all; an empty field never says so.

    The government may have every record; of the others' only fields are kept back.
    """
    conditions = {"public": standard.public_when, "industry": standard.industry_when}
    allowed = [
        pl.col(name).is_in(list(values)).fill_null(value=False)
        for name, values in conditions.get(audience, {}).items()
    ]
    return pl.all_horizontal(allowed) if allowed else pl.lit(value=True)
