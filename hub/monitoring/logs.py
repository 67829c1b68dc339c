"""The program's log: one line of JSON for each event on standard error, or text for people.

`HUB_LOG_FORMAT` is json or text; by default a terminal gets text. `HUB_LOG_LEVEL` is debug, info,
warning or error. Loggers of the standard library, our own and those of libraries, come here too.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

import orjson
import stamina
import stamina.instrumentation
import structlog

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.monitoring.harmless import harmless, places
from hub.monitoring.redaction import clean_all, secrets_in

FORMAT, LEVEL = "HUB_LOG_FORMAT", "HUB_LOG_LEVEL"
FORMATS = ("json", "text")
LEVELS = ("debug", "info", "warning", "error")
QUIET = logging.WARNING  # from which on other libraries are heard
FIRST = ("time", "level", "event")  # of a line

logger = logging.getLogger(__name__)


def start_logging(
    environment: Mapping[str, str], declarations: Iterable[str] = (), *, usual: str = "warning"
) -> None:
    """Log from now on as the settings say; calling it again replaces what was.

    `declarations` are the texts whose ${NAME} are secrets, `usual` the level without a setting.
    Raises Misdeclared (log_setting_wrong).
    """
    level = _chosen(environment, LEVEL, LEVELS, usual)
    form = _chosen(environment, FORMAT, FORMATS, "text" if sys.stderr.isatty() else "json")
    secrets = secrets_in(environment, declarations)
    handler = Lines()
    handler.setFormatter(_formatter(form, secrets))
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, Lines)] + [handler]
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(number, QUIET))
    _quieten_libraries()
    for name in ("hub", "adapters", "publisher", "exchange_schemas"):
        logging.getLogger(name).setLevel(number)


def _quieten_libraries() -> None:
    """Libraries that find structlog write with it, to standard output unless they are told otherwise; and
    what stamina tells of a failed try quotes the error."""
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())
    stamina.instrumentation.set_on_retry_hooks([])


def log_faults() -> None:
    """Log what nothing caught, in any thread: its text, which Python would print, may quote a record."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )


def _uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logger.error("not caught", exc_info=(kind, error, trace))


def _chosen(environment: Mapping[str, str], name: str, known: Sequence[str], usual: str) -> str:
    text = environment.get(name, "").strip().lower() or usual
    if text not in known:
        words = {"known": ", ".join(known)}
        raise Misdeclared(Issue("log_setting_wrong", field=name, value=text[:40], params=words))
    return text


class Lines(logging.Handler):
    """Writes to what standard error is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """A line that can't be made is counted as lost, in words of our own."""
        try:
            line = self.format(record)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a line, the work goes on
            lost = {"event": "a log line was lost", "error": type(error).__name__}
            line = orjson.dumps(lost).decode()
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


class _Harmless(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return super().format(harmless(record))


def _formatter(form: str, secrets: list[str]) -> logging.Formatter:
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]

    def safe(_logger: Any, _name: str, told: Any) -> Any:
        _tell_error(told)
        known = {name: told.pop(name) for name in FIRST if name in told}
        rest = {name: one for name, one in told.items() if one is not None}
        return clean_all(known | rest, secrets)

    last = _json if form == "json" else _text
    processors = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, safe, last]
    return _Harmless(foreign_pre_chain=before, processors=processors)


def _tell_error(told: Any) -> None:
    found = told.pop("exc_info", None)
    if isinstance(found, BaseException):
        found = type(found), found, found.__traceback__
    if isinstance(found, tuple) and found[0] is not None:
        told["error"], told["places"] = found[0].__name__, places(found[2])


def _json(_logger: Any, _name: str, told: Any) -> str:
    return orjson.dumps(told).decode()


def _text(_logger: Any, _name: str, told: Any) -> str:
    time, level, event = (str(told.pop(name, "")) for name in FIRST)
    rest = " ".join(f"{name}={one}" for name, one in told.items())
    return f"{time} {level.upper():<7} {event}  {rest}".rstrip()
