"""Guangdong's ExchangeMessage (2016) to batches: one record for each `<fields>` of each message.

    <ExchangeMessage>
      <Header><sender/><receiver/><flow/><item/><sn/><securityType/></Header>
      <Body><fields><CF_WSH/>…</fields></Body>
    </ExchangeMessage>

A file holds one message or many: in an element of any name, or simply one behind the other, each
with its own XML declaration. `flow` names a message: what comes twice under one counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import polars as pl

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.reader import Reader
from adapters.text import ENCODING
from adapters.xml_cells import Cells, Names, Texts
from adapters.xml_elements import Element, local_name
from adapters.xml_opening import MARK, marked, xml_blocks
from adapters.xml_path import RowPath
from adapters.xml_rows import RowStream
from adapters.xml_table import Row, Table, empty_frame, settled
from exchange_schemas.batch import Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

MESSAGE, HEADER, BODY, FIELDS = "ExchangeMessage", "Header", "Body", "fields"
HEADERS = ("sender", "receiver", "flow", "item", "sn", "securityType")
LONGEST = 16 << 20  # bytes of a comment or a CDATA section
_ENDLESS = {
    "reason": "a comment or a CDATA section doesn't end",
    "reason_zh": "注释或 CDATA 没有结束",
}

# Declarations, what may hide one, and the start of either at the end of a block. What the block cuts
# off has no `>` in its group.
_SPECIAL = re.compile(
    rb"(?:<!\[CDATA\[.*?(?P<a>\]\]>|\Z)|<!--.*?(?P<b>-->|\Z)|<\?xml\s[^?]*(?P<c>\?>|\?\Z|\Z))"
    rb"|<[^<>]{0,8}\Z",
    re.DOTALL,
)


def read_exchange_message(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The messages' records as raw batches; `_line` is where `<fields>` starts.

    Columns are the tags, and `@sender`, `@receiver`, `@flow`, `@item`, `@sn`, `@securityType` where
    the feed names them. A message that can't be taken is issues and unreadable rows.
    Raises SourceUnreadable as `format_xml.read_xml`.
    """
    messages = _Messages(feed, artefact.name)
    blocks = _one_document(marked(xml_blocks(feed, artefact), artefact.name), artefact.name)
    table = Table(artefact.name)
    taken = 0
    for batch in settled(table.frames(messages.rows(blocks)), feed):
        taken += 1
        yield Batch(batch.rows, pl.concat([batch.issues, messages.issues()]), messages.lost())
    if not messages.count:
        params = {"expected": MESSAGE}
        raise SourceUnreadable(Issue("xml_place_missing", file=artefact.name, params=params))
    last = empty_frame(table.columns if taken else feed.columns)
    yield Batch(last, messages.issues(), messages.lost())


def _one_document(blocks: Iterator[bytes], file: str) -> Iterator[bytes]:
    """Documents one behind the other as one; line numbers stay as they are."""
    yield f"<?{MARK}?><messages>".encode()
    rest = b""
    for block in blocks:
        whole, rest = _without_declarations(rest + block)
        yield whole
        if len(rest) > LONGEST:
            raise SourceUnreadable(Issue("xml_invalid", file=file, params=_ENDLESS))
    yield rest + b"</messages>"


def _without_declarations(text: bytes) -> tuple[bytes, bytes]:
    """The text up to what its end cuts off, and that."""
    parts, place = [], 0
    for found in _SPECIAL.finditer(text):
        parts.append(text[place : found.start()])
        place = found.start()
        if not found[found.lastgroup or 0].endswith(b">"):
            return b"".join(parts), text[place:]
        declaration = found[0].startswith(b"<?")
        parts.append(b"\n" * found[0].count(b"\n") if declaration else found[0])
        place = found.end()
    return b"".join([*parts, text[place:]]), b""


class _Message:
    """One message, as far as it has been read."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.line: int = element.sourceline
        self.records = 0
        self.digest = blake2b(digest_size=16)  # of all records
        self._header: dict[str, str] = {}

    @property
    def header(self) -> dict[str, str]:
        """What its Header says; complete when the first record is."""
        if not self._header:
            found = (one for one in self.element if local_name(one) == HEADER)
            self._header = {local_name(one): (one.text or "").strip() for one in next(found, ())}
        return self._header

    @property
    def flow(self) -> str:
        """Its identifier; "" where it has none."""
        return self.header.get("flow", "")

    def add(self, names: Names, texts: Texts) -> None:
        """Count one of its records in."""
        self.records += 1
        self.digest.update("\x1f".join([*names, *texts]).encode() + b"\x1e")


@dataclass(slots=True)
class _Messages:
    """The messages of a file, one after another; what is wrong with them waits to be told."""

    feed: Feed
    file: str
    count: int = 0
    _now: _Message | None = None
    _known: dict[str, bytes] = field(default_factory=dict)  # flow → digest of the first one
    _columns: dict[Names, Names] = field(default_factory=dict)
    _told: list[Issue] = field(default_factory=list)
    _lost: int = 0

    def rows(self, blocks: Iterable[bytes]) -> Iterator[Row]:
        """The records of the messages that are taken."""
        cells, told = Cells({}), {*self.feed.columns, *self.feed.ignore}
        headers = tuple(name for name in HEADERS if f"@{name}" in told)
        path = RowPath(f"//{MESSAGE}/{BODY}/{FIELDS}", {})
        stream = RowStream(path, self.file, frozenset({HEADER}), frozenset({MESSAGE}))
        for elements in stream.elements(blocks):
            for element in elements:
                if local_name(element) == MESSAGE:
                    self._begin(element)
                elif (now := self._now) is not None:
                    names, texts = cells.of(element)
                    now.add(names, texts)
                    if now.flow and now.flow not in self._known:
                        above = [now.header.get(name, "") for name in headers]
                        yield element.sourceline, self._named(names, headers), [*texts, *above]
        self._end()

    def issues(self) -> pl.DataFrame:
        """What has been found since the last time that this was asked."""
        told, self._told = self._told, []
        return issues_frame(told)

    def lost(self) -> int:
        """The records that were not taken since the last time that this was asked."""
        lost, self._lost = self._lost, 0
        return lost

    def _begin(self, element: Element) -> None:
        if self._now is None or element is not self._now.element:
            self._end()
            self._now = _Message(element)
            self.count += 1

    def _end(self) -> None:
        """The message is complete: judge it."""
        now = self._now
        if now is None:
            return
        digest, before = now.digest.digest(), self._known.get(now.flow)
        if not now.flow:
            self._refuse(now, "message_without_flow")
        elif not now.records:
            self._refuse(now, "message_without_body")
        elif before is None:
            self._known[now.flow] = digest
        elif before == digest:
            self._told.append(Issue("message_repeated", now.line, value=now.flow))
        else:
            self._refuse(now, "message_differs")

    def _refuse(self, message: _Message, code: str) -> None:
        self._told.append(Issue(code, message.line, value=message.flow or None))
        self._lost += max(1, message.records)

    def _named(self, names: Names, headers: Names) -> Names:
        found = self._columns.get(names)
        if found is None:
            upper = self.feed.format.get("case") == "upper"
            own = tuple(name.upper() for name in names) if upper else names
            twice = next((name for name in own if own.count(name) > 1), None)
            if twice is not None:
                raise SourceUnreadable(Issue("column_duplicate", value=twice, file=self.file))
            found = self._columns[names] = own + tuple(f"@{name}" for name in headers)
        return found


READER = Reader(
    read_exchange_message,
    {"properties": {"encoding": ENCODING, "case": {"enum": ["keep", "upper"]}}},
    hostile=True,
)
