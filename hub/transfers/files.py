"""Files of a case: kept under the SHA-256 of their bytes; their names are shown and nothing more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, func, insert, select

from adapters.artefact import Store
from exchange_schemas.errors import Corrupt, Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.site import Site
from hub.transfers.tables import transfer_file
from publisher.disk import sha256
from publisher.evidence import shown_name

MEGABYTE = 1_000_000
LARGEST = 50 * MEGABYTE  # of one file
MOST_BYTES = 500 * MEGABYTE  # of all files of one case
MOST_FILES = 200

# first bytes → media type: ISO 32000-1, ITU-T T.81, RFC 2083, TIFF 6.0; OFD, docx and xlsx are zips
_TYPES = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"PK\x03\x04": "application/zip",
}
SHOWN = ("sha256", "name", "media_type", "size", "added_by", "added_at")


def folder(site: Site) -> Path:
    """Where the bytes are: for the hub's own user only."""
    return site.path / "transfers" / "files"


def keep(site: Site, source: BinaryIO, name: str) -> dict[str, Any]:
    """Keep a file's bytes; returns its columns. Raises Refused (case_file_large, case_file_type)."""
    shown = shown_name(name)
    source.seek(0, 2)
    size = source.tell()
    source.seek(0)
    if not 0 < size <= LARGEST:
        words = {"most": str(LARGEST // MEGABYTE)}
        raise Refused(Issue("case_file_large", value=shown, params=words))
    media_type = _kind(source.read(8))
    if media_type is None:
        raise Refused(Issue("case_file_type", value=shown))
    source.seek(0)
    place = folder(site)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = Store(place).keep(source, shown)
    return {"sha256": kept.sha256, "name": shown, "media_type": media_type, "size": kept.size}


def _kind(head: bytes) -> str | None:
    return next((kind for magic, kind in _TYPES.items() if head.startswith(magic)), None)


def add(connection: Connection, number: int, kept: dict[str, Any], actor: str) -> None:
    """Add a kept file to a case; the same bytes twice are one file.

    Raises Refused (case_files_many).
    """
    mine = transfer_file.c.transfer_id == number
    query = select(func.count(), func.coalesce(func.sum(transfer_file.c.size), 0)).where(mine)
    count, size = connection.execute(query).one()
    same = transfer_file.c.sha256 == kept["sha256"]
    if connection.scalar(select(transfer_file.c.id).where(mine, same)) is not None:
        return
    if count >= MOST_FILES or int(size) + kept["size"] > MOST_BYTES:
        words = {"most": str(MOST_FILES), "bytes": str(MOST_BYTES // MEGABYTE)}
        raise Refused(Issue("case_files_many", value=kept["name"], params=words))
    row = {**kept, "transfer_id": number, "added_by": actor, "added_at": utc_now()}
    connection.execute(insert(transfer_file).values(row))


def files_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    """`SHOWN` of a case's files, in the order in which they were added."""
    query = (
        select(*(transfer_file.c[name] for name in SHOWN))
        .where(transfer_file.c.transfer_id == number)
        .order_by(transfer_file.c.id)
    )
    rows = connection.execute(query).mappings()
    return [{name: row[name] for name in SHOWN} for row in rows]


def find(connection: Connection, site: Site, number: int, digest: str) -> tuple[Path, str, str]:
    """(path, media type, shown name) of a file of a case.

    Raises Misdeclared (case_file_unknown), Corrupt (artefact_missing, artefact_wrong).
    """
    mine = (transfer_file.c.transfer_id == number) & (transfer_file.c.sha256 == digest)
    query = select(transfer_file).where(mine)
    # A digest is letters and digits; PostgreSQL can't even be asked for a NUL.
    row = connection.execute(query).mappings().one_or_none() if digest.isalnum() else None
    if row is None:
        raise Misdeclared(Issue("case_file_unknown", value=digest[:64]))
    path = Store(folder(site)).find(row["sha256"])  # of the table: never what was asked for
    if not path.is_file():
        raise Corrupt(Issue("artefact_missing", value=row["sha256"]))
    if sha256(path) != row["sha256"]:
        raise Corrupt(Issue("artefact_wrong", value=row["sha256"]))
    return path, row["media_type"], row["name"]
