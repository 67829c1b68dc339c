"""Secrets come from the environment, or from files that it names, as container platforms lay them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.settings.setting import REFERENCE

LARGEST = 64 * 1024  # bytes


def secret_in_file(variable: str, path: str) -> str:
    """The file's text without the line end at its end; raises Misdeclared (setting_secret_file)."""
    reason = ""
    try:
        with Path(path).open("rb") as opened:
            content = opened.read(LARGEST + 1)
        text = content.decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = str(error.strerror) if isinstance(error, OSError) else "it isn't UTF-8"
    else:
        if text and len(content) <= LARGEST:
            return text
        reason = "it is too large" if text else "it is empty"
    words = {"reason": reason}
    raise Misdeclared(Issue("setting_secret_file", field=variable, value=path, params=words))


def referenced(text: str, environment: Mapping[str, str], where: Issue) -> str:
    """`text` with each `${NAME}` replaced by the variable NAME, or the file that NAME_FILE names.

    Raises Misdeclared (setting_reference) for one that isn't set, at the place of `where`.
    """

    def value(name: str) -> str:
        if told := environment.get(name):
            return told
        if named := environment.get(f"{name}_FILE"):
            return secret_in_file(f"{name}_FILE", named)
        raise Misdeclared(replace(where, code="setting_reference", value=name))

    return REFERENCE.sub(lambda match: value(match[1]), text)
