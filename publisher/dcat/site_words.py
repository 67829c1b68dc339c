"""What a description says of the site besides its data: whose it is, and under which terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class SiteWords(Protocol):
    """Texts of one line each, "" where there is none, as the portal's settings have them."""

    @property
    def place_zh(self) -> str: ...
    @property
    def place_en(self) -> str: ...
    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def operator_zh(self) -> str: ...
    @property
    def operator_en(self) -> str: ...
    @property
    def contact(self) -> str: ...
    @property
    def licence_zh(self) -> str: ...
    @property
    def licence_en(self) -> str: ...
    @property
    def licence_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A site that says nothing of itself."""

    place_zh: str = ""
    place_en: str = ""
    title_zh: str = ""
    title_en: str = ""
    operator_zh: str = ""
    operator_en: str = ""
    contact: str = ""
    licence_zh: str = ""
    licence_en: str = ""
    licence_url: str = ""
