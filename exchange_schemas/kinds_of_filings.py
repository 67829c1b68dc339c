"""Kinds of issue: objections, repair and consent."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error, info

FILINGS_KINDS: dict[str, Kind] = {
    # --- filings -----------------------------------------------------------------------------
    "filing_unknown": error("there is no filing {value}; see hub filing list --all"),
    "filing_wrong": error("the filing {value} can't be taken: {reason}"),
    "filing_twice": error("another filing has the number {value}; this one wasn't taken"),
    "filing_state": error(
        "filing {value} is {state}, and this is possible only while it is {expected}"
    ),
    "filing_kind_wrong": error("filing {value} is a {kind}, and this is for {expected} only"),
    "outcome_unknown": error("there is no outcome {value}; known are: {known}"),
    "answer_missing": error("the party needs an answer; write one with --answer"),
    "answer_private": error(
        "the answer shows private data ({value}); write it without, because it can be read by "
        "whoever has the number"
    ),
    # --- credit repair -----------------------------------------------------------------------
    "repair_condition": error("condition {value} of credit repair: {reason}"),
    "condition_unknown": error("{value} is nothing that a person confirms; known are: {known}"),
    "record_gone": error("record {value} isn't in the ledger any more"),
    "repair_unstated": info("the party didn't state {value}"),
    "repair_unconfirmed": info(
        "the party states it; the handler has to confirm it with --confirm {value}"
    ),
    "repair_confirmed": info("confirmed by {by}: {reason}"),
    "repair_denied": info("not confirmed by {by}: {reason}"),
    "repair_promised": info("the party made its public promise"),
    "repair_nothing_known": info("the ledger has nothing against it"),
    "repair_no_repeat": info("the party was penalised again: {documents}"),
    "repair_not_listed": info("the party is on a list: {documents}"),
    "repair_perhaps": info(
        "it may be the same party, which its code doesn't tell: {documents}; the handler has to say "
        "so with --confirm {value} or --deny {value}"
    ),
    "repair_minimum_period": info("the least term isn't over before {day} ({rule})"),
    "repair_minimum_period_fine": info("the least term is over since {day} ({rule})"),
    "repair_heavy_kind": info("penalties of this kind are never repaired: {kinds} ({rule})"),
    "repair_heavy_kind_fine": info("no penalty of a kind that is never repaired"),
    # --- consent -----------------------------------------------------------------------------
    "consent_unknown": error("there is no consent {value} of this dataset; see hub consent list"),
    "consent_answer_unknown": error("there is no answer {value}; known are: {known}"),
    "consent_decision_unknown": error("there is no decision {value}; known are: {known}"),
    "consent_closed": error("consent {value} was answered or decided on already"),
    "consent_open": error(
        "consent {value} has no answer; note it with hub consent answer, from the day after {due} on "
        "also that there is none"
    ),
    "consent_early": error(
        "the party of consent {value} has until {due} to answer; before that silence means nothing"
    ),
    # --- notices -----------------------------------------------------------------------------
    "notice_unreadable": error(
        "the hub's notices after {value} can't be read; nothing of them was kept. Try again, and tell "
        "the hub's operator if it stays so"
    ),
}
