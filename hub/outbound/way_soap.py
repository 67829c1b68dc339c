"""Delivery to a SOAP service: a login, and one message after another under its token.

The service answers each with a text that begins with a code: `200:ok`, `400:why it is refused`. A session
that has ended is begun anew, and the same message is sent again under the same `flow`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from adapters.discreet import discreet
from adapters.soap_service import Expired, Refusal, Service, bare, open_service
from adapters.source import Ask
from exchange_schemas.errors import (
    HubError,
    SourceUnavailable,
    TargetRefused,
    TargetUnavailable,
)
from exchange_schemas.issue import Issue
from hub.outbound.asked import ask_of, discreetly
from hub.outbound.envelope import Letterhead, letterhead, messages
from hub.outbound.parcel import ANSWERS, REFUSED, TAKEN, Parcel
from hub.outbound.target import Target
from hub.outbound.way import Files, Returned, Sent

EXPIRED = ("403:login timeout",)
CODES = {TAKEN: ("200", "409"), REFUSED: ("400", "422")}  # 409: it has this flow already
SILENT = 3  # messages in a row without an answer: then the service is away
LOGINS = 2  # for one message
_SHOWN = 300


@dataclass(slots=True)
class SoapWay:
    """A `way.Way`."""

    target: Target
    ask: Ask = field(init=False)
    _head: Letterhead = field(init=False)
    _service: Service | None = None
    _token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.ask = ask_of(self.target)
        self._head = letterhead(self.ask.options)

    def send(self, parcel: Parcel) -> Sent:
        """A call for each message; of those without an answer nobody knows the outcome."""
        answers: list[tuple[str, str, str, str]] = []
        silent, error = 0, None
        for flow, message in messages(self._head, self.target.table, parcel.rows):
            try:
                with discreetly(self.target):
                    answers.append((flow, *self._handed_over(message)))
            except HubError as found:
                error, silent = found, silent + 1
                if silent >= SILENT or isinstance(found, TargetRefused):
                    return Sent(_frame(answers), error=error, away=True)
            else:
                silent = 0
        return Sent(_frame(answers), error=error)

    def _handed_over(self, message: str) -> tuple[str, str, str]:
        """State, code and reason. Raises TargetUnavailable, TargetRefused, Misdeclared."""
        for _ in range(LOGINS + 1):
            if not self._token and "login" in self.ask.options:
                self._token = self._log_in()
            try:
                text = _text(self._call(message), self.ask.options.get("result", ""))
            except Expired:
                text = EXPIRED[0]
            except Refusal as refusal:
                text = refusal.text
                if not self._has_expired(text):
                    raise _strange(self.target, discreet(text, [self._token])) from None
            if not self._has_expired(text):
                return self._read(text)
            self._token = ""
        reason = discreet("login timeout", [])
        raise TargetRefused(_denied(self.target, reason))

    def _call(self, message: str) -> Any:
        told = self.ask.options
        try:
            if self._service is None:
                self._service = open_service(told, self.ask)
            return _called(self._service, told, {"token": self._token, "message": message})
        except SourceUnavailable as error:
            raise _away(error) from None

    def _log_in(self) -> str:
        login = self.ask.options["login"]
        same = ("wsdl", "service", "port", "address")
        told = {name: self.ask.options[name] for name in same if name in self.ask.options} | login
        try:
            answer = _called(open_service(told, self.ask), told, {"token": "", "message": ""})
        except SourceUnavailable as error:
            raise _away(error) from None
        except Expired:
            answer = None
        except Refusal as refusal:
            raise TargetRefused(_denied(self.target, refusal.text)) from None
        token = _text(answer, login.get("result", ""))
        if not token or self._has_expired(token):
            raise TargetRefused(_denied(self.target, "no token"))
        return token

    def _read(self, text: str) -> tuple[str, str, str]:
        code, _, reason = text.partition(":")
        told = self.ask.options.get("answers", {})
        for state, known in CODES.items():
            if code.strip() in told.get(state, known):
                return state, code.strip(), reason.strip()[:_SHOWN]
        raise _strange(self.target, discreet(text[:_SHOWN], [self._token]))

    def _has_expired(self, text: str) -> bool:
        words = self.ask.options.get("answers", {}).get("expired", EXPIRED)
        return any(text.strip().lower().startswith(word.lower()) for word in words)

    def collect(self, known: Files, flows: pl.Series) -> Iterator[Returned]:
        """Nothing: the service answers at once."""
        return iter(())

    def close(self) -> None:
        """Sessions of the service end by themselves."""


def _called(service: Service, told: Mapping[str, Any], words: Mapping[str, str]) -> Any:
    return service.call(
        _filled(told.get("arguments", {}), words),
        _filled(told.get("soap_headers", {}), words),
        _filled(told.get("http_headers", {}), words),
    )


def _filled(told: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """The texts with `{token}` and `{message}` replaced, whatever stands in those."""
    return {name: words.get(text.strip("{}"), text) if _is_place(text) else text.replace(
        "{token}", words["token"]) for name, text in told.items()}  # fmt: skip


def _is_place(text: str) -> bool:
    return text in ("{token}", "{message}")


def _text(answer: Any, path: str) -> str:
    found = answer
    for name in path.split(".") if path else []:
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping) and len(found) == 1:
        (found,) = found.values()
    return found.strip() if isinstance(found, str) else ""


def _away(error: HubError) -> TargetUnavailable:
    return TargetUnavailable(
        Issue("target_away", params={"reason": error.issue.message("en"),
                                     "reason_zh": error.issue.message("zh_CN")})
    )  # fmt: skip


def _denied(target: Target, reason: str) -> Issue:
    return Issue("target_denied", value=target.name, params={"reason": reason[:_SHOWN]})


def _strange(target: Target, text: str) -> TargetUnavailable:
    place = bare(str(target.options["wsdl"]))
    words = {"reason": f"{place}: {text[:_SHOWN]}"}
    return TargetUnavailable(Issue("target_strange", value=target.name, params=words))


def _frame(answers: list[tuple[str, str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(answers, schema=ANSWERS, orient="row")
