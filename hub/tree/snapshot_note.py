"""What a snapshot is, signed: a C2SP signed note (https://c2sp.org/signed-note) of six lines.

    exchange-hub/snapshot/v1
    <origin>
    <seq>
    <records>
    <bytes of the file>
    <hex SHA-256 of the file>

The checkpoint of the size `seq` goes beside it and says of which stream's beginning it is made.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.tree.checkpoint import KEY_ID, NoteKey
from publisher.signers import Signer, signed_by

_FORMAT = "exchange-hub/snapshot/v1"


@dataclass(frozen=True, slots=True)
class SnapshotNote:
    """`records` living ones at `seq`, in a file of `size` bytes with that `sha256` (hex)."""

    origin: str
    seq: int
    records: int
    size: int
    sha256: str

    @property
    def text(self) -> str:
        """What is signed."""
        numbers = (self.seq, self.records, self.size)
        lines = (_FORMAT, self.origin, *(str(number) for number in numbers), self.sha256)
        return "".join(f"{line}\n" for line in lines)


def write(told: SnapshotNote, signer: Signer) -> str:
    """The signed note; the key's name is the origin."""
    key = NoteKey(signer.algorithm, signer.public_key)
    signature = key.id_as(told.origin) + signer.sign(told.text.encode())
    return f"{told.text}\n— {told.origin} {base64.b64encode(signature).decode()}\n"


def verify(note: str, keys: Iterable[NoteKey]) -> SnapshotNote:
    """What a note says, after one of `keys` was found to have signed it.

    Raises Corrupt: snapshot_unreadable, snapshot_unsigned.
    """
    found, name, signature = _read(note)
    text = found.text.encode()
    for key in keys:
        told, rest = signature[:KEY_ID], signature[KEY_ID:]
        mine = name == found.origin and told == key.id_as(found.origin)
        if mine and signed_by(key.algorithm, key.public_key, text, rest):
            return found
    raise Corrupt(Issue("snapshot_unsigned", value=found.origin, params={"seq": str(found.seq)}))


def _read(note: str) -> tuple[SnapshotNote, str, bytes]:
    """What it says, the name of the key, and the key's id and signature."""
    try:
        text, _, signed = note.rpartition("\n\n")
        _, origin, seq, records, size, sha256 = text.split("\n")
        dash, name, encoded = signed.removesuffix("\n").split(" ")
        found = SnapshotNote(origin, int(seq), int(records), int(size), sha256)
        signature = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        words = {"reason": str(error)}
        raise Corrupt(Issue("snapshot_unreadable", params=words)) from error
    one_form = base64.b64encode(signature).decode() == encoded  # no unused bits are set
    if dash != "—" or found.text != text + "\n" or not one_form:
        words = {"reason": "a line is not as it should be"}
        raise Corrupt(Issue("snapshot_unreadable", params=words))
    return found, name, signature
