"""Kinds of issue: what a standard's `checks:` find (`consistency`, and `references` of the hub).

What can't be right rejects the row; what is unlikely, late or contradicts others is a warning, and
what somebody should know of is an info.
"""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info, warning

CHECK_KINDS: dict[str, Kind] = {
    # --- their declaration -------------------------------------------------------------------
    "check_unknown": error("{place}: there is no check {value}; known are: {known}"),
    "check_option": error("{place}: check {check}: {value}: {reason}"),
    # --- within one record -------------------------------------------------------------------
    "date_order": error("{field} {value} is before {other} {before}; check both days"),
    "amount_unit": error(
        "{field} {value} (in 10,000 yuan) is off by a factor of exactly 10,000: the text says "
        "{found}, which is {expected}; correct the unit"
    ),
    "amount_differs": warning(
        "{field} {value} (in 10,000 yuan) isn't what the text says: {found}; check which is right"
    ),
    "amount_order": warning("{field} {value} is below {other} {before}; check both amounts"),
    "amount_kind_missing": warning(
        "{field} is {value} though {other} doesn't have {expected}; correct one of them"
    ),
    "deadline_missed": warning(
        "{field} {value} is {found} working days after {other} {before}, and {expected} are allowed"
    ),
    "calendar_ends": info(
        "{value} rows have days beyond {expected}, up to which working days are known, so their "
        "deadline wasn't judged; the first one is here"
    ),
    "overdue": info(
        "{field} {value} is {expected} years ago or more and {other} is still empty; look at what is "
        "due next"
    ),
    "long_ago": info("{field} {value} is {expected} years ago or more; look at what is due next"),
    "code_start": warning("{field} {value} should begin with {expected} here; check the original"),
    "department_unknown": warning(
        "{field} {value} is no department of the city; check the name, or add it to the code list"
    ),
    "department_not_then": warning(
        "{field} {value} didn't exist on {day}; check the name and the day"
    ),
    "department_code": warning(
        "{field} {value} isn't the code of {other} {name}, which is {expected}; check both"
    ),
    # --- between datasets --------------------------------------------------------------------
    "reference_differs": warning(
        "{field} {value}: {dataset} has {found} as {other} of {key}; check the original, and ask "
        "{owner} for a correction if the register is wrong"
    ),
    "reference_missing": info("{field} {value}: {dataset} has no record of it"),
}
