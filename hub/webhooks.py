"""What webhooks are sent: CloudEvents 1.0 in JSON, signed (RFC 9421), each known by its id.

A receiver is asked first, and says that it wants events by repeating the challenge. An answer of
2xx to an event means that it was received, and of a withdrawal that its records aren't shown any
more. 410 means that nothing should be sent any longer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from adapters.push import Pushed, push
from hub.message_signature import signed_headers
from hub.subscription_news import News
from hub.tables_of_subscriptions import ASK, PUBLISHED, WITHDRAWN
from publisher.signers import Signer

MEDIA_TYPE = "application/cloudevents+json"
#: Kind of event → its type.
TYPES = {
    ASK: "cn.exchange-hub.subscription.challenge",
    PUBLISHED: "cn.exchange-hub.records.published",
    WITHDRAWN: "cn.exchange-hub.records.withdrawn",
}


def event_body(
    base: str, event: Mapping[str, Any], news: News | None, leave: str, challenge: str = ""
) -> bytes:
    """The event as JSON; `leave` is the address that ends the subscription."""
    data: dict[str, Any] = {"unsubscribe": leave}
    if news is None:
        data["challenge"] = challenge
    else:
        data |= _data(news)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event["name"],
            "source": base,
            "type": TYPES[event["kind"]],
            "time": event["created_at"],
            "datacontenttype": "application/json",
            **({"subject": f"{news.dataset}/{news.release}"} if news else {}),
            "data": data,
        }
    )


def _data(news: News) -> dict[str, Any]:
    names = ("reason", "reason_title", "legal_basis")
    withdrawn = [
        {"record_id": one.record_id, "removed_on": one.at[:10]}
        | {name: getattr(one, name) for name in names}
        for one in news.withdrawn
    ]
    told = {name: value for name, value in asdict(news).items() if name != "withdrawn"}
    return told | {"withdrawn": withdrawn, "more": news.more}


def send_event(signer: Signer, url: str, body: bytes, *, internal: bool) -> Pushed:
    """The receiver's answer; raises as `adapters.push`."""
    headers = signed_headers(signer, url, body, MEDIA_TYPE, int(time.time()))
    return push(url, body, headers, internal=internal)


def repeats(answer: Pushed, challenge: str) -> bool:
    """Whether the receiver of a challenge wants events."""
    return 200 <= answer.status < 300 and challenge.encode() in answer.body
