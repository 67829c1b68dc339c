"""Checkpoints: what a stream was at a size, signed. Who keeps one can't be told another past.

The form is a C2SP signed note, https://c2sp.org/signed-note, with the text of a checkpoint,
https://c2sp.org/tlog-checkpoint: origin, size, root, and the time as the only extension line.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from exchange_schemas.errors import Corrupt, Misdeclared
from exchange_schemas.issue import Issue
from hub.tree.hashing import HASH
from publisher.signers import ED25519, Signer, signed_by

KEY_ID = 4  # bytes before each signature
MOST_SIGNATURES = 16  # as many as a reader has to take

# Signature types: C2SP gives 0x01 to Ed25519, and leaves 0xff and a longer name to everybody else.
_TYPES = {ED25519: b"\x01", "sm2": b"\xffexchange-hub/sm2-sm3-v1"}
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE = re.compile(r"— ([^\s+]+) (\S+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signatures are checked with; `algorithm` as in `publisher.signers`."""

    algorithm: str
    public_key: bytes

    def id_as(self, name: str) -> bytes:
        """The four bytes by which a signature names its key."""
        text = name.encode() + b"\n" + _TYPES[self.algorithm] + self.public_key
        return hashlib.sha256(text).digest()[:KEY_ID]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`at` is a time of ISO 8601 in UTC with Z; `signatures` are (name, key id ‖ signature)."""

    origin: str
    size: int
    root: bytes
    at: str
    signatures: tuple[tuple[str, bytes], ...] = ()

    @property
    def text(self) -> str:
        """What is signed: four lines."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n{self.at}\n"


def write(origin: str, size: int, root: bytes, at: str, signer: Signer, name: str) -> str:
    """A signed checkpoint; `name` is the key's, and should be the origin.

    Raises Misdeclared (checkpoint_name_wrong) for an origin or name with a space or plus sign.
    """
    for one in (origin, name):
        if not _NAME.fullmatch(one):
            raise Misdeclared(Issue("checkpoint_name_wrong", value=one))
    text = Checkpoint(origin, size, root, at).text
    key = NoteKey(signer.algorithm, signer.public_key)
    signature = key.id_as(name) + signer.sign(text.encode())
    return f"{text}\n— {name} {_base64(signature)}\n"


def read(note: str) -> Checkpoint:
    """What a note says, **not yet verified**; raises Corrupt (checkpoint_unreadable)."""
    try:
        return _read(note)
    except ValueError as error:
        words = {"reason": str(error)}
        raise Corrupt(Issue("checkpoint_unreadable", params=words)) from error


def _read(note: str) -> Checkpoint:
    """Raises ValueError."""
    text, _, signed = note.rpartition("\n\n")
    origin, size, root, at = text.split("\n")
    found = Checkpoint(origin, int(size), _bytes(root), at, _signatures(signed))
    clean = all(char == "\n" or char >= " " for char in note)
    right = clean and _NAME.fullmatch(origin) and _SIZE.fullmatch(size)
    if not (right and len(found.root) == HASH and _TIME.fullmatch(at)):
        raise ValueError("a line is not as it should be")
    datetime.fromisoformat(at)
    return found


def verify(note: str, keys: Iterable[NoteKey], origin: str | None = None) -> Checkpoint:
    """What a note says, after one of `keys` was found to have signed it.

    A signature's name must be the note's origin; signatures of unknown keys are ignored, and a wrong
    one of a known key spoils the note. `origin` is the one expected. Raises Corrupt:
    checkpoint_unreadable, checkpoint_unsigned, checkpoint_signature_wrong, checkpoint_of_another.
    """
    found = read(note)
    if origin is not None and found.origin != origin:
        raise _wrong("checkpoint_of_another", found, expected=origin)
    known = {key.id_as(found.origin): key for key in keys}
    text, signed = found.text.encode(), 0
    for name, signature in found.signatures:
        key = known.get(signature[:KEY_ID])
        if name != found.origin or key is None:
            continue
        if not signed_by(key.algorithm, key.public_key, text, signature[KEY_ID:]):
            raise _wrong("checkpoint_signature_wrong", found)
        signed += 1
    if not signed:
        raise _wrong("checkpoint_unsigned", found)
    return found


def _wrong(code: str, found: Checkpoint, **words: str) -> Corrupt:
    return Corrupt(Issue(code, value=found.origin, params={"size": str(found.size), **words}))


def _signatures(lines: str) -> tuple[tuple[str, bytes], ...]:
    *whole, rest = lines.split("\n")
    parts = [_SIGNATURE.fullmatch(line) for line in whole]
    if rest or not 1 <= len(parts) <= MOST_SIGNATURES:
        raise ValueError(f"there must be 1 to {MOST_SIGNATURES} lines of signatures")
    found = [(part[1], _bytes(part[2])) for part in parts if part]
    if len(found) != len(parts) or any(len(signature) <= KEY_ID for _, signature in found):
        raise ValueError("a line of signatures is not as it should be")
    return tuple(found)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    """Raises ValueError also where unused bits are set: one signature has one form."""
    raw = base64.b64decode(text, validate=True)
    if _base64(raw) != text:
        raise ValueError(f"{text} is no base64")
    return raw
