"""Every code that an issue may carry: its severity, and its wording with what to do.

The English wording is the message id; `locale/zh_CN/messages.po` has the Chinese. Words in braces
come from the issue: `{field}` is the field's title, `{value}` the value as written.
"""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error
from exchange_schemas.kind import info as _info
from exchange_schemas.kind import warning as _warning
from exchange_schemas.kinds_of_accounts import ACCOUNTS_KINDS
from exchange_schemas.kinds_of_administration import ADMINISTRATION_KINDS
from exchange_schemas.kinds_of_backup import BACKUP_KINDS
from exchange_schemas.kinds_of_catalogues import CATALOGUES_KINDS
from exchange_schemas.kinds_of_checks import CHECK_KINDS
from exchange_schemas.kinds_of_ckan import CKAN_KINDS
from exchange_schemas.kinds_of_console_feeds import CONSOLE_FEEDS_KINDS
from exchange_schemas.kinds_of_console_records import CONSOLE_RECORDS_KINDS
from exchange_schemas.kinds_of_consuming import CONSUMING_KINDS
from exchange_schemas.kinds_of_converters import CONVERTER_KINDS
from exchange_schemas.kinds_of_databases import DATABASE_KINDS
from exchange_schemas.kinds_of_decisions import DECISIONS_KINDS
from exchange_schemas.kinds_of_doctor import DOCTOR_KINDS
from exchange_schemas.kinds_of_exchange import EXCHANGE_KINDS
from exchange_schemas.kinds_of_exchange_serving import EXCHANGE_SERVING_KINDS
from exchange_schemas.kinds_of_feeds import FEED_KINDS
from exchange_schemas.kinds_of_files import FILE_KINDS
from exchange_schemas.kinds_of_filings import FILINGS_KINDS
from exchange_schemas.kinds_of_formats import FORMAT_KINDS
from exchange_schemas.kinds_of_grants import GRANTS_KINDS
from exchange_schemas.kinds_of_http import HTTP_KINDS
from exchange_schemas.kinds_of_law import LAW_KINDS
from exchange_schemas.kinds_of_monitoring import MONITORING_KINDS
from exchange_schemas.kinds_of_pages import PAGES_KINDS
from exchange_schemas.kinds_of_portal import PORTAL_KINDS
from exchange_schemas.kinds_of_proof import PROOF_KINDS
from exchange_schemas.kinds_of_receipts import RECEIPTS_KINDS
from exchange_schemas.kinds_of_releases import RELEASES_KINDS
from exchange_schemas.kinds_of_runs import RUN_KINDS
from exchange_schemas.kinds_of_scale import SCALE_KINDS
from exchange_schemas.kinds_of_schemas import SCHEMA_KINDS
from exchange_schemas.kinds_of_scoreboard import SCOREBOARD_KINDS
from exchange_schemas.kinds_of_search import SEARCH_KINDS
from exchange_schemas.kinds_of_serving import SERVING_KINDS
from exchange_schemas.kinds_of_settings import SETTINGS_KINDS
from exchange_schemas.kinds_of_sources import SOURCE_KINDS
from exchange_schemas.kinds_of_streams import STREAMS_KINDS
from exchange_schemas.kinds_of_subscriptions import SUBSCRIPTIONS_KINDS
from exchange_schemas.kinds_of_suggestions import SUGGEST_KINDS
from exchange_schemas.kinds_of_supervision import SUPERVISION_KINDS
from exchange_schemas.kinds_of_targets import TARGETS_KINDS
from exchange_schemas.kinds_of_transfers import TRANSFERS_KINDS
from exchange_schemas.kinds_of_tree import TREE_KINDS
from exchange_schemas.kinds_of_upgrade import UPGRADE_KINDS
from exchange_schemas.kinds_of_versions import VERSION_KINDS
from exchange_schemas.kinds_of_views import VIEWS_KINDS
from exchange_schemas.kinds_of_workbooks import WORKBOOK_KINDS
from exchange_schemas.kinds_of_xml import XML_KINDS

KINDS: dict[str, Kind] = {
    # --- the delivery as a whole -------------------------------------------------------------
    "file_missing": _error("no file at {value}; check the path in the feed, or deliver the file"),
    "workbook_locked": _error(
        "the workbook is protected with a password; save it without one and deliver it again"
    ),
    "workbook_too_large": _error(
        "the workbook holds {found}, and at most {expected} are read; delete cells far away from "
        "the table, or split it"
    ),
    "workbook_unmarked": _error(
        "the workbook isn't a template of a standard: {reason}; fill in a template as it was given "
        "out, or write a feed for this workbook"
    ),
    "sheet_missing": _error(
        "the workbook has no sheet {value} (it has {found}); correct sheet: of the feed"
    ),
    "header_empty": _error(
        "the row has no column names; give the row that has them as header_row: in the feed"
    ),
    "json_invalid": _error("the file isn't valid JSON ({reason}); have it exported again"),
    "json_place_missing": _error(
        "the file has no {expected} at {value}; correct rows: or total: of the feed"
    ),
    "column_duplicate": _error(
        "the header has the name {value} twice; give each column a name of its own"
    ),
    "column_missing": _error(
        "the file has no column {value} (it has {found}); correct the file or the feed's fields"
    ),
    "column_unknown": _warning(
        "column {value} is neither mapped nor ignored; add it to fields: or ignore: of the feed"
    ),
    "total_differs": _warning(
        "the source says {value} records and {found} were in the file; ask the department for the rest"
    ),
    "feed_shrank": _error(
        "the feed would remove {gone} of {before} records; the run is held and nothing was changed. "
        "If this is right, run it again with --accept"
    ),
    "feed_empty": _error(
        "the feed had no acceptable rows where it has {before} records; the run is held and "
        "nothing was changed. If this is right, run it again with --accept"
    ),
    "gone_not_applied": _warning(
        "{value} records are missing from the feed but were kept, because {rejected} rejected rows "
        "have no readable key; correct those rows first"
    ),
    # --- one row -----------------------------------------------------------------------------
    "row_length": _error("the row has {found} fields and the header {expected}; correct the row"),
    "line_unreadable": _error("the line isn't a JSON object ({reason}); correct it"),
    "row_hidden": _warning(
        "the row is hidden in the workbook and was read all the same; delete it if it isn't meant"
    ),
    "row_blank": _info("{value} blank rows were passed over; the first one is here"),
    "row_duplicate": _error(
        "the row repeats line {first} exactly; one copy was kept, nothing is lost"
    ),
    "key_duplicate": _error(
        "key {value} stands on line {first} too, with other content; keep the right one of the two"
    ),
    "key_missing": _error(
        "{field} must not be empty, because it identifies the record; fill it in"
    ),
    # --- one value ---------------------------------------------------------------------------
    "required": _error("{field} must not be empty; fill it in"),
    "expected": _warning(
        "{field} is empty although the official table asks for it; add it if known"
    ),
    "type": _error("{field} {value}: expected {expected}"),
    "date_unreadable": _error("{field} {value} isn't a date; write it as 2026-01-31"),
    "amount_unreadable": _error(
        "{field} {value} isn't an amount; write digits, with the unit if any"
    ),
    "cell_merged": _error(
        "cells {value} are merged, so nobody can tell which of them the value is meant for; unmerge "
        "them and fill in each"
    ),
    "cell_formula": _warning(
        "cell {cell}: {field} is computed; its result {value}, as stored in the workbook, was taken"
    ),
    "formula_uncached": _error(
        "cell {cell}: {field} is a formula without a stored result; open the workbook in Excel, "
        "save it and deliver it again"
    ),
    "cell_error": _error("cell {cell}: {field} is the error {value}; correct the cell"),
    "number_imprecise": _error(
        "cell {cell}: {field} {value} is a number of more than 15 digits, and the rest is lost; "
        "format the column as text and fill it in again"
    ),
    "lookup_unknown": _error(
        "{field} {value} isn't in the feed's table; add it to table: of this field in the feed"
    ),
    "code_unknown": _error(
        "{field} {value} isn't in the code list {expected}; use a code of the list"
    ),
    "code_not_valid": _warning(
        "{field} {named} is valid only {period} and the record's date is {day}{instead}; check it"
    ),
    "division_unlisted": _warning(
        "{field} {value} is of no administrative division that the hub knows; check it"
    ),
    "check_digit": _error(
        "{field} {value}: the check digit should be {expected}; check the original"
    ),
    "format": _error("{field} {value} doesn't have the form of {expected}; check the original"),
    "length": _error(
        "{field} has {found} characters and at most {expected} are allowed; shorten it"
    ),
    "too_short": _error("{field} has {found} characters and at least {expected} are needed"),
    "range": _error("{field} {value} is outside the allowed range {expected}"),
    "pattern": _error("{field} {value} doesn't match {expected}; check the original"),
    "forbidden": _error(
        "{field} {value} must not be given here, because other fields exclude it; correct one of them"
    ),
    "schema": _error("{field} {value} breaks the rule {expected} of the standard"),
    "code_absent": _warning(
        "{field} is the placeholder 00000000000000000X: no credit code was given; add it if known"
    ),
    # --- declarations and commands -----------------------------------------------------------
    "dataset_unknown": _error("there is no dataset {value}; known are: {known}"),
    "version_unknown": _error("dataset {dataset} has no version {value}; known are: {known}"),
    "feed_unknown": _error(
        "there is no feed {value}; give a name from 'hub feed list', a .yml file or a filled "
        "template (.xlsx)"
    ),
    "feed_invalid": _error("the feed's {place}: {reason}; correct the declaration"),
    "converter_unknown": _error(
        "field {field}: there is no converter {value}; known are: {known}"
    ),
    "converter_unfit": _error(
        "field {field}: converter {value} gives {found} and the field is {expected}; use another"
    ),
    "option_unknown": _error("field {field}: converter {expected} has no option {value}"),
    "field_unknown": _error("the standard {dataset} has no field {value}; known are: {known}"),
    "field_unmapped": _error(
        "field {value} is required by the standard and the feed doesn't give it"
    ),
    "secret_missing": _error("the environment variable {value} is not set; set it before running"),
    "standard_invalid": _error("{place}: {reason}"),
    "mask_unknown": _error("field {field}: there is no mask {value}; known are: {known}"),
    "key_optional": _error(
        "{place}: a record may lack {value}, which is part of its key; make one of them required"
    ),
    "standard_file_missing": _error("there is no file {value}; every standard has it"),
    "keyword_unknown": _error("{place}: there is no keyword {value}; correct its spelling"),
    "format_unknown": _error("{place}: there is no format {value}; known are: {known}"),
    "codelist_unknown": _error("there is no code list {value}; known are: {known}"),
    "codelist_invalid": _error("{reason}; correct the code list"),
    "codes_missing": _error(
        "there is no folder {value}, which HUB_CODES names; correct the variable or unset it"
    ),
    "schema_uncompiled": _info(
        "{place}: keyword {value} isn't compiled, so every row is checked on its own, which is slow"
    ),
    "sample_differs": _error("{place}: expected issues {expected}, found {value}"),
    "pattern_not_xsd": _error(
        "XML Schema has no word for the pattern {value}; write it without look-around, references "
        "and anchors inside"
    ),
    "dictionary_folder_taken": _error(
        "the folder {value} has files that aren't a data dictionary; name a new or an empty folder"
    ),
    **SCHEMA_KINDS,
    # --- checks beyond the schema ------------------------------------------------------------
    **CHECK_KINDS,
    **CONSUMING_KINDS,
    **VERSION_KINDS,
    **TREE_KINDS,
    **CONVERTER_KINDS,
    **DATABASE_KINDS,
    **FEED_KINDS,
    **SOURCE_KINDS,
    **SUGGEST_KINDS,
    **FILE_KINDS,
    **FORMAT_KINDS,
    **WORKBOOK_KINDS,
    **XML_KINDS,
    **PAGES_KINDS,
    **RUN_KINDS,
    **HTTP_KINDS,
    **UPGRADE_KINDS,
    **VIEWS_KINDS,
    **LAW_KINDS,
    **DECISIONS_KINDS,
    **CONSOLE_RECORDS_KINDS,
    **EXCHANGE_KINDS,
    **EXCHANGE_SERVING_KINDS,
    **GRANTS_KINDS,
    **FILINGS_KINDS,
    **SCOREBOARD_KINDS,
    **STREAMS_KINDS,
    **SUBSCRIPTIONS_KINDS,
    **TARGETS_KINDS,
    **SERVING_KINDS,
    **SETTINGS_KINDS,
    **DOCTOR_KINDS,
    **SUPERVISION_KINDS,
    **SCALE_KINDS,
    **SEARCH_KINDS,
    **RELEASES_KINDS,
    **RECEIPTS_KINDS,
    **CKAN_KINDS,
    **ACCOUNTS_KINDS,
    **ADMINISTRATION_KINDS,
    **CATALOGUES_KINDS,
    **CONSOLE_FEEDS_KINDS,
    **BACKUP_KINDS,
    **PORTAL_KINDS,
    **TRANSFERS_KINDS,
    **MONITORING_KINDS,
    # --- people and states -------------------------------------------------------------------
    "site_missing": _error(
        "there is no site at {value}; create one with: hub --site {value} init"
    ),
    "site_exists": _error("there is a site at {value} already"),
    "same_person": _error("{value} has approved this already; a second, different person must"),
    "digest_changed": _error("the record changed since it was shown; look at it again"),
    "state_wrong": _error("{value} is {state}; only {expected} can be {act}"),
    "record_unknown": _error("dataset {dataset} has no record {value}"),
    "actor_missing": _error("say who you are with --as NAME"),
    "disk_full": _error(
        "the disk is full while writing {value}; the release before it still stands"
    ),
    "interrupted": _error("the run was interrupted; nothing was changed. Run it again"),
    "declaration_other": _error(
        "this worker reads feed {value} otherwise than the run that waits for it: another program or declaration; "
        "bring all workers to one version"
    ),
    "run_busy": _error("feed {value} is being run by another process; wait for it to end"),
    **PROOF_KINDS,
}
