"""How index.sqlite is laid out: which record stands where, and where each pair of characters occurs.

A record takes a slot of 256 places (more if its text is longer), one for each character of its folded
searched texts, with a gap between texts. `CHUNK` slots are a chunk. For each chunk and each pair of
neighbouring characters the table `posting` has all places of the pair, so a phrase is found by its
pairs standing where they should. Nothing depends on the order of slots: records come and go, and a
slot that became free is taken by another one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from exchange_schemas.standard import Roles, Standard

FORMAT = 1  # of the file; another one is built anew
SLOT_BITS, CHUNK_BITS = 8, 16
SLOT, CHUNK = 1 << SLOT_BITS, 1 << CHUNK_BITS
PLACE_BITS = SLOT_BITS + CHUNK_BITS  # a place within its chunk

#: Pairs that occur less often in a chunk are kept together, for each first character.
RARE = 32

CHARACTER_BITS = 21  # of a code point
END = 0  # stands for the character after the last one of a text
REST = (1 << CHARACTER_BITS) - 1  # no code point: the rare pairs of a first character

FREE = np.uint32(0xFFFFFFFF)  # the owner of a slot that no record has
NO_DAY = np.iinfo(np.int32).min

SHOWN = ("name", "code", "document", "date")
CODED = ("department", "county", "kind")
#: Columns with an entry for every slot, and what a free slot has there. Beside them the table `cells`
#: has ORDER, one blob with the first slots of all records in the order of the release.
COLUMNS: Mapping[str, tuple[npt.DTypeLike, int]] = {
    "owner": (np.uint32, int(FREE)),  # the first slot of the record
    "day": (np.int32, NO_DAY),  # of the roles' date, since 1970-01-01
    "published": (np.int32, NO_DAY),
    **dict.fromkeys(CODED, (np.uint32, 0)),  # codes of the table `value`; 0: none
}
ORDER = "order"

TABLES = """
PRAGMA page_size = 8192;
CREATE TABLE about (name TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
    slot INTEGER PRIMARY KEY, record_id TEXT NOT NULL, name TEXT, code TEXT, document TEXT, date TEXT
);
CREATE TABLE value (
    role TEXT, code INTEGER, told TEXT NOT NULL, PRIMARY KEY (role, code)
) WITHOUT ROWID;
CREATE TABLE cells (name TEXT, chunk INTEGER, data BLOB NOT NULL, PRIMARY KEY (name, chunk));
CREATE TABLE posting (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
"""
INDEXES = "CREATE UNIQUE INDEX record_by_id ON record (record_id);"


def posting_id(chunk: int, first: int, second: int) -> int:
    """The key of the places in a chunk of the pair of two code points."""
    return (chunk << CHARACTER_BITS | first) << CHARACTER_BITS | second


def roles_told(standard: Standard) -> dict[str, list[str]]:
    """Which fields of a release its index is made of: for each role, and those that are `searched`.

    The index keeps it, so that it is continued as it was begun.
    """
    public = standard.fields_for("public")
    roles = standard.roles
    told = {role: _named(roles, role, public) for role in (*SHOWN, *CODED)}
    searched = [
        n for role in (*SHOWN[:3], "product", "batch") for n in _named(roles, role, public)
    ]
    searched += [name for name in roles.parties if name in public]
    return {**told, "searched": list(dict.fromkeys(searched))}


def _named(roles: Roles, role: str, public: Mapping[str, object]) -> list[str]:
    name = getattr(roles, role)
    return [name] if name in public else []
