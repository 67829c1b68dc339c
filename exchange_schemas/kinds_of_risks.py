"""Kinds of issue: risk signals and what people do to them, and statistics of finance."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

RISKS_KINDS: dict[str, Kind] = {
    "risk_unknown": error("there is no risk signal {value}; see hub risk list"),
    "risk_role": error(
        "{act} of risk signal {value} takes the role {role} in an office that deals with risks; have it "
        "granted with hub people add"
    ),
    "risk_state": error("risk signal {value} is {state}; {act} is possible only from: {expected}"),
    "risk_words": error(
        "{value}: {field} is missing, unknown or longer than 2000 characters; give it"
    ),
    "risk_same_person": error(
        "risk signal {value}: you took part in dealing with it; another person has to {act} it"
    ),
    "indicator_unknown": error(
        "there is no indicator {value} in the statistics; known are: {known}"
    ),
    "risk_without_act": error(
        "risk signal {value} has the level {level} and nothing was done yet; record a measure first"
    ),
}
