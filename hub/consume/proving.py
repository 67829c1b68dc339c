"""Whether what was received is what the hub has signed: one checkpoint, and proofs against it."""

from __future__ import annotations

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub, again
from hub.consume.store import Place
from hub.consume.trust import HubKey, verified
from hub.tree.checkpoint import Checkpoint, read
from hub.tree.frontier import Frontier
from hub.tree.proofs import verify_consistency


class Proven:
    """A dataset's checkpoint, verified; what is received in one pull is held against it."""

    def __init__(self, hub: Hub, dataset: str, note: str, checkpoint: Checkpoint) -> None:
        self._hub = hub
        self.dataset = dataset
        self.note = note
        self.checkpoint = checkpoint

    @property
    def size(self) -> int:
        """How many entries the hub has signed."""
        return self.checkpoint.size

    def extends(self, size: int, root: bytes) -> bool:
        """Whether the signed tree begins with the tree of `size` entries and this root."""
        if size == self.size:
            return root == self.checkpoint.root
        path = [] if size == 0 else self._path(size)
        return verify_consistency(size, self.size, root, self.checkpoint.root, path)

    def _path(self, size: int) -> list[bytes]:
        asked = {"from": size, "to": self.size}
        told = self._hub.json(f"datasets/{self.dataset}/proof/consistency", asked)
        try:
            return [bytes.fromhex(one) for one in told["hashes"]]
        except (ValueError, KeyError, TypeError) as error:
            raise _wrong(self.dataset, f"proof {size}…{self.size}") from error


def fetch_checkpoint(hub: Hub, dataset: str, keys: list[HubKey], place: Place) -> Proven:
    """The hub's checkpoint, which must go on from the one of `place`, if there is one.

    Raises Corrupt: what `trust.verified` raises, checkpoint_of_another (another dataset's), hub_behind,
    stream_changed, hub_rewrote.
    """
    before = read(place.checkpoint) if place.checkpoint else None

    def fetch() -> tuple[str, Checkpoint]:
        note = hub.get(f"datasets/{dataset}/checkpoint").text
        return note, verified(note, keys, None)

    note, found = again(fetch)
    if found.origin.split("/")[-2:-1] != [dataset]:  # <site>/<dataset>/<view>
        words = {"size": str(found.size), "expected": dataset}
        raise Corrupt(Issue("checkpoint_of_another", value=found.origin, params=words))
    proven = Proven(hub, dataset, note, found)
    if before is not None and before.origin != found.origin:
        words = {"dataset": dataset, "found": found.origin}
        raise Corrupt(Issue("stream_changed", value=before.origin, params=words))
    held = max(place.last, before.size if before else 0)
    if found.size < held:
        words = {"dataset": dataset, "head": str(found.size)}
        raise Corrupt(Issue("hub_behind", value=str(held), params=words))
    if before is not None and not _holds(proven, before.size, before.root):
        words = {"dataset": dataset, "at": before.at}
        raise Corrupt(Issue("hub_rewrote", value=str(before.size), params=words))
    return proven


def check_held(proven: Proven, frontier: Frontier) -> None:
    """Raise Corrupt (copy_damaged) where what is held isn't what the hub has signed."""
    if not _holds(proven, frontier.size, frontier.root()):
        words = {"dataset": proven.dataset}
        raise Corrupt(Issue("copy_damaged", value=str(frontier.size), params=words))


def _holds(proven: Proven, size: int, root: bytes) -> bool:
    """As `Proven.extends`, asked three times: a proof may be damaged on its way."""

    def ask() -> bool:
        if not proven.extends(size, root):
            raise _wrong(proven.dataset, str(size))
        return True

    try:
        return again(ask)
    except Corrupt:
        return False


def _wrong(dataset: str, entries: str) -> Corrupt:
    return Corrupt(Issue("entry_unproven", value=entries, params={"dataset": dataset}))


def check_proven(proven: Proven, frontier: Frontier, first: int) -> None:
    """Raise Corrupt (entry_unproven) where entries `first` … `frontier.size` that were received
    aren't what the hub has signed."""
    if not proven.extends(frontier.size, frontier.root()):
        raise _wrong(proven.dataset, f"{first}…{frontier.size}")
