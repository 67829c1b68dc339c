"""The parameters of an action, as a program wrote them: texts from an address, any JSON from a body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from publisher.ckan_view.failures import Invalid

_TRUE = ("true", "yes", "on", "y", "t", "1")
_FALSE = ("false", "no", "off", "n", "f", "0", "")
_LARGEST = 2**53


class Parameters:
    """Reads each parameter as its action wants it; raises Invalid, naming the parameter."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told

    def __contains__(self, name: str) -> bool:
        return self._told.get(name) not in (None, "")

    def given(self, name: str) -> Any:
        """The value as it came; None: not given."""
        return self._told.get(name)

    @property
    def names(self) -> Iterable[str]:
        """All that were given."""
        return self._told.keys()

    def string(self, name: str, otherwise: str = "") -> str:
        """A text; several with blanks between."""
        value = self._told.get(name)
        if value is None:
            return otherwise
        return " ".join(map(str, value)) if isinstance(value, list) else str(value)

    def needed(self, name: str) -> str:
        """A text that must be there."""
        if name not in self:
            raise Invalid({name: ["Missing value"]})
        return self.string(name)

    def number(self, name: str, otherwise: int, most: int = _LARGEST) -> int:
        """A natural number, at most `most`."""
        if name not in self:
            return otherwise
        value = self._told[name]
        try:
            number = int(value if isinstance(value, int) else str(value))
        except ValueError as error:
            raise Invalid({name: ["Invalid integer"]}) from error
        if not 0 <= number <= _LARGEST:
            raise Invalid({name: ["Must be a natural number"]})
        return min(number, most)

    def flag(self, name: str, otherwise: bool = False) -> bool:
        """Yes or no."""
        if name not in self:
            return otherwise
        value = str(self._told[name]).strip().lower()
        if value not in _TRUE + _FALSE:
            raise Invalid({name: ["Must be a boolean"]})
        return value in _TRUE

    def json(self, name: str) -> Any:
        """A value that is JSON already, or a text of it; None: not given."""
        value = self._told.get(name)
        if not isinstance(value, str):
            return value
        try:
            return orjson.loads(value) if value else None
        except ValueError as error:
            raise Invalid({name: ["Cannot parse JSON"]}) from error

    def names_in(self, name: str) -> list[str]:
        """A list, written as one or with commas between."""
        value = self._told.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            value = value.split(",")
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Invalid({name: ["Not a list"]})
        return [one.strip() for one in value]
