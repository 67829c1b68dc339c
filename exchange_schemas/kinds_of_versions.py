"""Kinds of issue: new standards, versions of a standard, and the way from one to another."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

VERSION_KINDS: dict[str, Kind] = {
    "version_untranslatable": error(
        "dataset {dataset} has no declared way from version {value} to version {expected}; ask for "
        "version {value}"
    ),
    "version_ended": error(
        "version {value} of dataset {dataset} was served until {expected}; ask for a later version"
    ),
    "version_over": error(
        "version {value} of dataset {dataset} could be supplied until {expected}; have the feed say a "
        "later version, or extend valid_to: in the standard"
    ),
    "version_in_use": error(
        "dataset {dataset} has entries of version {value}, and the proposed standard hasn't; keep its "
        "schema, and its line in versions:"
    ),
    "derivation_broken": error(
        "the records of dataset {dataset} follow from {value} of {other}, which version {version} "
        "doesn't have; activate a version of {dataset} first that does without"
    ),
    "lookup_broken": error(
        "a check of dataset {dataset} looks up {value} of {other}, which version {version} doesn't "
        "have; without it the check finds nothing"
    ),
    "migration_invalid": error("{place}: {reason}"),
    "no_counterpart": error(
        "{field}: {value} has no counterpart in version {expected}, and is not guessed"
    ),
    "impact_refused": error(
        "dataset {dataset}: version {value} would break what is there ({reason}); look at it with "
        "'hub standard impact', and activate it with --accept-impact if it is meant"
    ),
    "already_active": error("dataset {dataset}: version {value} is what the site uses already"),
    "name_wrong": error(
        "{value} is no name of a new standard; write DEPARTMENT/DATASET in small letters, digits and _"
    ),
    "owner_unknown": error(
        "there is no department {value} in codes/departments.csv; known are: {known}"
    ),
    "folder_exists": error("{value} exists already; choose another name or folder"),
    "proposal_wrong": error("{value} is no version and no folder of dataset {dataset}"),
}
