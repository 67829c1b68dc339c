"""Kinds of issue: what is suggested for tickets, and counted from them."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

COMPLAINT_KINDS: dict[str, Kind] = {
    "ticket_not_split": error(
        "ticket {value} isn't split: only a complaint or a report is, once, and no part of another ticket"
    ),
    "complaint_staff_only": error(
        "{value} handles no tickets; ask for a role with a department that does (hub people add)"
    ),
    "model_missing": error(
        "nothing was learnt from closed tickets yet; run hub complaint learn once there are at least two "
        "categories with {least} closed tickets each, or with --tree"
    ),
    "category_tree": error(
        "{value} is no tree of categories: give a CSV in UTF-8 with the columns code and path, the titles of all "
        "levels with / between them"
    ),
}
