"""The words of a page in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import HERE
from exchange_schemas.language import translate
from hub.scoreboard_words import department_names


@dataclass(frozen=True, slots=True)
class Speech:
    """`locale` is zh_CN or en. English pages lie in a folder of their own."""

    locale: str
    catalogue: Catalogue

    @property
    def chinese(self) -> bool:
        """Whether it is Chinese."""
        return self.locale == "zh_CN"

    @property
    def folder(self) -> str:
        """What the places of its pages begin with."""
        return "" if self.chinese else "en/"

    def text(self, message: str, **values: object) -> str:
        """`message` (its English text) with the words in braces filled."""
        return translate("hub", self.locale, message).format(**values)

    def dataset(self, name: str) -> str:
        """A dataset's title; its name where the catalogue has it no more."""
        if name not in self.catalogue.datasets():
            return name
        standard = self.catalogue.get(name)
        return standard.title if self.chinese else standard.title_en

    def department(self, code: str) -> str:
        """A department's name; its code where it has none."""
        return department_names(code)[0 if self.chinese else 1]

    def number(self, value: int) -> str:
        """A number with its thousands told apart."""
        return f"{value:,}"

    def moment(self, told: str | None) -> str:
        """An instant (ISO 8601, UTC) as China's clocks show it; – where there is none."""
        return china_time(told) if told else "–"


def china_time(told: str) -> str:
    """2026-01-31 08:30, of an instant in UTC."""
    return datetime.fromisoformat(told).astimezone(HERE).strftime("%Y-%m-%d %H:%M")
