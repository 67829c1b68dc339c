"""Delivery as files: workbooks with control totals by SFTP, and return files read back."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from adapters.artefact import Store
from adapters.sftp_delivery import finished, get, has, open_folder, put
from adapters.source import Ask
from adapters.source_sftp import SftpFolder
from exchange_schemas.errors import (
    HubError,
    SourceUnavailable,
    SourceUnreadable,
    TargetUnavailable,
)
from exchange_schemas.issue import Issue
from hub.outbound.asked import ask_of, discreetly
from hub.outbound.parcel import Parcel, all_taken
from hub.outbound.return_files import SUFFIXES, read_return
from hub.outbound.target import Target
from hub.outbound.way import Files, Returned, Sent
from hub.outbound.workbooks import CONTROL, files_of
from hub.site import Site

logger = logging.getLogger(__name__)

MOST = 256 << 20  # bytes of a return file


@dataclass(slots=True)
class SftpWay:
    """A `way.Way`. The side file is there before the workbook, whose name says that all is there."""

    target: Target
    site: Site
    ask: Ask = field(init=False)
    _folder: SftpFolder | None = None

    def __post_init__(self) -> None:
        self.ask = ask_of(self.target)

    def send(self, parcel: Parcel) -> Sent:
        """Lay the files down; those that lie there already whole are left alone."""
        with self._speaking():
            folder = self._opened()
            for one in files_of(self.target, parcel):
                if not has(folder, one.name, len(one.content)):
                    put(folder, one.name + CONTROL, one.control)
                    put(folder, one.name, one.content)
        if self.target.options.get("answers") == "none":
            return Sent(all_taken(parcel.rows))
        return Sent(handed=True)

    def collect(self, known: Files, flows: pl.Series) -> Iterator[Returned]:
        """Every finished file of the return folder that wasn't taken yet. One that can't be read is
        logged, and looked at again next time."""
        place = self.ask.options.get("returns")
        if place is None:
            return
        with self._speaking():
            folder = open_folder(self.ask, str(place))
        try:
            for entry in finished(folder):
                if entry.name.lower().endswith(SUFFIXES):
                    with self._speaking():
                        content = get(folder, entry, MOST)
                    yield from self._read(entry.name, content, known)
        finally:
            folder.close()

    def _read(self, name: str, content: bytes, known: Files) -> Iterator[Returned]:
        digest = hashlib.sha256(content).hexdigest()
        if (name, digest) in known:
            return
        Store(self.site.raw).keep(io.BytesIO(content), name)  # what was said, as it was said
        try:
            yield Returned(read_return(name, content, self.target.options), name, digest)
        except SourceUnreadable as error:
            logger.warning("target %s: %s", self.target.name, error.issue.code)

    def _opened(self) -> SftpFolder:
        if self._folder is None:
            self._folder = open_folder(self.ask, str(self.ask.options["folder"]))
        return self._folder

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """What may pass is told as such; a connection that broke is opened anew."""
        with discreetly(self.target):
            try:
                yield
            except SourceUnavailable as error:
                self.close()
                raise _away(error) from None
            except HubError:
                self.close()
                raise

    def close(self) -> None:
        """As `Way.close`."""
        if self._folder is not None:
            self._folder.close()
            self._folder = None


def _away(error: HubError) -> TargetUnavailable:
    words = {"reason": error.issue.message("en"), "reason_zh": error.issue.message("zh_CN")}
    return TargetUnavailable(Issue("target_away", params=words))
