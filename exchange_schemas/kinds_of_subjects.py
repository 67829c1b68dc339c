"""Kinds of issue: subjects, and what people decide on them."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SUBJECT_KINDS: dict[str, Kind] = {
    "subject_unknown": error(
        "there is no subject {value}; look it up by its credit code, its registration number or its name"
    ),
    "subject_with_itself": error("{value} was named twice; a decision needs two subjects"),
    "subject_why_missing": error("say why: a decision on subjects is kept with its reason"),
    "subject_decided": error("{value}: this is decided already; undo it to decide otherwise"),
    "subject_person": error(
        "{value} names, or may name, a natural person: records of persons are brought together by nobody, since "
        "the law needs no profile of them"
    ),
    "subject_kept_apart": error(
        "{value} can't be one subject: decision {number} says that {one} and {other} differ; undo it first"
    ),
    "subject_decision_unknown": error("there is no decision {value} on subjects"),
    "subject_undone": error("decision {value} was undone already"),
}
