"""Kinds of issue: timeliness and nil reports."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SCOREBOARD_KINDS: dict[str, Kind] = {
    "month_invalid": error("{value} is no month; write it as 2026-01"),
    "months_too_many": error(
        "from {value} to {last} there are more than {most} months; ask for a shorter time"
    ),
    "report_not_owed": error(
        "department {value} owes no report of {dataset} for {period}; see hub report overdue, and the "
        "owners in the dataset's standard"
    ),
    "report_too_early": error("month {value} isn't over; state that there was nothing once it is"),
    "report_against_data": error(
        "department {department} delivered records of {dataset} for {value}, so there was something; "
        "no nil report is needed"
    ),
    "report_stated": error(
        "department {department} has stated already that it had nothing of {dataset} for {value}; "
        "see hub report list"
    ),
    "report_unknown": error("there is no nil report {value}; see hub report list"),
    "report_withdrawn": error("nil report {value} was withdrawn already; see hub report list"),
    "measure_unknown": error("there is no measure {value}; the measures are {known}"),
    "scoreboard_folder_taken": error(
        "{value} has other files in it; name an empty folder, or that of an older scoreboard"
    ),
    "scoreboard_no_records": error(
        "a scoreboard for the public has no {value}; leave out --public, or what it can't be with"
    ),
}
