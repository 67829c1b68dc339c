"""Kinds of issue: delivery to the province, what it answers, and what it returns."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info, warning

TARGETS_KINDS: dict[str, Kind] = {
    # --- declarations ---
    "target_unknown": error("there is no target {value}; known are those of: hub target list"),
    "target_invalid": error("the target's {place}: {reason}; correct the declaration"),
    "target_table_unknown": error(
        "there is no table {value} of the province; shipped are: {known}; or name a .yml file beside "
        "the target"
    ),
    "target_table_differs": error(
        "the target delivers {value} and the table {table} is of {expected}; correct one of them"
    ),
    "target_column_unknown": error("the table has no column {value}; it has: {known}"),
    "target_column_unmapped": error(
        "the province requires {field} ({value}) and fields: has no rule for it"
    ),
    "target_option_missing": error(
        "column {field}: converter {converter} needs the option {value}"
    ),
    "target_converter_unfit": error(
        "column {field}: converter {value} takes {expected}, and {name} is {kind}; use another"
    ),
    "target_value_unknown": error("{place}: {field} never is {value}; its values are: {known}"),
    "target_code_unmapped": error(
        "column {field}: table: has no word for {value} of {name}; add it, or say otherwise:"
    ),
    "target_form": error("column {field}: {value} is no form of a date; it is made of {known}"),
    "target_no_consumer": error(
        "the target's consumer {value} isn't known or was revoked; add it with: hub consumer add"
    ),
    "target_no_grant": error(
        "consumer {value} has no grant on {dataset} today; nothing is delivered until one lives"
    ),
    "target_hidden_field": warning(
        "column {field}: the grant's view doesn't have {value}, so the column will be empty"
    ),
    "target_hidden_required": error(
        "column {field} is required and the grant's view doesn't have {value}; have the grant widened"
    ),
    "target_other_site": error(
        "target {value} was used for {dataset}; give a target for another dataset a name of its own"
    ),
    "target_other_view": error(
        "target {value} was used under a grant whose records are known by {found}, and those of the grant of "
        "today are known by {expected}; give a target under this grant a name of its own"
    ),
    "target_reset_beyond": error(
        "target {value} has looked at entries up to {expected}; it can't be set to {found}"
    ),
    "target_reset_open": error(
        "target {value} has {found} deliveries without an answer; wait for them, or say --anew"
    ),
    # --- one column of one row ---
    "province_required": error(
        "{field} must not be empty for the province; fill it in at the source"
    ),
    "province_length": error(
        "{field} has {found} characters and the province takes {expected}; shorten it at the source, "
        "or have it cut (cut: true)"
    ),
    "province_cut": warning(
        "{field} has {found} characters and was cut to {expected} for the province"
    ),
    "province_code": error(
        "{field}: the province has no word for {value}; add it to table: of the target"
    ),
    "province_date": error("{field}: {value} isn't a day that can be written"),
    "province_amount": error("{field}: {value} isn't an amount that can be written without loss"),
    "province_characters": error(
        "{field} has control characters, which no XML and no workbook can hold; correct it at the source"
    ),
    "province_untranslated": error(
        "the entry isn't a valid record of version {expected} of the standard ({reason})"
    ),
    # --- delivering ---
    "target_away": error("the province can't be reached ({reason}); it is tried again"),
    "target_denied": error(
        "the province doesn't let us in ({reason}); correct the account of target {value}"
    ),
    "target_strange": error(
        "what the province answered can't be understood ({reason}); see target {value}, or ask it"
    ),
    "target_held": warning(
        "{found} records of {dataset} can't be written as the province wants them and weren't "
        "delivered to {value}; see: hub target status {value}"
    ),
    "target_still_held": warning(
        "{value}: the province still holds {found} records of {dataset} that were taken back, since "
        "{since}; ask it to delete them"
    ),
    "return_file_unreadable": error(
        "the return file {value} can't be read ({reason}); ask the province for another one"
    ),
    "return_unmatched": warning(
        "{found} rows of the return file {value} are of nothing that was delivered and unanswered"
    ),
    # --- what the province returns ---
    "return_task_unknown": error(
        "there is no return {value}; known are those of: hub exchange returns"
    ),
    "return_task_closed": error("return {value} is done already"),
    "return_opened": info("the province returned something about {value} of {dataset}: {kind}"),
}
