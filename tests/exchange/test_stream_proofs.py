"""Proofs and tiles over a stream, whether its entries are sealed or in the open tail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from exchange_schemas.errors import Corrupt, Misdeclared
from hub.database import connect, create_tables
from hub.exchange import proofs
from hub.exchange.segments import folder_of
from hub.exchange.views import View
from hub.site import Site
from hub.tree.frontier import Frontier
from hub.tree.proofs import verify_consistency, verify_inclusion
from hub.tree.tiles import Tile, edge, tiles_of
from tests.exchange.plain_tree import some_leaves
from tests.exchange.planted_stream import planted

SIZE = 131_072 + 4_700
LEAVES = some_leaves(SIZE)
TILES = dict(tiles_of(LEAVES))
REUSED = settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def engine(database_url: str) -> Engine:
    made = connect(database_url)
    create_tables(made)
    return made


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


Plant = Callable[[int, int], View]


@pytest.fixture
def plant(site: Site, engine: Engine) -> Plant:
    def do(segment: int, size: int = SIZE) -> View:
        parts = (LEAVES[at : min(at + segment, size)] for at in range(0, size, segment))
        return planted(site, engine, parts, segment)

    return do


def root(size: int) -> bytes:
    return Frontier().extend(LEAVES[:size]).root()


@pytest.mark.parametrize("segment", [256, 1_024, 65_536, 131_072])
def test_every_tile(site: Site, engine: Engine, plant: Plant, segment: int) -> None:
    view = plant(segment, SIZE)
    with engine.connect() as connection:
        for tile, raw in TILES.items():
            if tile.level or tile.index % 50 == 0 or tile.width < 256:
                assert proofs.tile(site, connection, view, tile) == raw
        for wrong in (
            Tile(0, SIZE >> 8, SIZE % 256 + 1),
            Tile(0, SIZE),
            Tile(2, 0, 3),
            Tile(3, 0, 1),
        ):
            with pytest.raises(Misdeclared) as raised:
                proofs.tile(site, connection, view, wrong)
            assert raised.value.issue.code == "tile_unknown"


@pytest.mark.parametrize("segment", [256, 131_072])
def test_proofs_of_any_entry_and_size(
    site: Site, engine: Engine, plant: Plant, segment: int
) -> None:
    view = plant(segment, SIZE)

    @REUSED
    @given(st.integers(1, SIZE) | st.just(SIZE), st.data())
    def holds(size: int, data: st.DataObject) -> None:
        seq = data.draw(st.integers(1, size))
        old = data.draw(st.integers(0, size))
        with engine.connect() as connection:
            path = proofs.inclusion(site, connection, view, seq, size)
            proof = proofs.consistency(site, connection, view, old, size)
            assert proofs.root_at(site, connection, view, size) == root(size)
        leaf = LEAVES[seq - 1].tobytes()
        assert verify_inclusion(leaf, seq - 1, size, path, root(size))
        assert verify_consistency(old, size, root(old), root(size), proof)

    holds()


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257])
def test_small_streams(site: Site, engine: Engine, plant: Plant, size: int) -> None:
    view = plant(256, size)
    with engine.connect() as connection:
        assert proofs.root_at(site, connection, view, size) == root(size)
        for seq in range(1, size + 1):
            path = proofs.inclusion(site, connection, view, seq, size)
            leaf = LEAVES[seq - 1].tobytes()
            assert verify_inclusion(leaf, seq - 1, size, path, root(size))


def test_what_can_not_be_proven(site: Site, engine: Engine, plant: Plant) -> None:
    view = plant(256, 1_000)
    with engine.connect() as connection:
        for ask in (
            lambda: proofs.inclusion(site, connection, view, 0, 10),
            lambda: proofs.inclusion(site, connection, view, 11, 10),
            lambda: proofs.inclusion(site, connection, view, 1, 1_001),
            lambda: proofs.consistency(site, connection, view, -1, 10),
            lambda: proofs.consistency(site, connection, view, 11, 10),
            lambda: proofs.consistency(site, connection, view, 1, 1_001),
            lambda: proofs.root_at(site, connection, view, 1_001),
        ):
            with pytest.raises(Misdeclared) as raised:
                ask()
            assert raised.value.issue.code == "proof_impossible"


def test_lost_hashes_are_told(site: Site, engine: Engine, plant: Plant) -> None:
    view = plant(1_024, 2_048)
    (first, _) = sorted(folder_of(site, view).glob("*.hashes"))
    whole = first.read_bytes()
    with engine.connect() as connection:
        first.write_bytes(whole[:-32])
        with pytest.raises(Corrupt) as raised:
            proofs.tile(site, connection, view, Tile(1, 0, 8))
        assert raised.value.issue.code == "stream_wrong"
        first.write_bytes(whole[:100])
        with pytest.raises(Corrupt):
            proofs.inclusion(site, connection, view, 1, 2_048)


def test_tiles_of_a_smaller_tree_are_the_beginning_of_the_wider(
    site: Site, engine: Engine, plant: Plant
) -> None:
    view = plant(65_536, SIZE)
    with engine.connect() as connection:
        for size in (65_537, 66_000, SIZE):
            smaller = dict(tiles_of(LEAVES[:size]))
            for tile in edge(size):
                assert proofs.tile(site, connection, view, tile) == smaller[tile]
