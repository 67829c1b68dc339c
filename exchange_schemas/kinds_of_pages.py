"""Kinds of issue: pages, SQL dumps, database files, and what is written as part of a program."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info

PAGES_KINDS: dict[str, Kind] = {
    # --- pages -------------------------------------------------------------------------------
    "html_encoding": error(
        "the page says that it is in {value}, which isn't read (known: {known}); say the real one "
        "as encoding: in the feed's format"
    ),
    "html_table_missing": error(
        "the page has no table {value} (it has {found}); correct table: of the feed's format"
    ),
    "html_table_several": error(
        "tables {value} of the page all fit (it has {found}); say which one as table: in the feed's "
        "format"
    ),
    "html_side_by_side": error(
        "the header doesn't repeat the same columns {value} times (it has {found}); correct "
        "side_by_side: of the feed's format"
    ),
    "html_record_missing": error(
        "nothing of the record was found on the page; look at the page, and correct record: of the "
        "feed's format where it was built anew"
    ),
    "html_row_spanning": info(
        "{found} rows that are one cell over the whole table, or its foot, were passed over; the "
        "first is here: {value}"
    ),
    "html_row_hidden": info("{value} rows that the page doesn't show were passed over"),
    "page_path_invalid": error(
        "{value} can't be used as XPath or as a CSS selector: {reason}; correct it in the feed"
    ),
    "page_missing": error(
        "{value} answered {status}, so the list names a page that isn't there; try again later, or "
        "say dead_links: skip in the feed's source"
    ),
    "page_too_large": error("{value} is larger than {most}; correct the address"),
    "page_elsewhere": error(
        "{value} leads to another server than {expected}; correct details: or next: of the feed's "
        "source"
    ),
    "pages_without_links": error(
        "{value} has none of the links that details: of the feed's source names; look at the page, "
        "and say what an empty list looks like as empty:"
    ),
    "pages_last_missing": error(
        "{value} has no number at {expected}; correct last: of the feed's source"
    ),
    "pages_in_circles": error(
        "{value} leads back to a page that came before; correct next: of the feed's source"
    ),
    "pages_too_many": error(
        "the list has more than {value} pages; correct the feed's source, or have HUB_LIMIT_PAGES "
        "raised"
    ),
    "pages_too_slow": error(
        "the pages take longer than {value} s; take fewer, or have HUB_LIMIT_SECONDS raised"
    ),
    "robots_refused": error(
        "the site's robots.txt doesn't allow {value}; ask its owner for another way, or for the "
        "permission to set robots: false"
    ),
    # --- SQL dumps ---------------------------------------------------------------------------
    "sql_table_missing": error(
        "the dump has no table {value} (it has {found}); correct table: of the feed's format"
    ),
    "sql_table_several": error(
        "the dump has the table {value} in several schemas ({found}); say which one"
    ),
    "sql_unreadable": error("the dump can't be read here: {reason}"),
    "sql_statement": error(
        "the statement {value} changes the table in a way that isn't carried out; have the table "
        "exported anew"
    ),
    "sql_columns_differ": error(
        "the columns {value} differ from {expected} in the statements before; have the table "
        "exported anew"
    ),
    "sql_row_unreadable": error(
        "the row has a value that isn't a plain one: {value}; have it exported as a value"
    ),
    # --- database files ----------------------------------------------------------------------
    "sqlite_text": error(
        "column {field}: the text isn't UTF-8: {value}; correct it in the database"
    ),
    # --- programs ----------------------------------------------------------------------------
    "script_missing": error(
        "the file has no data behind {value}; correct script: of the feed's format"
    ),
    "script_several": error(
        "the file has data behind {value} {found} times; say more of the name as script: in the "
        "feed's format"
    ),
}
