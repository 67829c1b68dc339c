"""How SQL dumps write values, in the three dialects that are read.

MySQL and MariaDB: `'it\\'s'`, `"text"`, `0x41`, `_binary 'x'`, `b'1'`. PostgreSQL: `'it''s'` without
escapes, `E'it\\'s'`, and lines of `COPY`. SQLite: `'it''s'`, `X'41'`, and for line breaks what its
shell writes: `replace('a\\nb','\\n',char(10))`, `unistr('a\\u000ab')`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MYSQL, POSTGRESQL, SQLITE = "mysql", "postgresql", "sqlite"

# Possessive throughout (`++`, `*+`): what doesn't fit fails at once, however long it is.
_QUOTED = r"'({}(?:[^']++|'')*+)'"
_ESCAPED = r"'({}(?:[^'\\]++|\\.|'')*+)'"
_ESCAPED_DOUBLE = r'"({}(?:[^"\\]++|\\.|"")*+)"'
_NUMBER = r"({}[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:E[+-]?\d++)?)"
_HEX = r"X'({}(?:[0-9A-F]{{2}})*+)'"
_BITS = r"B'({}[01]*+)'"
_WORDS = {"null": r"({}NULL)\b", "word": r"({}TRUE|FALSE)\b"}
_SHELL = r"({}(?:replace\()++'(?:[^']++|'')*+'(?:,'\\[nr]',char\(1[03]\)\))++)"

# Kind of value → pattern with a place for the group's name; a value is what the first one matches.
_KINDS: Mapping[str, Mapping[str, str]] = {
    MYSQL: {
        "escaped": r"(?:_\w++\s*+|N)?+" + _ESCAPED,
        **_WORDS,
        "hex": r"0x({}[0-9A-F]++)",
        "number": _NUMBER,
        "double": r"(?:_\w++\s*+)?+" + _ESCAPED_DOUBLE,
        "hex_quoted": r"(?:_\w++\s*+)?+" + _HEX,
        "bits": r"(?:_\w++\s*+)?+" + _BITS,
    },
    POSTGRESQL: {
        "quoted": _QUOTED,
        **_WORDS,
        "number": _NUMBER,
        "e_escaped": "E" + _ESCAPED,
        "hex_quoted": _HEX,
        "bit_text": _BITS,
    },
    SQLITE: {
        "quoted": _QUOTED,
        **_WORDS,
        "number": _NUMBER,
        "hex_quoted": _HEX,
        "shell": _SHELL,
        "unistr": r"unistr\('({}(?:[^']++|'')*+)'\)",
    },
}
# In PostgreSQL a value may say its type: '2026-01-01'::date, '{a}'::text[].
_CAST = {POSTGRESQL: r"(?:::[a-z\"][\w \".]*+(?:\([\d, ]*+\))?+(?:\[\])*+)?+"}

_MYSQL_ESCAPE = re.compile(r"\\(.)|(['\"])\2", re.DOTALL)
_MYSQL_NAMED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
_POSTGRESQL_ESCAPE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))|''", re.DOTALL
)
_POSTGRESQL_NAMED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SHELL_BREAK = re.compile(r",'\\([nr])',char\(1[03]\)\)")
_UNISTR = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|(\\))|''")


@dataclass(frozen=True, slots=True)
class Writing:
    """`row` matches a row in parentheses, `value` a value and the mark behind it (its group's name
    says which kind it is), `run` as many whole tokens as there are up to a `;`, `token` one of them.
    """

    name: str
    row: re.Pattern[str]
    value: re.Pattern[str]
    run: re.Pattern[str]
    token: re.Pattern[str]

    def values(self, row: str) -> list[str | None]:
        """The values of a row that `row` has matched.

        Bytes are hexadecimal digits, NULL is None, numbers are as they are written. Raises
        ValueError for an escape that is no character.
        """
        found: list[str | None] = []
        for one in self.value.finditer(row, 1):
            kind = str(one.lastgroup)
            text: str = one[kind]
            if kind in _DECODED:
                found.append(_DECODED[kind](text))
            else:
                found.append(None if kind == "null" else text)
        return found


def writing(name: str) -> Writing:
    """How the dialect of this name writes."""
    kinds, cast = _KINDS[name], _CAST.get(name, "")
    plain = "|".join(pattern.format("?:") for pattern in kinds.values())
    named = "|".join(pattern.format(f"?P<{kind}>") for kind, pattern in kinds.items())
    token = "|".join(_tokens(name))
    return Writing(
        name,
        _compiled(rf"\(\s*+(?:{plain}){cast}(?:\s*+,\s*+(?:{plain}){cast})*+\s*+\)"),
        _compiled(rf"\s*+(?:{named}){cast}\s*+[,)]"),
        _compiled(rf"(?:{token})*+"),
        _compiled(token),
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _tokens(name: str) -> list[str]:
    """Patterns of tokens; `;` isn't one, nor is a quotation mark without its partner."""
    text = (_ESCAPED if name == MYSQL else _QUOTED).format("?:")
    found = [text, r'"[^"]*+"', r"`[^`]*+`", r"/\*.*?\*/", r"--[^\n]*+"]
    if name == SQLITE:
        found.append(r"\[[^\]]*+\]")
    if name == MYSQL:
        found[1] = _ESCAPED_DOUBLE.format("?:")
        found.append(r"#[^\n]*+")
    if name == POSTGRESQL:
        found.insert(0, "E" + _ESCAPED.format("?:"))
        found.append(r"\$([a-z_\d]*+)\$.*?\$\1\$")
    hash_mark = "" if name == MYSQL else "#"
    return [*found, r"[\w.]++", r"\s++", "[()]", r"-(?!-)|/(?!\*)",
            rf"[^;'\"`/\-#$\w.\s()]++|[${hash_mark}]"]  # fmt: skip


def _from_mysql(inner: str) -> str:
    if "\\" not in inner and "''" not in inner and '""' not in inner:
        return inner
    return _MYSQL_ESCAPE.sub(_mysql_character, inner)


def _mysql_character(found: re.Match[str]) -> str:
    if found[2]:
        return found[2]
    # before % and _ the mark stays: they are themselves only in patterns of LIKE
    return _MYSQL_NAMED.get(found[1], found[0] if found[1] in "%_" else found[1])


def _from_postgresql(inner: str) -> str:
    if "\\" not in inner:
        return _single(inner)
    return _whole(_POSTGRESQL_ESCAPE.sub(_postgresql_character, inner))


def _postgresql_character(found: re.Match[str]) -> str:
    short, long, two, octal, named = found.groups()
    if short or long:
        return chr(int(short or long, 16))
    if two or octal:
        return _byte(int(two, 16) if two else int(octal, 8))
    return _POSTGRESQL_NAMED.get(named, named) if named else "'"


def _byte(number: int) -> str:
    if number > 127:  # a byte of a character in an encoding that nobody knows
        raise ValueError(number)
    return chr(number)


def _whole(text: str) -> str:
    """`text` with the halves of characters that were written one by one put together."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16")


def _single(inner: str) -> str:
    return inner.replace("''", "'")


def _from_shell(written: str) -> str:
    """`replace(replace('a\\r\\nb','\\r',char(13)),'\\n',char(10))`, from the inside out."""
    end = _SHELL_BREAK.search(written)
    start = written.index("'")
    text = _single(written[start + 1 : written.rindex("'", start, end.start() if end else None)])
    for letter in _SHELL_BREAK.findall(written, end.start() if end else 0):
        text = text.replace("\\" + letter, "\n" if letter == "n" else "\r")
    return text


def _from_unistr(inner: str) -> str:
    return _whole(_UNISTR.sub(_unistr_character, inner))


def _unistr_character(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    return chr(int(digits, 16)) if digits else found[0][0]


def _from_bits(digits: str) -> str:
    return str(int(digits or "0", 2))


_DECODED: Mapping[str, Callable[[str], str]] = {
    "quoted": _single,
    "escaped": _from_mysql,
    "double": _from_mysql,
    "e_escaped": _from_postgresql,
    "hex": str.lower,
    "hex_quoted": str.lower,
    "word": str.lower,
    "bits": _from_bits,
    "shell": _from_shell,
    "unistr": _from_unistr,
}


# --- rows of COPY (PostgreSQL, text format) ---------------------------------------------------

COPY_END = "\\."
_COPY_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)


def copied_values(line: str) -> list[str | None]:
    """The values of a line of COPY: between tabs, with `\\N` for NULL; raises as `Writing.values`."""
    cells = line.split("\t")
    if "\\" not in line:
        return list(cells)
    return [None if cell == "\\N" else _COPY_ESCAPE.sub(_copied_character, cell) for cell in cells]


def _copied_character(found: re.Match[str]) -> str:
    if found[1] or found[2]:
        return _byte(int(found[1], 16) if found[1] else int(found[2], 8))
    return _POSTGRESQL_NAMED.get(found[3], found[3])
