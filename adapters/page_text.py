"""What a person sees of an element: its text with its line breaks, and where its links lead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from adapters.csv_header import EDGES
from adapters.page_tree import Element

_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")  # a page's own line breaks are blanks
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"  # characters that need no blank between them
_WIDE_BREAK = re.compile(rf"(?<=[{_WIDE}])\n(?=[{_WIDE}])")

# Elements before and after which the text begins a new line.
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "tr",
        "ul",
    ]
)
# Elements that show nothing, or whose content isn't text of the cell: a table in it is another.
_SILENT = frozenset(
    ["head", "noscript", "script", "select", "style", "table", "template", "title"]
)


def text_of(element: Element) -> str:
    """The visible text in `element`, without that of tables in it.

    White space is one blank; `<br>` and the edges of paragraphs are line breaks, one at a time.
    """
    if not len(element):
        return _SPACE.sub(" ", element.text or "").strip(EDGES)
    parts: list[str] = []
    _collect(element, parts)
    lines = (_SPACE.sub(" ", line).strip(EDGES) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(element: Element, parts: list[str]) -> None:
    parts.append(_SPACE.sub(" ", element.text or ""))
    for one in element:
        edge = "\n" if one.tag in _BLOCKS else ""
        if one.tag == "br":
            parts.append("\n")
        elif one.tag not in _SILENT and not is_hidden(one):
            parts.append(edge)
            _collect(one, parts)
            parts.append(edge)
        parts.append(_SPACE.sub(" ", one.tail or ""))


def is_hidden(element: Element) -> bool:
    """Whether the element itself says that it isn't shown; style sheets aren't looked at."""
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _HIDDEN.search(style))


def links_of(element: Element) -> list[str]:
    """Where the visible links in `element` lead, as written, each once."""
    found = (link.get("href", "").strip() for link in element.iter("a") if _is_seen(link, element))
    return list(dict.fromkeys(href for href in found if href))


def _is_seen(one: Element, within: Element) -> bool:
    while one is not within:
        if is_hidden(one):
            return False
        one = one.getparent()
    return True


def as_cell(texts: Iterable[str], always_list: bool = False) -> str | None:
    """One text as it is, several as a JSON list, none as null."""
    found = [text for text in texts if text]
    if always_list or len(found) > 1:
        return json.dumps(found, ensure_ascii=False)
    return found[0] if found else None


def on_one_line(text: str) -> str:
    """`text` without the line breaks that made it fit: between Chinese characters nothing is left."""
    return _WIDE_BREAK.sub("", text).replace("\n", " ")
