"""Streams to try: a site with a small ledger, and views of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue, load_catalogue
from hub.consumers.consumer import Consumer, add_consumer, authenticate
from hub.database import write
from hub.exchange import reading, sealing, stream
from hub.exchange.segments import folder_of
from hub.exchange.stream_proof import check_stream
from hub.exchange.tables import exchange_view
from hub.exchange.views import View, view_for
from hub.site import Site, create_site
from tests.hub.ledger_data import MARKET, made


@dataclass(frozen=True)
class AGrant:
    """What a view is made of."""

    dataset: str = MARKET
    audience: str = "government"
    association: str | None = None
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Streams:
    """A site with its database."""

    site: Site
    engine: Engine
    catalogue: Catalogue

    def consumer(self, name: str = "province", audience: str = "government") -> Consumer:
        """A new one."""
        with write(self.engine) as connection:
            key = add_consumer(connection, name, audience, [])
            found = authenticate(connection, key)
        assert found is not None
        return found

    def view(self, consumer: Consumer | None = None, **grant: Any) -> View:
        """The view of a consumer (a new one, if none) under a grant like that."""
        name = f"{grant.get('audience', 'government')} {json.dumps(grant, default=str)}"
        one = consumer or self.consumer(name)
        with write(self.engine) as connection:
            return view_for(connection, self.catalogue, one, AGrant(**grant))

    def extend(self, view: View, at_most: int | None = None) -> int:
        """Take in what is new."""
        return stream.extend(self.engine, self.catalogue, view, at_most, self.site)

    def seal(self, view: View) -> list[str]:
        """Seal; names of the new segments."""
        made = sealing.seal(self.site, self.engine, view)
        return [one.name for one in made]

    def text(self, view: View, after: int = 0, limit: int = 100_000) -> bytes:
        """The lines as they are served."""
        with self.engine.connect() as connection:
            return reading.lines(self.site, connection, view, after, limit).body

    def entries(self, view: View, after: int = 0, limit: int = 100_000) -> list[dict[str, Any]]:
        """The lines, read."""
        lines = self.text(view, after, limit).split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def leaves(self, view: View) -> bytes:
        """All leaf hashes."""
        with self.engine.connect() as connection:
            size = stream.size(connection, view)
            return reading.leaves(self.site, connection, view, 1, size) if size else b""

    def row(self, view: View) -> Any:
        """The view's row."""
        with self.engine.connect() as connection:
            query = select(exchange_view).where(exchange_view.c.id == view.id)
            return connection.execute(query).one()

    def proved(self, view: View) -> list[str]:
        """The codes of what `hub verify` finds wrong in it."""
        found = check_stream(self.site, self.engine, self.catalogue, view, lambda _: None)[1]
        return [f"{issue.code} {issue.value} {issue.params.get('reason', '')}" for issue in found]

    def files(self, view: View) -> list[str]:
        """What lies in its folder."""
        folder = folder_of(self.site, view)
        return sorted(p.name for p in folder.iterdir() if p.name != ".lock")


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


def a_site(folder: Path, url: str) -> Streams:
    """A new site with an empty ledger."""
    return Streams(create_site(folder / "site"), made(url), _catalogue())
