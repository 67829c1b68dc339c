"""A delivery's batches, read and checked in this process."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.mapping import Normaliser
from adapters.pull import read
from hub.delivery import Delivery
from hub.named import name_rows
from hub.part_file import Read


def batches(delivery: Delivery) -> Iterator[Read]:
    """Each batch of the delivery as it came, and normalised and checked."""
    if delivery.artefact is None:
        raise ValueError("pull_source comes first")
    unread = delivery.batches() if delivery.batches else read(delivery.feed, delivery.artefact)
    normaliser = Normaliser(delivery.feed, delivery.standard)
    while True:
        with delivery.stage("read"):
            raw = next(unread, None)
        if raw is None:
            return
        with delivery.stage("normalise"):
            batch = normaliser.normalise(raw)
        with delivery.stage("check"):
            named = name_rows(delivery.standard, batch, delivery.feed.fields)
        yield raw.rows, named
