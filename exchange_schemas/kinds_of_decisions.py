"""Kinds of issue: people, review and disclosure."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

DECISIONS_KINDS: dict[str, Kind] = {
    "role_unknown": error("there is no role {value}; the roles are {known}"),
    "role_missing": error(
        "{value} isn't {role} of department {department}; let somebody of that department decide, or "
        "have the role granted with hub people add"
    ),
    "no_department": error(
        "there is no department {value}; the codes are those of departments.csv"
    ),
    "reason_missing": error("{value} needs a reason; give its code with --reason"),
    "reason_unknown": error("{value} is no reason for {act}; the reasons are {known}"),
    "not_examined": error(
        "dataset {value} asks for an examination for secrets and for personal data; state both with "
        "--secrecy and --privacy once you have examined the view"
    ),
    "on_hold": error("record {value} has to wait for {reason}; nothing can be decided before"),
    "sample_needed": error(
        "these are {value} records, and at most {limit} are decided on without a sample; use hub "
        "review sample draw"
    ),
    "sample_empty": error("there is no record that you may decide on; nothing was drawn"),
    "sample_unknown": error("there is no sample {value} of yours; draw one"),
    "sample_unseen": error(
        "{left} records of sample {value} haven't been looked at; open each with hub review show "
        "--sample {value}"
    ),
    "sample_used": error("sample {value} was decided on already; draw another"),
    "policy_unknown": error("there is no policy {value}; see hub review policy list"),
    "policy_decided": error("policy {value} is in force already, or has ended; propose a new one"),
    "release_overtaken": error(
        "dataset {value}: decisions on its records overtook its release {tries} times; publish again"
    ),
    "disclosure_wrong": error(
        "dataset {dataset}: disclosure {value} isn't in the state of its last move; somebody changed the "
        "database by hand. Restore it from a backup"
    ),
    "approval_wrong": error(
        "dataset {dataset}: disclosure {value} may be shown without the approval that it names; somebody "
        "changed the database by hand. Withdraw it and restore a backup"
    ),
    "notice_unknown": error("there is no notice {value} for this consumer"),
}
