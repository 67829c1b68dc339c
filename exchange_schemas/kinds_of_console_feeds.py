"""Kinds of issue: feeds that are connected and corrected in the console."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

CONSOLE_FEEDS_KINDS: dict[str, Kind] = {
    # --- files that people hand in -----------------------------------------------------------
    "upload_none": error("no file was chosen; choose one and send it again"),
    "upload_empty": error("{value} has no content; export it again"),
    "upload_not_kept": error(
        "{value} couldn't be kept: {reason}; tell whoever runs the hub, and send it again later"
    ),
    "upload_unknown": error("there is no such file of yours here any more; hand it in again"),
    # --- declarations ------------------------------------------------------------------------
    "feed_text_wrong": error("line {line}, {place}: {reason}"),
    "feed_source_closed": error(
        "a feed that is declared in the console can't take its deliveries from {value}; it can from: "
        "{known}. For anything else whoever runs the hub puts the declaration into the site's feeds/"
    ),
    "feed_secret_closed": error(
        "source names the environment variable {value}; a feed that is declared in the console has no "
        "secrets of the hub. Whoever runs the hub puts such a declaration into the site's feeds/"
    ),
    "feed_internal_closed": error(
        "{value} is a name for which addresses that aren't public were allowed; take another name for "
        "a feed that is declared in the console"
    ),
    "feed_department_other": error(
        "you don't hand in records for {value}; choose a department of which you are a submitter"
    ),
    "feed_standard_other": error(
        "{department} doesn't deliver records of dataset {value}; its owner names the departments that do"
    ),
    "feed_name_taken": error("there is or was a feed {value} already; take another name"),
    "column_twice": error(
        "field {field} is given by the columns {value}; let one of them go, or say in the declaration "
        "how they are put together"
    ),
    # --- runs, held runs, quarantine ---------------------------------------------------------
    "feed_waiting": error("feed {value} is queued or running already; wait until that has ended"),
    "feed_not_upload": error(
        "feed {value} fetches its deliveries; it takes no file that is handed in"
    ),
    "job_unknown": error("there is no job {value} of this feed"),
    "held_own": error(
        "{value} handed in the rows of this run; another person decides whether they are taken in"
    ),
    "held_reason_missing": error("say why; the reason is kept with the decision"),
    "correction_nothing": error(
        "no cell was changed; correct at least one and send the row again"
    ),
    "quarantine_many": error(
        "{value} rows are too many for a workbook; correct the source and deliver it again"
    ),
}
