"""What the law itself says on ending a publication early: the class, the least term, what never is.

Whether the party performed, remedied and didn't repeat is asked of people and of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from exchange_schemas.law_frame import class_of, end_of, holding, law_frame
from exchange_schemas.law_rules import PUBLISHED_ON, ClockRule, Law
from exchange_schemas.standard import Standard


@dataclass(frozen=True, slots=True)
class RepairCondition:
    """One condition on credit repair: severity, minimum_period or heavy_kind.

    `met` is None where it can't be told. `rule` (id@version) decided it, None where none speaks of
    it. `value` is the class, or the heavy kinds of the record; `day` the first day on which the
    least term is over.
    """

    name: str
    met: bool | None
    rule: str | None
    value: str | None = None
    day: date | None = None


def severity(law: Law, standard: Standard, records: pl.DataFrame) -> pl.Series:
    """String: how serious each case is, as the record says or else as the rules derive it.

    Null where no rule speaks of it: before the measures on credit repair, in other datasets.
    """
    classes = law.clocks_for("severity", standard.dataset)
    frame = law_frame(law, standard, records, classes)
    found = class_of(standard, classes).cast(pl.String).alias("severity")
    return frame.select("_row", found).to_series(1)


def repair_conditions(
    law: Law, standard: Standard, record: Mapping[str, Any], published_on: date, today: date
) -> list[RepairCondition]:
    """What the law says today on repairing one record that is public since `published_on`."""
    rules = [
        rule
        for kind in ("severity", "repair_minimum", "repair_never")
        for rule in law.clocks_for(kind, standard.dataset)
    ]
    schema = {**standard.dtypes, PUBLISHED_ON: pl.Date}
    one = pl.DataFrame([{**record, PUBLISHED_ON: published_on}], schema=schema)
    frame = law_frame(law, standard, one, rules)
    held = {rule.name for rule in rules if _one(frame, holding(rule, standard))}
    first = {rule.kind: rule for rule in reversed(rules) if rule.name in held}
    return [
        _class(severity(law, standard, one).item(), record, first.get("severity")),
        _least_term(law, standard, frame, first.get("repair_minimum"), today),
        _heavy_kind(first.get("repair_never"), record),
    ]


def _class(
    found: str | None, record: Mapping[str, Any], rule: ClockRule | None
) -> RepairCondition:
    derived = rule is not None and record.get("severity_class") is None
    return RepairCondition(
        "severity",
        True if found else None,
        rule.name if derived and rule else None,
        value=found,
    )


def _least_term(
    law: Law, standard: Standard, frame: pl.DataFrame, rule: ClockRule | None, today: date
) -> RepairCondition:
    """Over on the day after its last one; at once where no rule asks for a least term."""
    if rule is None:
        return RepairCondition("minimum_period", True, None)
    end: date = _one(frame, end_of(rule, standard, law))
    day = end + timedelta(days=1) if rule.amount else end
    return RepairCondition("minimum_period", today >= day, rule.name, day=day)


def _heavy_kind(rule: ClockRule | None, record: Mapping[str, Any]) -> RepairCondition:
    if rule is None:
        return RepairCondition("heavy_kind", True, None)
    asked = rule.when.get("penalty_kinds", ()) if isinstance(rule.when, Mapping) else ()
    kinds = "、".join(kind for kind in record.get("penalty_kinds") or () if kind in asked)
    return RepairCondition("heavy_kind", False, rule.name, value=kinds or None)


def depends_on_low_fine(law: Law, standard: Standard, records: pl.DataFrame) -> pl.Series:
    """Boolean: the term of publication depends on the amount up to which a fine is low.

    While nobody has set it (`Settings.low_fine_yuan`), such records are public as if the fine
    weren't low, for three years; these are the records to look at again.
    """
    unset = law.settings.low_fine_yuan is None and "fine_wan" in standard.fields
    if not unset or "penalty_kinds" not in standard.fields:
        return pl.Series("depends", [False], pl.Boolean).new_from_index(0, records.height)
    kinds = pl.col("penalty_kinds")
    light = kinds.list.set_difference(pl.lit(["警告", "通报批评", "罚款"])).list.len() == 0
    fined = light & kinds.list.contains("罚款") & pl.col("fine_wan").is_not_null()
    return records.select(fined.fill_null(value=False).alias("depends")).to_series()


def _one(frame: pl.DataFrame, told: pl.Expr) -> Any:
    return frame.select("_row", told.alias("_told"))["_told"][0]
