"""Kinds of issue: converters, and how a feed declares them."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info

CONVERTER_KINDS: dict[str, Kind] = {
    # --- one value ---------------------------------------------------------------------------
    "cell_unreadable": error("{field} {value} can't be read; it should be {expected}"),
    "step_unreadable": error(
        "{field} {value}: the step {step} can't read {found}; it takes {expected}"
    ),
    "division_unknown": error(
        "{field} {value} is of no division that the hub knows; write its code or its full name"
    ),
    "default_taken": info(
        "{field} is empty in {count} rows, the first of them here; {value} was taken, as the feed says"
    ),
    # --- declarations ------------------------------------------------------------------------
    "step_unfit": error(
        "field {field}: {value} doesn't give a text that another step could read; put it last"
    ),
    "step_misplaced": error(
        "field {field}: {value} takes all columns as they are; put it first, without join: and "
        "expression:"
    ),
    "option_missing": error("field {field}: converter {expected} needs the option {value}"),
    "option_wrong": error("field {field}: option {value} of converter {expected}: {reason}"),
    "pattern_refused": error("field {field}: the pattern {value} can't be used: {reason}"),
    "expression_invalid": error("field {field}: the expression {value} is wrong: {reason}"),
    "secret_in_file": error(
        "{value} of the source is a secret and stands in the file; write ${{NAME}} there and set that "
        "environment variable"
    ),
}
