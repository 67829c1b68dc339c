"""The text of a dump, of which only what is being looked at is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

LONGEST = 64 << 20  # characters of one value, comment or row
_TAIL = 4096


@dataclass(slots=True)
class DumpText:
    """`text` from `place` on is what hasn't been read yet, up to the end of a block.

    A block ends behind a comma or a line, so that no mark of two characters, such as `''`, `--` or
    `E'`, is ever cut in two.
    """

    blocks: Iterator[bytes]
    file: str
    text: str = ""
    place: int = 0
    ended: bool = False
    tail: str = ""  # the last of what has been got so far
    _held: str = ""
    _line: int = 1
    _counted: int = 0

    def more(self) -> bool:
        """Gets more text behind what is there; False at the end.

        Asked again without anything having been read, it gets as much as there is already.
        Raises SourceUnreadable (sql_unreadable: something doesn't end).
        """
        if self.ended:
            return False
        self.line()  # count what is dropped
        self.text = self.text[self.place :]
        self.place = self._counted = 0
        if len(self.text) + len(self._held) > LONGEST:
            most = f"{LONGEST >> 20} MB"
            raise self.fault(f"something begins here that is longer than {most}",
                             f"此处开始的内容超过 {most}")  # fmt: skip
        parts, size = [self.text], 0
        while size <= len(self.text) and not self.ended:
            block = self._block()
            parts.append(block)
            size += len(block)
        self.text = "".join(parts)
        return size > 0

    def line(self, place: int | None = None) -> int:
        """The line of `place`, which may not be before one that was asked for earlier."""
        place = self.place if place is None else place
        self._line += self.text.count("\n", self._counted, place)
        self._counted = place
        return self._line

    def fault(self, reason: str, reason_zh: str) -> SourceUnreadable:
        """What can't be read at the present place."""
        params = {"reason": reason, "reason_zh": reason_zh}
        return SourceUnreadable(
            Issue("sql_unreadable", self.line(), file=self.file, params=params)
        )

    def _block(self) -> str:
        """The next text up to a safe end; "" may be in between, and is at the end."""
        found = next(self.blocks, None)
        if found is None:
            self.ended = True
            rest, self._held = self._held, ""
            return rest
        text = self._held + found.decode()
        self.tail = (self.tail + text)[-_TAIL:] if len(text) < _TAIL else text[-_TAIL:]
        end = max(text.rfind(","), text.rfind("\n")) + 1
        self._held = text[end:]
        return text[:end]
