"""Kinds of issue: workbooks, DBF tables and rows of a fixed width."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info, warning

WORKBOOK_KINDS: dict[str, Kind] = {
    # --- the delivery as a whole -------------------------------------------------------------
    "workbook_other": error(
        "the file isn't {format}: it is {reason}; declare kind: {kind} in the feed's format:, or "
        "have it saved as {format}"
    ),
    "table_missing": error(
        "no cell of the sheet has {value} in it; correct table: after: of the feed"
    ),
    "header_missing": error(
        "none of the {within} rows that were looked at has a cell of {value}; correct header: "
        "contains: of the feed, or give header_row:"
    ),
    "header_missing_near": error(
        "no row has the cells {value}; this one comes nearest and lacks {missing} (it has {found}). "
        "Correct header: contains: of the feed, or give header_row:"
    ),
    "row_endless": error(
        "there is no line end within {found} bytes; have the file exported with one record on each "
        "line, or correct encoding: of the feed"
    ),
    # --- rows and cells ----------------------------------------------------------------------
    "table_end_missing": warning(
        "no row begins with {value}, so all rows to the end were taken; have it checked whether the "
        "table was delivered whole, or correct until: of the feed"
    ),
    "row_after_table": info(
        "{value} rows behind the table's end were not taken; the first one is here"
    ),
    "cell_unnamed": warning(
        "cell {cell} has {value} and its column has no name; name the column, or take it in as "
        "{column} under fields: or ignore: of the feed"
    ),
    "memo_unread": error(
        "{field} is kept in a memo file, which isn't read; have it exported as a column of "
        "characters, or as a workbook"
    ),
    "column_memo": warning(
        "column {value} is kept in a memo file, which isn't read; leave it out of fields:, or have "
        "it exported as a column of characters"
    ),
    "record_deleted": info(
        "{value} records are marked as deleted and were passed over; the first one is here"
    ),
    "record_unmarked": error(
        "the record begins with byte {value}, which is neither kept nor deleted; have the table "
        "exported again"
    ),
    "bytes_cut": error(
        "{field} {value} has bytes that aren't {encoding}: a character was cut in two, or it is "
        "another encoding; correct it, or declare encoding: anew"
    ),
    "row_width": error(
        "the row is {found} {unit} long and should be {expected}; correct the row, or columns: of "
        "the feed"
    ),
    "gap_filled": warning(
        "positions {value} are in no column and this row has {found} there; declare a column for "
        "them, or have it checked whether the others are right"
    ),
}
