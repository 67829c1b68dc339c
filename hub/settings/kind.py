"""What a setting's value may be: how it is checked, and how what is allowed is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from exchange_schemas.language import translate

_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_MAIL = re.compile(r"[^@\s,]+@[^@\s,]+")
YES, NO = "1", "0"  # how true and false stand in the environment


@dataclass(frozen=True, slots=True)
class Kind:
    """`types` are those of TOML that are taken; `fits` judges the value as text; `message` is a message
    id with what is allowed."""

    types: tuple[type, ...]
    fits: Callable[[str], bool]
    message: str
    words: Mapping[str, str] = field(default_factory=dict)

    def allowed(self, locale: str) -> str:
        """What may be given, in a language."""
        return translate("hub", locale, self.message).format_map(self.words)

    def text_of(self, value: object) -> str | None:
        """A value of TOML as the environment would have it; None where its type isn't taken."""
        if type(value) not in self.types:  # a bool is an int, but not a number here
            return None
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, list):
            return ",".join(value) if all(isinstance(one, str) for one in value) else None
        return str(value)


def text() -> Kind:
    """Anything that fits on one line."""
    return Kind((str,), lambda told: told.isprintable(), "text of one line")


def whole(least: int = 0, most: int | None = None) -> Kind:
    """A whole number."""

    def fits(told: str) -> bool:
        if not told.isascii() or not told.isdecimal() or len(told) > 20:
            return False
        return least <= int(told) and (most is None or int(told) <= most)

    if most is None:
        return Kind((int,), fits, "a whole number, {least} or more", {"least": str(least)})
    words = {"least": str(least), "most": str(most)}
    return Kind((int,), fits, "a whole number from {least} to {most}", words)


def power_of_two(least: int, most: int) -> Kind:
    """A whole number that is a power of two."""
    within = whole(least, most).fits
    words = {"least": str(least), "most": str(most)}
    return Kind(
        (int,),
        lambda told: within(told) and int(told) & (int(told) - 1) == 0,
        "a power of two from {least} to {most}",
        words,
    )


def seconds() -> Kind:
    """A number of seconds above 0, also with a decimal point."""

    def fits(told: str) -> bool:
        return (
            re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", told, re.ASCII) is not None and float(told) > 0
        )

    return Kind((int, float), fits, "a number of seconds above 0")


def flag() -> Kind:
    """Yes or no: in a file true or false, in the environment 1 or 0."""
    return Kind(
        (bool,), lambda told: told in (YES, NO), "true or false (1 or 0 in the environment)"
    )


def choice(*known: str) -> Kind:
    """One of a few words."""
    return Kind((str,), lambda told: told in known, "one of: {known}", {"known": ", ".join(known)})


def address(*schemes: str) -> Kind:
    """A URL of one of these schemes."""

    def fits(told: str) -> bool:
        try:
            scheme = urlsplit(told).scheme
        except ValueError:
            return False
        return scheme in schemes and "://" in told and " " not in told and told.isprintable()

    begins = ", ".join(f"{one}://" for one in schemes)
    return Kind((str,), fits, "an address that begins with one of: {known}", {"known": begins})


def host() -> Kind:
    """A host's name or address, with a port where it isn't the usual one."""
    return Kind((str,), lambda told: _HOST.fullmatch(told) is not None, "a host, or host:port")


def mail() -> Kind:
    """One e-mail address."""
    return Kind((str,), lambda told: _MAIL.fullmatch(told) is not None, "one e-mail address")


def mails() -> Kind:
    """Several e-mail addresses."""
    return Kind(
        (str, list),
        lambda told: all(_MAIL.fullmatch(one.strip()) for one in told.split(",")),
        "e-mail addresses (in one text with commas between them)",
    )


def path() -> Kind:
    """A file or folder of this machine."""
    return Kind((str,), lambda told: told.isprintable(), "a path on this machine")


def names() -> Kind:
    """Several names: a list in a file, with commas between them in the environment."""
    return Kind(
        (list,),
        lambda told: all(one.strip() == one for one in told.split(",")),
        "a list of names (in the environment with commas between them)",
    )
