"""Where what was taken back is gone: one file for each dataset, written by the hub.

It says of each surface up to which release nothing of it is left there, and when that was seen; and
by numbers how many consumers were told and confirmed. There is nothing of a party or a consumer in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from publisher.disk import sync, write_synced


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was taken back up to and including `release` was found to be gone `at` (ISO 8601, UTC)."""

    release: int
    at: str


@dataclass(frozen=True, slots=True)
class Retractions:
    """`surfaces` are files, search, feeds and ckan:<name>, each with what was seen, in the order of
    releases; `titles` says what a CKAN is called. `consumers` maps a record id to the numbers of
    consumers that were told and of those that confirmed."""

    dataset: str
    surfaces: Mapping[str, Sequence[Confirmation]]
    titles: Mapping[str, str]
    consumers: Mapping[str, tuple[int, int]]

    def gone_at(self, surface: str, release: int) -> str | None:
        """When it was first seen that what `release` took back is gone there; None: not yet."""
        found = [one.at for one in self.surfaces.get(surface, ()) if one.release >= release]
        return min(found) if found else None


def write_retractions(folder: Path, told: Retractions) -> bool:
    """Write `<folder>/<dataset>.json`; False where it says so already."""
    content = {
        "dataset": told.dataset,
        "surfaces": {
            name: [{"release": one.release, "at": one.at} for one in seen]
            for name, seen in told.surfaces.items()
        },
        "titles": dict(told.titles),
        "consumers": {record: list(counts) for record, counts in told.consumers.items()},
    }
    text = (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
    path = folder / f"{told.dataset}.json"
    if path.is_file() and path.read_bytes() == text:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{told.dataset}.part"
    write_synced(beside, text)
    beside.replace(path)
    sync(folder)
    return True


def read_retractions(folder: Path, dataset: str) -> Retractions:
    """What the hub says of a dataset; nothing where it hasn't said anything yet.

    `dataset` is a name of the catalogue. Raises Corrupt (retractions_unreadable).
    """
    try:
        told: dict[str, Any] = json.loads((folder / f"{dataset}.json").read_bytes())
        surfaces = {
            str(name): [Confirmation(int(one["release"]), str(one["at"])) for one in seen]
            for name, seen in told["surfaces"].items()
        }
        titles = {str(name): str(title) for name, title in told["titles"].items()}
        consumers = {str(k): (int(v[0]), int(v[1])) for k, v in told["consumers"].items()}
    except FileNotFoundError:
        return Retractions(dataset, {}, {}, {})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        words = {"reason": type(error).__name__}
        raise Corrupt(Issue("retractions_unreadable", value=dataset, params=words)) from error
    return Retractions(dataset, surfaces, titles, consumers)
