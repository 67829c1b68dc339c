"""Delivery to a JSON service: batches by POST, signed (RFC 9421), with a digest of the body (RFC 9530).

    {"batch": …, "target": …, "table": …, "entries": [{"flow", "item", "sn", "operation", "fields": {…}}]}

is answered with `{"results": [{"flow": …, "state": "accepted" | "duplicate" | "rejected", "code", "reason"}]}`.
`Idempotency-Key` is the same for the same bytes of the same batch.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import orjson
import polars as pl

from adapters.push import Pushed, push
from adapters.source import Ask
from exchange_schemas.errors import HubError, SourceUnavailable, TargetRefused, TargetUnavailable
from exchange_schemas.issue import Issue
from hub.outbound import parcel as parts
from hub.outbound.asked import ask_of, discreetly
from hub.outbound.parcel import ANSWERS, REFUSED, TAKEN, Parcel
from hub.outbound.target import Target
from hub.outbound.way import Files, Returned, Sent
from hub.request_signature.sign import signed, signing_key
from hub.site import Site
from publisher.signed_links import key_name
from publisher.signers import Signer
from publisher.signing_keys import site_signer

MEDIA_TYPE = "application/json"
MOST = 16 << 20  # bytes of an answer
_STATES = {"accepted": TAKEN, "duplicate": TAKEN, "rejected": REFUSED}
_BUSY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(slots=True)
class JsonWay:
    """A `way.Way`."""

    target: Target
    site: Site
    ask: Ask = field(init=False)
    _signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        self.ask = ask_of(self.target)
        self._signer = site_signer(self.site.keys, self.site.releases, os.environ)

    def send(self, parcel: Parcel) -> Sent:
        """One request; what the answer doesn't name is sent again."""
        with discreetly(self.target):
            try:
                answer = self._post(parcel, body_of(self.target, parcel))
            except SourceUnavailable as away:
                words = {"reason": away.issue.message("en"),
                         "reason_zh": away.issue.message("zh_CN")}  # fmt: skip
                raise TargetUnavailable(Issue("target_away", params=words)) from None
        self._check(answer)
        answers = _read(answer.body)
        if answers is None:
            return Sent(error=_strange(self.target, "no JSON with results"), away=True)
        missing = set(parcel.rows[parts.FLOW]) - set(answers[parts.FLOW])
        error: HubError | None = None
        if missing:
            error = _strange(self.target, f"{len(missing)} entries without a result")
        return Sent(answers, error=error)

    def _post(self, parcel: Parcel, body: bytes) -> Pushed:
        url = str(self.ask.options["url"])
        key = signing_key(key_name(self._signer.public_key), self._signer)
        headers = signed("POST", url, body, key, MEDIA_TYPE)
        known = uuid5(UUID(parcel.batch), hashlib.sha256(body).hexdigest())
        more = {"Idempotency-Key": f'"{known}"', **self.ask.options.get("headers", {})}
        seconds = float(self.ask.limits.request_seconds)
        return push(
            url, body, {**headers, **more}, internal=self.ask.internal, seconds=seconds, most=MOST
        )

    def _check(self, answer: Pushed) -> None:
        if 200 <= answer.status < 300:
            return
        words = {"reason": f"HTTP {answer.status}"}
        if answer.status in _BUSY:
            raise TargetUnavailable(Issue("target_away", params=words))
        raise TargetRefused(Issue("target_denied", value=self.target.name, params=words))

    def collect(self, known: Files, flows: pl.Series) -> Iterator[Returned]:
        """Nothing: the service answers at once."""
        return iter(())

    def close(self) -> None:
        """There is nothing to close."""


def body_of(target: Target, parcel: Parcel) -> bytes:
    """The request's body: the same bytes for the same entries."""
    table = target.table
    words = table.operation.words
    fields = pl.struct(table.names).struct.json_encode()
    told = parcel.rows.select(
        pl.col(parts.FLOW).alias("flow"), pl.col(parts.ITEM).alias("item"),
        pl.col(parts.SEQ).alias("sn"),
        pl.col(parts.OPERATION).replace_strict(words).alias("operation"),
    )  # fmt: skip
    about = told.select(pl.struct(pl.all()).struct.json_encode().str.head(-1)).to_series()
    entries = pl.select(
        pl.concat_str(
            about, pl.lit(',"fields":'), parcel.rows.select(fields).to_series(), pl.lit("}")
        )
    ).to_series()
    start = orjson.dumps({"batch": parcel.batch, "target": target.name, "table": table.name})
    listed = ",".join(entries.to_list()).encode()
    return start[:-1] + b',"entries":[' + listed + b"]}"


def _read(body: bytes) -> pl.DataFrame | None:
    """`ANSWERS`; None where it isn't the form."""
    try:
        told: Any = orjson.loads(body)
        rows = [
            (one["flow"], _STATES[one["state"]], _word(one.get("code")), _word(one.get("reason")))
            for one in told["results"]
        ]
        return pl.DataFrame(rows, schema=ANSWERS, orient="row")
    except (orjson.JSONDecodeError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None


def _word(told: object) -> str | None:
    return None if told is None else str(told)[:300]


def _strange(target: Target, reason: str) -> TargetUnavailable:
    return TargetUnavailable(Issue("target_strange", value=target.name, params={"reason": reason}))
