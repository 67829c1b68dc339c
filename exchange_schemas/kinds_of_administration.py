"""Kinds of issue: filings, standards and administration in the console."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

ADMINISTRATION_KINDS: dict[str, Kind] = {
    "evidence_unknown": error("this filing has no file {value}"),
    "evidence_changed": error(
        "file {value} of this filing isn't the one that was filed, or is missing; it isn't handed out. "
        "Compare the site's folder filings/taken with a backup"
    ),
    "party_missing": error("write who is asked"),
    "password_old_wrong": error("the password that you have now is wrong; nothing was changed"),
    "account_by_password": error(
        "the three administrators sign in with a password and a one-time code, not by the identity provider"
    ),
    "session_unknown": error("there is no such session any more; open the page again"),
    "day_wrong": error("{value} isn't a day; write it as 2026-01-31"),
    "job_unknown": error(
        "there is no failed job {value}; somebody may have queued it again already"
    ),
    "identity_away": error(
        "the identity provider can't be reached just now ({reason}); try again in a minute"
    ),
}
