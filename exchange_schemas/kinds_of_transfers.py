"""Kinds of issue: case transfers, complaint routing, and the terms of both."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info, warning

TRANSFERS_KINDS: dict[str, Kind] = {
    # --- both --------------------------------------------------------------------------------
    "act_unknown": error("there is no act {value}; known are: {known}"),
    "term_not_extended": error("term {value} can't be extended (again) by rule {rule}"),
    "contacts_invalid": error(
        "contacts.csv, line {value}: expected party, role (desk, head or supervisor) and address; "
        "correct the line"
    ),
    # --- case transfer -----------------------------------------------------------------------
    "transfer_unknown": error("there is no case {value} of yours; see hub transfer list"),
    "transfer_state": error(
        "case {value} is {state}; {act} is possible only while it is {expected}"
    ),
    "transfer_side": error("this act on case {value} is for {sides} only"),
    "transfer_no_taken": error(
        "another case was sent under {value}; give the number of this letter"
    ),
    "party_unknown": error(
        "{value} is no receiving authority ({known}); name a department, or register the consumer "
        "with hub transfer party"
    ),
    "party_kind_unknown": error("there is no kind of authority {value}; known are: {known}"),
    "case_unreadable": error(
        "the case can't be read ({value}); write one JSON object with fields of case_transfer, at "
        "most 100,000 bytes"
    ),
    "case_field": error("a sender doesn't write field {value}; known are: {known}"),
    "case_file_large": error("file {value} is empty or has more than {most} MB"),
    "case_file_type": error(
        "file {value} is none of PDF, JPEG, PNG, TIFF, and zipped formats such as OFD or DOCX"
    ),
    "case_files_many": error(
        "file {value}: a case has at most {most} files of {bytes} MB together"
    ),
    "case_file_unknown": error("the case has no file {value}"),
    "act_words": error("{value}: {field} is missing, too long, or not for this act"),
    "transfer_step": info("case {value}: {act}; it is {state} now"),
    "transfer_due": warning("case {value}: {term} is due by {due} ({rule})"),
    "transfer_overdue": warning("case {value}: {term} is overdue since {due} ({rule})"),
    # --- complaint routing -------------------------------------------------------------------
    "route_invalid": error("{file}, {value}: {reason}; correct the file"),
    "ticket_unknown": error("there is no ticket {value} of yours; see hub complaint list"),
    "ticket_state": error(
        "ticket {value} is a {kind} and {state}; {act} is possible only while it is {expected}"
    ),
    "ticket_side": error("this act on ticket {value} is for {sides} only"),
    "ticket_words": error("{value}: {field} is missing, too long, or not for this act"),
    "result_private": error(
        "the text shows private data ({value}); write it without, because it goes to the platform"
    ),
    "return_unknown": error("nothing with number {value} goes back to the platform"),
    "platform_only": error("this is for the complaint platform only; ask the hub's operator"),
    "efficiency_folder_taken": error(
        "the folder {value} has files that aren't an efficiency view; name a new or an empty folder"
    ),
    "supervisor_only": error("{value} doesn't supervise; the efficiency view is for who does"),
    "tickets_new": info("{count} new tickets, the first is {value}"),
    "ticket_step": info("ticket {value}: {act}; it is {state} now"),
    "ticket_due": warning("ticket {value}: {term} is due by {due} ({rule})"),
    "ticket_overdue": warning("ticket {value}: {term} is overdue since {due} ({rule})"),
}
