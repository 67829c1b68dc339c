"""Where a row stands: in which file of a delivery, and on which of its lines.

A delivery may be of many files (a folder, an archive, the pages of an interface), and a row has one
number. So the lines of the second file count from `EACH`, those of the third from twice that, …
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EACH = 10**10  # more lines than any one file has


@dataclass(frozen=True, slots=True)
class Places:
    """`files` are the names of a delivery's files, in the order in which they were read."""

    files: Sequence[str]

    def of(self, line: int | None) -> tuple[str | None, int | None]:
        """The file that a number in `_line` is in, and the line there; no file for a whole run."""
        if line is None:
            return (self.files[0] if len(self.files) == 1 else None), None
        place, there = divmod(line, EACH)
        return (self.files[place] if place < len(self.files) else None), there


NOWHERE = Places(())
