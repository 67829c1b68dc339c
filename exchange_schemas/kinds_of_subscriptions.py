"""Kinds of issue: subscriptions."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

SUBSCRIPTIONS_KINDS: dict[str, Kind] = {
    "subscription_email": error("this isn't an e-mail address; write it like name@example.cn"),
    "subscription_url": error(
        "this isn't an address that can be sent to; write it like https://example.cn/receiver"
    ),
    "subscription_unreadable": error(
        "the subscription {value} can't be read and isn't kept: {reason}"
    ),
    "subscription_unknown": error("there is no subscription {value}; see hub subscription list"),
    "subscriptions_full": error(
        "{value} has no room for another subscription ({reason}); start a worker that takes them in, "
        "or give the folder more room"
    ),
}
