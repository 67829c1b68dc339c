"""Kinds of issue: prices, their alerts and what is decided on them."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

PRICE_KINDS: dict[str, Kind] = {
    "price_rules_invalid": error(
        "{value}: the rules of price alerts can't be read: {reason}; correct the file"
    ),
    "price_item_unknown": error(
        "there are no prices of {value}; look which items there are (hub price series, or the page Prices)"
    ),
    "price_alert_unknown": error(
        "there is no price alert {value} of this hub; look which there are (hub price alerts)"
    ),
    "price_alert_lifted": error(
        "price alert {value} was lifted on {day}, so it can't be released any more; a new alert can"
    ),
    "price_decision_words": error(
        "{value}: {reason}; give a decision, the reason for it, and with a release the text that the public reads"
    ),
}
