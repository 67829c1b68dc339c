"""A standard's CHANGELOG.md as blocks of text: headings, paragraphs and items of lists."""

from __future__ import annotations

import re

Block = tuple[str, str]

_START = re.compile(r"(#{1,6} |- )(.*)")


def blocks(text: str) -> list[Block]:
    """(h, text), (p, text), (li, text), in their order; the title of the file isn't among them."""
    found: list[Block] = []
    open_block = False  # whether the next line goes on with the last block
    for line in text.splitlines():
        start = _START.fullmatch(line)
        if start:
            kind = "li" if start[1] == "- " else "title" if start[1] == "# " else "h"
            found.append((kind, start[2].strip()))
            open_block = kind == "li"
        elif not line.strip():
            open_block = False
        elif open_block:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            found.append(("p", line.strip()))
            open_block = True
    return [block for block in found if block[0] != "title"]
