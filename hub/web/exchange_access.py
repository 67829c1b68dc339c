"""Who asks, and what they may have: bearer keys and signed requests, networks, certificates, rates.

Nothing of a key or a signature is written to a log. A refusal says what to do and not how near a
guess was: wrong, ended and unknown keys get the same words in the same time.
"""

from __future__ import annotations

import ipaddress
import os
import re
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Request, current_app, g
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer, authenticate
from hub.consumers.nonces import sweep
from hub.consumers.secret import read_master
from hub.consumers.signed_requests import Signed, check_signed, use_once
from hub.database import look, write
from hub.grants.grant import Grant
from hub.grants.sharing import way_of
from hub.request_signature.profile import Message
from hub.web.client_certificate import CERTIFICATE
from hub.web.exchange_rates import Rates, tell_rates, usual_rate
from hub.web.problem import Problem

AUTHORITY = "HUB_EXCHANGE_AUTHORITY"
SWEPT_EVERY = 60  # seconds
_NAME = "exchange_gate"
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


@dataclass(slots=True)
class Gate:
    """What stands at the door of one application. `keys` is the folder with the master secret."""

    rates: Rates
    authority: str | None = None
    keys: Path | None = None
    swept_at: float = field(default_factory=time.time)


def add_access(app: Flask, keys: Path | None = None) -> None:
    """Let the application's routes ask `consumer_of` and `grant_for`.

    Without `keys`, no key of the kind hmac counts. Raises Misdeclared (authority_wrong,
    exchange_rate_wrong) where a setting is wrong.
    """
    authority = os.environ.get(AUTHORITY) or None
    if authority is not None and not _HOST.fullmatch(authority):
        raise Misdeclared(Issue("authority_wrong", value=authority[:64]))
    app.extensions[_NAME] = Gate(Rates(usual_rate(os.environ)), authority, keys)
    app.after_request(tell_rates)


def consumer_of(engine: Engine, request: Request) -> Consumer:
    """Who asks, found out once for each request.

    Raises Problem: 401 key_refused, signature_required, signature_incomplete, signature_stale,
    signature_wrong, signature_replayed; 400 content_digest_wrong; 403 network_refused,
    certificate_refused; 429 rate_exceeded, refused_too_often.
    """
    known: Consumer | None = g.get("exchange_consumer")
    if known is None:
        gate: Gate = current_app.extensions[_NAME]
        known = _looked_at(engine, request, gate)
        # Counted last: who repeats another's request doesn't use up the other's rate.
        gate.rates.count("consumer", known.id, known.rate)
        g.exchange_consumer = known
    return known


def signature_of() -> Signed | None:
    """The signature of the request that is answered, after `consumer_of`; None with a bearer key."""
    found: Signed | None = g.get("exchange_signed")
    return found


def grant_for(catalogue: Catalogue, consumer: Consumer, dataset: str) -> Grant:
    """The consumer's living grant of a dataset, counted as asked for.

    Raises Problem: 404 dataset_unknown, 403 not_granted, not_shared, not_public; 429 rate_exceeded.
    """
    try:
        standard = catalogue.get(dataset)
    except Misdeclared as error:
        raise Problem(HTTPStatus.NOT_FOUND, error.issue) from error
    found = consumer.grant_of(dataset)
    if found is None:
        raise Problem(HTTPStatus.FORBIDDEN, Issue("not_granted", value=dataset))
    try:
        way_of(standard, found.audience)  # the standard may have changed since it was granted
    except Refused as error:
        raise Problem(HTTPStatus.FORBIDDEN, error.issue) from error
    if found.rate is not None:
        gate: Gate = current_app.extensions[_NAME]
        gate.rates.count("grant", found.id, found.rate)
    return found


def _looked_at(engine: Engine, request: Request, gate: Gate) -> Consumer:
    """As `_admitted`, as long as not too many requests from the same place were refused just now."""
    whence = _whence(request.remote_addr or "")
    if whence is None:
        return _admitted(engine, request, gate)
    gate.rates.check_refused(whence)
    try:
        return _admitted(engine, request, gate)
    except Problem:
        gate.rates.count_refused(whence)
        raise


def _admitted(engine: Engine, request: Request, gate: Gate) -> Consumer:
    signed = None
    if "Signature" in request.headers or "Signature-Input" in request.headers:
        signed = _signer(engine, request, gate)
        consumer = signed.consumer
    else:
        consumer = _bearer(engine, request)
    _check_place(consumer, request)
    if signed is not None:
        _use_once(engine, signed, gate)
    g.exchange_signed = signed
    return consumer


def _bearer(engine: Engine, request: Request) -> Consumer:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    with look(engine) as connection:
        found = authenticate(connection, key.strip() if scheme.lower() == "bearer" else "")
    if found is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, Issue("key_refused"))
    if found.signed_only:
        raise Problem(HTTPStatus.UNAUTHORIZED, Issue("signature_required"))
    return found


def _signer(engine: Engine, request: Request, gate: Gate) -> Signed:
    try:
        message = _message(request, gate.authority)
        master = read_master(gate.keys) if gate.keys else None
        with engine.connect() as connection:
            return check_signed(connection, message, request.get_data, master)
    except Refused as error:
        if error.issue.code == "consumer_secret_unreadable":
            raise
        wrong_body = error.issue.code == "content_digest_wrong"
        status = HTTPStatus.BAD_REQUEST if wrong_body else HTTPStatus.UNAUTHORIZED
        raise Problem(status, error.issue) from error


def _use_once(engine: Engine, signed: Signed, gate: Gate) -> None:
    now = time.time()
    due = abs(now - gate.swept_at) >= SWEPT_EVERY
    try:
        with write(engine) as connection:
            use_once(connection, signed)
            if due:
                gate.swept_at = now
                sweep(connection, now)
    except Refused as error:
        raise Problem(HTTPStatus.UNAUTHORIZED, error.issue) from error


def _message(request: Request, authority: str | None) -> Message:
    """The request as it came over the wire. Raises Refused (signature_incomplete)."""
    environ = request.environ
    target = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or "")
    if not target.startswith("/") or "#" in target:
        raise Refused(Issue("signature_incomplete", params={"reason": "@path"}))
    host = authority or str(environ.get("HTTP_HOST", ""))
    if not _HOST.fullmatch(host):
        raise Refused(Issue("signature_incomplete", params={"reason": "@authority"}))
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Message(request.method, f"{request.scheme}://{host}{target}", headers)


def _check_place(consumer: Consumer, request: Request) -> None:
    if consumer.networks and not _is_within(request.remote_addr or "", consumer.networks):
        issue = Issue("network_refused", value=request.remote_addr)
        raise Problem(HTTPStatus.FORBIDDEN, issue)
    shown = request.environ.get(CERTIFICATE)
    if consumer.certificates and shown not in consumer.certificates:
        raise Problem(HTTPStatus.FORBIDDEN, Issue("certificate_refused"))


def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    found = _address(address)
    return found is not None and any(found in ipaddress.ip_network(one) for one in networks)


def _whence(address: str) -> str | None:
    """What refusals are counted by: an address, or of IPv6 its subnet (RFC 4291, section 2.5.1). None for
    the machine's own, which may be a proxy's, with everybody behind it."""
    found = _address(address)
    if found is None or found.is_loopback:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """One of IPv4 in the form of IPv6 is taken for what it is."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
