"""Kinds of issue: suggesting a first declaration for a file."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SUGGEST_KINDS: dict[str, Kind] = {
    "suggest_unknown": error(
        "the file begins with {value}, which is no format that the hub knows; have the data exported "
        "as CSV, Excel, JSON or XML"
    ),
    "suggest_format_absent": error(
        "the file is of the format {value}, for which no reader is installed (there are: {known}); "
        "have it exported in one of these"
    ),
    "suggest_encoding": error(
        "the file's characters are neither UTF-8 nor Chinese in GB 18030 or Big5; have it saved as UTF-8"
    ),
    "suggest_no_table": error(
        "no row of the first 25 looks like column names above a table (in JSON: there is no list of "
        "objects); write the declaration by hand, with the place of the table"
    ),
    "suggest_packed_name": error(
        "the file is packed, and the hub knows that by its name; rename it to end in .{value}"
    ),
    "suggest_too_large": error(
        "the document is larger than {value}, and where its records are can't be told from a part; "
        "write the declaration by hand, with rows: in format:"
    ),
    "suggest_no_field": error(
        "none of the columns ({found}) looks like a field of {dataset}; leave out --dataset to see "
        "which standards suit the file"
    ),
    "suggest_target_exists": error("there is a file {value} already; name another with --to"),
}
