"""Whether the view of a target's grant has what its mapping needs."""

from __future__ import annotations

from collections.abc import Iterator

from exchange_schemas.issue import Issue
from hub.outbound.desk import Desk


def check_grant(desk: Desk) -> Iterator[Issue]:
    """A field that the view doesn't have is an error where the province requires its column, and else a
    warning."""
    seen = set(desk.standard.fields_for(desk.view.audience))
    if desk.view.fields is not None:
        seen &= set(desk.view.fields)
    for name, rule in desk.target.table.rules.items():
        hidden = [field for field in dict.fromkeys(rule.fields()) if field not in seen]
        if hidden:
            column = desk.target.table.columns[name]
            whole = column.required and len(hidden) == len(set(rule.fields()))
            code = "target_hidden_required" if whole else "target_hidden_field"
            yield Issue(code, field=name, value=", ".join(hidden))
