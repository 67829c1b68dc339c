"""Kinds of issue: reading a delivery."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, warning

FORMAT_KINDS: dict[str, Kind] = {
    "file_empty": error("the file has no content; ask the department to export it again"),
    "header_only": warning(
        "the file has a header and no rows; ask the department to export it again"
    ),
    "bytes_invalid": error(
        "bytes {value} at offset {offset} aren't {encoding}; declare the encoding that the file "
        "really has, or have it exported again"
    ),
    "byte_nul": error(
        "the file has a NUL byte, so it isn't text in {encoding}; declare the encoding that it "
        "really has, or have it exported as text"
    ),
    "archive_damaged": error("the file can't be unpacked as {value}; deliver it again"),
    "quote_open": error(
        "a cell of the row that starts here opens a quotation mark that never closes; close it"
    ),
    "format_invalid": error(
        "the file can't be read as {format}: {reason}; open it, save it again and deliver it anew"
    ),
    "archive_locked": error("the archive is protected with a password; deliver it without one"),
    "archive_members": error("the archive holds more than {value} files; deliver fewer at a time"),
    "archive_bomb": error(
        "the file unpacks from {packed} bytes to more than {unpacked}, which no records do; export "
        "it again, or have HUB_LIMIT_RATIO and HUB_LIMIT_UNPACKED raised"
    ),
    "columns_too_many": error(
        "the file has {value} columns, which no table of records has; declare the delimiter, the sheet or "
        "the path that it really has, or have it exported again"
    ),
    "file_table_missing": error(
        "the file has no table {value} (it has: {found}); correct table: in the feed's format"
    ),
    "member_missing": error(
        "the archive has no file named like {pattern}; it has: {found}. Correct members: in the "
        "feed's format, or deliver it again"
    ),
}
