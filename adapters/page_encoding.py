"""The text of a page: what its bytes say of their encoding, where the feed doesn't."""

from __future__ import annotations

import re

from adapters.text import UTF8_BOM
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

START = 4096  # bytes in which a page names its encoding; browsers look at 1,024, and often too few

# How pages call encodings (WHATWG, Encoding) → how `text.utf8_blocks` does. The older Chinese ones
# are parts of GB 18030, and ISO 8859-1 is what browsers take for Windows-1252. A page that can be
# read as ASCII up to its <meta> isn't in UTF-16, whatever it says (WHATWG, HTML 13.2.3.2).
_NAMES = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-8",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "big5-hkscs": "big5hkscs",
    "us-ascii": "windows-1252",
    "iso-8859-1": "windows-1252",
    "windows-1252": "windows-1252",
}
_MARKS = {UTF8_BOM: "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']+)")


def page_encoding(start: bytes, file: str) -> str:
    """The encoding that the page's first bytes name: by their mark, `<meta>` or XML declaration.

    UTF-8 where they say nothing. Raises SourceUnreadable (html_encoding: none that is known).
    """
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    told = _COMMENT.sub(b"", start[:START])
    found = _META.search(told) or _XML.match(told)
    if found is None:
        return "utf-8"
    name = found[1].decode("ascii", "replace")
    if name.lower() not in _NAMES:
        params = {"known": "、".join(dict.fromkeys(_NAMES.values()))}
        raise SourceUnreadable(Issue("html_encoding", value=name, file=file, params=params))
    return _NAMES[name.lower()]
