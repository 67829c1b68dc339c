"""Kinds of issue: targets of the city's plan, and what measures them."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

PLAN_KINDS: dict[str, Kind] = {
    "plan_target_unknown": error(
        "the plan has no target {value}; choose one of these: {expected} (hub plan targets)"
    ),
    "plan_target_invalid": error(
        "target {target}: {value} is missing or isn't what it may be; it has to be {expected}"
    ),
    "plan_measure_invalid": error(
        "target {target}: the measure can't be read at {value}; it has to be {expected}"
    ),
    "plan_dataset_unknown": error(
        "target {target} is measured by dataset {value}, which has no standard; "
        "choose one of these: {expected}"
    ),
    "plan_field_unknown": error(
        "target {target} is measured by field {value}, which dataset {dataset} doesn't have; "
        "it has: {expected}"
    ),
    "plan_condition_invalid": error(
        "target {target}: the condition on {dataset}.{condition} can't be {value}; "
        "it has to be {expected}"
    ),
}
