"""Why something is guessed, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One short clause."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"

    def text(self, locale: str) -> str:
        """The clause in one language."""
        return self.zh if locale == "zh_CN" else self.en


def joined(reasons: list[Reason]) -> Reason:
    """Several as one."""
    return Reason("；".join(r.zh for r in reasons), "; ".join(r.en for r in reasons))
