"""Source: a file that a person hands in with `hub feed run FEED --file PATH`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.source import Ask, Part
from adapters.source_file import file_part
from exchange_schemas.errors import SourceUnavailable
from exchange_schemas.issue import Issue


class UploadSource:
    """There is nothing to fetch: without a file there is no run."""

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {"properties": {}}

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The file handed in; raises SourceUnavailable (upload_missing, file_missing)."""
        if ask.upload is None:
            raise SourceUnavailable(Issue("upload_missing"))
        yield file_part(ask.upload)
