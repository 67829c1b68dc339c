"""Elements of an XML part, one after another, in bounded memory and without trusting the part.

No entity is expanded, no file or address that the part names is opened, and a document type
declaration, which no format that we read has, is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

BETWEEN = 16 << 20  # bytes that may pass without an element that was asked for

Element = Any  # lxml says nothing about its types


class XmlFault(Exception):
    """Why the part can't be read, in English and Chinese (`words`)."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


def elements(blocks: Iterable[bytes], *names: str) -> Iterator[Element]:
    """The elements with these local names, in any namespace, each when it ends.

    What its taker doesn't remove stays in memory. Raises XmlFault.
    """
    parser = open_parser(events=("end",), tag=[f"{{*}}{name}" for name in names])
    checked, waited = False, 0
    try:
        for block in blocks:
            parser.feed(block)
            waited += len(block)
            for _, element in parser.read_events():
                if not checked:
                    _refuse_doctype(element)
                checked, waited = True, 0
                yield element
            if waited > BETWEEN:
                raise _endless(names)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise XmlFault(str(error.msg), f"XML 有误（{error.msg}）") from error


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def open_parser(**more: Any) -> Any:
    """A parser that trusts nothing; `more` are options of lxml's `XMLPullParser`, for the rest.

    It takes at most 256 elements inside each other, and 10 MB of text in one.
    """
    options = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
        "collect_ids": False,
    }
    return etree.XMLPullParser(**(options | more))


def _refuse_doctype(element: Element) -> None:
    if element.getroottree().docinfo.doctype:
        raise XmlFault("it has a DOCTYPE", "含有 DOCTYPE")


def _endless(names: Iterable[str]) -> XmlFault:
    size = f"{BETWEEN >> 20} MB"
    return XmlFault(
        f"no {' or '.join(names)} ends within {size}", f"{size} 之内没有完整的 {'、'.join(names)}"
    )
