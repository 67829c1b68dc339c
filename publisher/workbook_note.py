"""workbook.json: what a workbook that was made behind its release is, signed as the release is.

The manifest can't name a file that isn't there yet. The note names the manifest and the workbook's
digest, and its signature is over both, so neither can be exchanged without the publisher's key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt, HubError
from exchange_schemas.issue import Issue
from publisher.disk import sha256, write_synced
from publisher.files import keep
from publisher.known_keys import KEYS, known_key
from publisher.manifest import MANIFEST, Release, ReleaseFile, name_of, now
from publisher.signers import Signer, key_id, signed_by
from publisher.signing import SIGNATURE

NOTE = "workbook.json"
_MESSAGE = "exchange-hub workbook v1"


@dataclass(frozen=True, slots=True)
class WorkbookNote:
    """Digests are hex; `signature` is None where releases aren't signed, else it has algorithm,
    public_key and signature (base64) and signed_at."""

    dataset: str
    number: int
    manifest_sha256: str
    file: ReleaseFile
    signature: dict[str, str] | None = None

    def message(self, signed_at: str) -> bytes:
        """The bytes that are signed."""
        lines = _MESSAGE, self.manifest_sha256, self.file.sha256, signed_at
        return "".join(f"{line}\n" for line in lines).encode()


def write_note(folder: Path, release: Release, file: ReleaseFile, signer: Signer | None) -> None:
    """Write the note on `file` into `folder`; raises OSError."""
    manifest = sha256(release.path / MANIFEST)
    note = WorkbookNote(release.dataset, release.number, manifest, file)
    told = asdict(note) | {"signature": _signed(note, signer) if signer else None}
    write_synced(folder / NOTE, (json.dumps(told, ensure_ascii=False) + "\n").encode())
    keep(folder / NOTE)


def _signed(note: WorkbookNote, signer: Signer) -> dict[str, str]:
    moment = now()
    return {
        "algorithm": signer.algorithm,
        "public_key": base64.b64encode(signer.public_key).decode(),
        "signed_at": moment,
        "signature": base64.b64encode(signer.sign(note.message(moment))).decode(),
    }


def read_note(release: Release) -> WorkbookNote | None:
    """The note beside a release; None where there is none.

    Raises Corrupt (release_wrong) where it can't be read or is another release's.
    """
    try:
        told: dict[str, Any] = json.loads((release.path / NOTE).read_bytes())
        note = WorkbookNote(**{**told, "file": ReleaseFile(**told["file"])})
        if note.manifest_sha256 != sha256(release.path / MANIFEST):
            raise ValueError("of another release")  # noqa: TRY301 - as wrong as unreadable
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        words = {"reason": f"{NOTE}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(release.path), params=words)) from error
    return note


def wrong_note(release: Release) -> Iterator[str]:
    """What is wrong with the note's signature, where the release is signed itself."""
    note = read_note(release)
    if note is None or not (release.path / SIGNATURE).is_file():
        return
    if note.signature is None:
        yield f"{NOTE}: not signed"
    elif not _is_signed(release.path.parent.parent, note, note.signature):
        yield f"{NOTE}: signature"


def _is_signed(root: Path, note: WorkbookNote, told: dict[str, str]) -> bool:
    """Whether it is signed by a key that was in use then, where the keys in use are known."""
    try:
        public_key = base64.b64decode(told["public_key"], validate=True)
        signature = base64.b64decode(told["signature"], validate=True)
        message = note.message(told["signed_at"])
        if (root / KEYS).is_file():
            known = known_key(root, key_id(public_key))
            if known is None or not known.valid_at(told["signed_at"]):
                return False
        return signed_by(told["algorithm"], public_key, message, signature)
    except (ValueError, TypeError, KeyError, HubError):
        return False
