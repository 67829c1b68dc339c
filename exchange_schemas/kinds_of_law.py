"""Kinds of issue: rules of law, and the calendar."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error
from exchange_schemas.kind import info as _info
from exchange_schemas.kind import warning as _warning

LAW_KINDS: dict[str, Kind] = {
    "condition_invalid": _error("condition {value}: {reason}; correct the condition"),
    "law_invalid": _error("{file}, {rule}: {reason}; correct the file"),
    "law_unruled": _error(
        "no rule of kind {value} holds for {dataset} from {day} on; add one to law/clocks.yml"
    ),
    "calendar_invalid": _error("{file}, line {row}: {reason}; correct the calendar"),
    "calendar_over": _error(
        "rule {value} counts working days from {day}, and the calendar ends on {last}; add the "
        "State Council's holidays of the next year to law/calendar.csv"
    ),
    "calendar_ending": _warning(
        "the calendar of working days ends on {value}, in {days} days; add the State Council's "
        "holidays of the next year to law/calendar.csv"
    ),
    "calendar_provisional": _info(
        "the working days from {value} to {last} were worked out from the holiday measure and "
        "aren't announced yet; replace them in law/calendar.csv once they are"
    ),
    "low_fine_unset": _info(
        "no amount is set up to which a fine is low (low_fine_yuan in law/settings.yml), so "
        "penalties with a fine are public for three years, not for three months"
    ),
}
