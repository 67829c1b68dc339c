"""One message to one way: a letter, a signed POST, or a robot's message; and what its answer means.

The robots answer 200 to everything and say in `errcode` whether they took it (企业微信 群机器人配置说明;
钉钉 自定义机器人接入). No redirect is followed; an answer is told by its code, never by its text.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote_plus

import orjson

from adapters.push import push
from exchange_schemas.errors import HubError
from hub import mail
from hub.monitoring.alert_ways import (
    DINGTALK,
    DINGTALK_SECRET,
    MAIL,
    SETTINGS,
    WEBHOOK,
    WEBHOOK_SECRET,
    WECOM,
    setting_of,
)
from hub.monitoring.alert_words import DINGTALK_BYTES, WECOM_BYTES, Told, letter, markdown, title
from hub.request_signature.sign import shared_key, signed

SECONDS = 10
JSON = {"Content-Type": "application/json; charset=utf-8"}
KEYID = "hub-alerts"
EVENT = "cn.exchange-hub.alert"


@dataclass(frozen=True, slots=True)
class Message:
    """`name` is by what a receiver knows it again, `place` whose hub it is."""

    name: str
    created_at: str
    place: str
    told: Told


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it was taken, and the answer in a word: 200, errcode 45009, source_unreachable …"""

    taken: bool
    answer: str


def post(way: str, message: Message) -> Outcome:
    """Send it; whatever goes wrong is an outcome."""
    if way.startswith(MAIL):
        return _mail(way.removeprefix(MAIL), message)
    url = setting_of(SETTINGS[way])
    try:
        url, body, headers = _REQUESTS[way](url, message)
        answer = push(url, body, headers, internal=True, seconds=SECONDS)
    except HubError as error:
        return Outcome(taken=False, answer=error.issue.code)
    except (OSError, ValueError) as error:
        return Outcome(taken=False, answer=type(error).__name__)
    if not 200 <= answer.status < 300:
        return Outcome(taken=False, answer=str(answer.status))
    return Outcome(taken=True, answer=str(answer.status)) if way == WEBHOOK else _said(answer.body)


def _said(body: bytes) -> Outcome:
    """A robot's answer; one that can't be read is no yes."""
    try:
        code = json.loads(body)["errcode"]
    except (ValueError, KeyError, TypeError):
        return Outcome(taken=False, answer="no errcode")
    return Outcome(taken=code == 0, answer=f"errcode {code}"[:64])


def _mail(address: str, message: Message) -> Outcome:
    sent = EmailMessage()
    sent["To"], sent["From"] = address, mail.sender()
    sent["Subject"] = title(message.place, message.told)
    sent["Message-ID"] = f"<{message.name}@exchange-hub>"  # a second copy is known by it
    sent.set_content(letter(message.told))
    try:
        mail.send(address, sent)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        return Outcome(taken=False, answer=type(error).__name__)
    return Outcome(taken=True, answer="mailed")


Prepared = tuple[str, bytes, Mapping[str, str]]


def _to_webhook(url: str, message: Message) -> Prepared:
    """CloudEvents 1.0; with a secret signed by it (RFC 9421, hmac-sha256, RFC 9530)."""
    body = orjson.dumps(
        {
            "specversion": "1.0",
            "id": message.name,
            "source": "/exchange-hub",
            "type": EVENT,
            "time": message.created_at,
            "datacontenttype": "application/json",
            "data": {"place": message.place, "alerts": list(message.told)},
        }
    )
    secret = setting_of(WEBHOOK_SECRET)
    if not secret:
        return url, body, JSON
    key = shared_key(KEYID, secret.encode())
    return url, body, signed("POST", url, body, key, "application/json", int(time.time()))


def _to_wecom(url: str, message: Message) -> Prepared:
    text = markdown(message.place, message.told, WECOM_BYTES)
    return url, _dump({"msgtype": "markdown", "markdown": {"content": text}}), JSON


def _to_dingtalk(url: str, message: Message) -> Prepared:
    text = markdown(message.place, message.told, DINGTALK_BYTES)
    named = {"title": title(message.place, message.told), "text": text}
    secret = setting_of(DINGTALK_SECRET)
    if secret:
        url = dingtalk_address(url, secret, int(time.time() * 1000))
    return url, _dump({"msgtype": "markdown", "markdown": named}), JSON


def dingtalk_address(url: str, secret: str, milliseconds: int) -> str:
    """The address with time and signature: Base64 of HMAC-SHA256 by the secret over "time\\nsecret"."""
    text = f"{milliseconds}\n{secret}".encode()
    made = base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}timestamp={milliseconds}&sign={quote_plus(made)}"


def _dump(told: Any) -> bytes:
    return orjson.dumps(told)


_REQUESTS: dict[str, Callable[[str, Message], Prepared]] = {
    WEBHOOK: _to_webhook,
    WECOM: _to_wecom,
    DINGTALK: _to_dingtalk,
}
