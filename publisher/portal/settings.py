"""What the portal says of itself: whose it is, where it stands, how its data may be used.

From `portal.yml` of the site and, before it, from the environment: `HUB_PORTAL_` and the name of a
setting in capitals, such as HUB_PORTAL_BASE_URL. In the file `place: {zh: 某市, en: Some City}` stands
for `place_zh` and `place_en`. What nobody says stays empty and isn't shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.strict_yaml import read_strictly

ENVIRONMENT = "HUB_PORTAL_"
ELSEWHERE = ("HUB_PORTAL_RATE", "HUB_PORTAL_DATABASE_URL")  # no text that is shown
LONGEST = 300  # characters of a setting
_ADDRESSES = ("base_url", "licence_url")


@dataclass(frozen=True, slots=True)
class Settings:
    """Texts of one line each, "" where there is none; `_zh` and `_en` are the same in two languages.

    `base_url` is the address of the home page as the world sees it, without a slash at its end;
    permanent addresses and citations begin with it. Without it they begin with what the request
    names as its host, which is good enough for trying out only.
    """

    place_zh: str = ""  # 某市
    place_en: str = ""
    title_zh: str = "市场监管数据开放平台"
    title_en: str = "Open data of market regulation"
    operator_zh: str = ""  # who runs the portal
    operator_en: str = ""
    contact: str = ""  # telephone, e-mail or postal address for questions
    accessibility_contact: str = ""  # whom to tell of a page that someone can't use
    licence_zh: str = ""  # name of the terms under which the data may be used
    licence_en: str = ""
    licence_url: str = ""
    base_url: str = ""  # https://data.example.cn
    icp: str = ""  # number of the filing with the ministry (ICP 备案号), shown in the footer

    def place(self, chinese: bool) -> str:
        """The place, in one of the languages."""
        return self.place_zh if chinese else self.place_en

    def title(self, chinese: bool) -> str:
        """What the portal is called."""
        return self.title_zh if chinese else self.title_en

    def operator(self, chinese: bool) -> str:
        """Who runs it."""
        return self.operator_zh if chinese else self.operator_en

    def licence(self, chinese: bool) -> str:
        """The terms of use by name."""
        return self.licence_zh if chinese else self.licence_en


NAMES = tuple(one.name for one in fields(Settings))
UNSAID = Settings()


def read_settings(file: Path | None, environment: Mapping[str, str]) -> Settings:
    """The settings of `file`, if it is there, and of the environment.

    Raises Misdeclared (portal_settings_unreadable, portal_setting_unknown, portal_setting_text,
    portal_setting_address).
    """
    told = dict(_flat(_read(file))) if file is not None and file.is_file() else {}
    told |= {
        name.removeprefix(ENVIRONMENT).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT) and name not in ELSEWHERE
    }
    return Settings(**{name: _checked(name, value) for name, value in told.items()})


def _read(file: Path) -> Mapping[Any, Any]:
    reason = "not a mapping"
    try:
        told = read_strictly(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
    else:
        if told is None or isinstance(told, Mapping):
            return told or {}
    words = {"reason": reason}
    raise Misdeclared(Issue("portal_settings_unreadable", value=file.name, params=words))


def _flat(told: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """`{place: {zh: …}}` as `place_zh: …`."""
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}_{part}", one) for part, one in value.items())
        else:
            yield str(name), value


def _checked(name: str, value: Any) -> str:
    if name not in NAMES:
        known = {"known": ", ".join(NAMES)}
        raise Misdeclared(Issue("portal_setting_unknown", value=name, params=known))
    text = "" if value is None else value
    if not isinstance(text, str) or len(text) > LONGEST or not (text.isprintable() or not text):
        words = {"found": str(value)[:60], "expected": str(LONGEST)}
        raise Misdeclared(Issue("portal_setting_text", value=name, params=words))
    text = text.strip()
    if text and name in _ADDRESSES:
        _check_address(name, text)
    return text.rstrip("/") if name == "base_url" else text


def _check_address(name: str, text: str) -> None:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    own = name == "base_url"
    plain = not any(one in text for one in "\\<>\"' ") and "@" not in text
    if not (good and plain) or (own and (parts.query or parts.fragment)):
        raise Misdeclared(Issue("portal_setting_address", value=name, params={"found": text}))
