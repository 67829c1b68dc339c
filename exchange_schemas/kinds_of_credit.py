"""Kinds of issue: credit classes, warnings, and appeals against what counts."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

CREDIT_KINDS: dict[str, Kind] = {
    "credit_rules_invalid": error("credit indicators, at {place}: {reason}"),
    "credit_too_early": error(
        "version {value} is valid from {valid_from} on and can't hold from {begin}; choose a later day"
    ),
    "credit_retroactive": error(
        "version {value} would hold from {begin}, which is over: classes are never changed for days that are past. "
        "Propose it again from {today} on or later"
    ),
    "credit_version_taken": error(
        "there is a version {value} with other content; give this one a version of its own"
    ),
    "credit_version_unknown": error(
        "there is no proposed version {value} (hub credit versions lists them)"
    ),
    "credit_version_decided": error("the proposal {value} was decided on already"),
    "credit_day_taken": error(
        "another version holds from {value} on already; propose this one from another day"
    ),
    "credit_subject_unknown": error(
        "{value} has no credit class: it isn't registered here and nothing counts against it"
    ),
    "credit_contribution_unknown": error(
        "no such record counts for {value} now; hub credit show {value} lists those that do"
    ),
    "credit_appeal_unknown": error("there is no appeal {value} (hub credit appeal list)"),
    "credit_appeal_state": error(
        "appeal {value} is {state}; only one that is {expected} can be {act}"
    ),
    "credit_appeal_words": error(
        "the appeal can't be taken: {field} is missing or longer than {most} characters"
    ),
    "credit_appeal_until": error(
        "{value} isn't a day after today: until when is the record left out?"
    ),
    "credit_watch_wrong": error("{field}: {value} isn't one of {expected}"),
    "credit_watch_unknown": error("you have no subscription {value}"),
}
