"""The rows of an XML file, one after another, in constant memory.

lxml's events would ask Python about every element, which takes as long as parsing does. So the
parser is fed a block, and what the block has completed is taken from its tree and then dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from adapters.xml_elements import BETWEEN, Element, XmlFault, local_name, open_parser
from adapters.xml_opening import MARK
from adapters.xml_path import RowPath
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

MOST_ELEMENTS = 100_000  # in one row: a record has some dozens
MOST_ATTRIBUTES = 20_000  # of one element
_ADVICE = re.compile(r", \w+ XML_PARSE_HUGE(?: option)?")  # libxml2's, for programmers
_ATTRIBUTE = re.compile(rb"=\s*[\"']")

# What is wrong, by libxml2's name for it; its own words are in English.
_REASONS = {
    "ERR_TAG_NAME_MISMATCH": "开始标记与结束标记不一致",
    "ERR_TAG_NOT_FINISHED": "文件在元素结束之前中断",
    "ERR_DOCUMENT_END": "根元素之后还有内容，或文件中断",
    "ERR_DOCUMENT_EMPTY": "文件不以元素开头",
    "ERR_UNDECLARED_ENTITY": "使用了未定义的实体",
    "ERR_INVALID_CHAR": "含有 XML 不允许的字符",
    "ERR_ATTRIBUTE_REDEFINED": "同一元素的属性重复",
    "NS_ERR_UNDEFINED_NAMESPACE": "命名空间前缀未声明",
    "ERR_NAME_REQUIRED": "< 或 & 未转义，或名称有误",
    "ERR_RESOURCE_LIMIT": "嵌套过深或单个文本过长",
}


@dataclass(slots=True)
class RowStream:
    """`keep` are local names of elements that stand before rows and are still asked for when a row
    comes: the last one of each stays. `also` are names of elements to be told besides rows.
    """

    path: RowPath
    file: str
    keep: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    _mark: Element | None = field(init=False, default=None)
    _top: Element | None = field(init=False, default=None)
    _open: Element | None = field(init=False, default=None)  # the row that isn't complete
    _waited: int = field(init=False, default=0)  # bytes since it began

    def elements(self, blocks: Iterable[bytes]) -> Iterator[list[Element]]:
        """The rows that each block completes; with them elements of `also`, which may be begun only.

        `blocks` are UTF-8 and have `xml_opening.MARK` before their first element. Rows are whole until
        the next are asked for. Raises SourceUnreadable: xml_invalid (not well-formed), xml_too_large
        (a row of more than 16 MB or 100,000 elements).
        """
        parser = open_parser(
            events=("pi",), encoding="utf-8", remove_blank_text=True, remove_pis=False
        )
        try:
            for block in _guarded(blocks):
                parser.feed(block)
                self._refuse_errors(parser)
                self._find_top(parser)
                yield list(self._complete())
                self._cut_back(len(block))
            self._top = parser.close()
        except etree.XMLSyntaxError as error:
            self._refuse_errors(parser)
            raise self._invalid(error.msg, error.lineno) from error
        except XmlFault as fault:
            params = {"reason": fault.words[0], "reason_zh": fault.words[1]}
            raise SourceUnreadable(
                Issue("xml_too_large", file=self.file, params=params)
            ) from fault
        yield list(self._within(self._top))

    def _find_top(self, parser: Any) -> None:
        for _, mark in parser.read_events():
            if self._mark is None and mark.target == MARK:
                self._mark = mark
        if self._top is None and self._mark is not None:
            self._top = self._mark.getnext()

    def _complete(self) -> Iterator[Element]:
        """What may not be complete is the last element at each depth; all before it is."""
        node = self._top
        while node is not None and not self.path.is_row(node):
            yield from self._told(node)
            for one in node[:-1]:
                if self.path.is_row(one):
                    yield one
                else:
                    yield from self._within(one)
            node = node[-1] if len(node) else None

    def _within(self, element: Element) -> Iterator[Element]:
        for one in element.iter(*(f"{{*}}{name}" for name in self.path.names | self.also)):
            if self.path.is_row(one):
                yield one
            else:
                yield from self._told(one)

    def _told(self, element: Element) -> Iterator[Element]:
        if not self.path.met:
            self.path.hold(element)
        if self.also and local_name(element) in self.also:
            yield element

    def _cut_back(self, size: int) -> None:
        """Remove all that is complete, going from the top to what is being read."""
        node = self._top
        while node is not None and len(node):
            if self.path.is_row(node) or local_name(node) in self.keep:
                self._measure(node, size)
                return
            node = node[-1]
            self._drop_before(node)
        self._open = None

    def _drop_before(self, last: Element) -> None:
        parent, kept = last.getparent(), set[str]()
        if not self.keep:
            del parent[:-1]
            return
        for one in reversed(parent[:-1]):
            if (name := local_name(one)) in self.keep - kept:
                kept.add(name)
            else:
                parent.remove(one)

    def _measure(self, row: Element, size: int) -> None:
        """Refuse a row without end; `size` counts the bytes that were just fed."""
        self._waited = self._waited + size if row is self._open else size
        self._open = row
        name = local_name(row)
        if sum(1 for _ in row.iterdescendants()) > MOST_ELEMENTS:
            most = f"{MOST_ELEMENTS:,}"
            raise XmlFault(
                f"one {name} has more than {most} elements in it",
                f"一个 {name} 内的元素超过 {most} 个",
            )
        if self._waited > BETWEEN:
            most = f"{BETWEEN >> 20} MB"
            raise XmlFault(f"one {name} is longer than {most}", f"一个 {name} 超过 {most}")

    def _refuse_errors(self, parser: Any) -> None:
        """lxml tells some errors only when it is closed; fed again, it would begin anew."""
        for told in parser.feed_error_log:
            if told.level >= etree.ErrorLevels.ERROR:
                raise self._invalid(told.message, told.line, told.type_name)

    def _invalid(self, message: str, line: int | None, name: str = "") -> SourceUnreadable:
        reason = _ADVICE.sub("", " ".join(str(message).split()))
        params = {"reason": reason, "reason_zh": _REASONS.get(name, f"XML 有误（{reason}）")}
        return SourceUnreadable(Issue("xml_invalid", line or 1, file=self.file, params=params))


def _guarded(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks, if no tag in them is endless: in a tag there is no `<`."""
    found = 0
    for block in blocks:
        if not block:
            continue
        found = 0 if b"<" in block else found + len(_ATTRIBUTE.findall(block))
        if found > MOST_ATTRIBUTES:
            most = f"{MOST_ATTRIBUTES:,}"
            raise XmlFault(
                f"one element has more than {most} attributes", f"一个元素的属性超过 {most} 个"
            )
        yield block
