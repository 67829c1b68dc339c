"""Reconciliation of the stores that there are: files, and rows of a database."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from hub.consume.batch import checked_batch
from hub.consume.file_store import FileStore
from hub.consume.places import in_database
from hub.consume.reconcile import Outcome, reconcile
from hub.consume.sql_store import SqlStore
from hub.consume.sql_tables import exchange_cursor, exchange_entry
from hub.consume.store import Store
from hub.tree.frontier import Frontier
from tests.exchange.made_lines import DATASET, LinesHub
from tests.exchange.test_reconcile import DAMAGE, OTHER, damage_line

SIZE, PAGE = 500, 128
HUB = LinesHub.of(SIZE)
FEW = settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_NUMBERS = itertools.count()


def filled(store: Store) -> None:
    frontier = Frontier()
    for after in range(0, SIZE, PAGE):
        last = min(after + PAGE, SIZE)
        body = "".join(f"{line}\n" for line in HUB.lines[after:last]).encode()
        batch = checked_batch(DATASET, body, after, last)
        frontier = frontier.extend(batch.leaves)
        store.keep(batch, frontier, [])


def run(store: Store) -> Outcome:
    with HUB.hub() as client:
        return reconcile(client, store, DATASET, HUB.keys)


@FEW
@given(st.data())
def test_files(tmp_path: Path, data: st.DataObject) -> None:
    store = FileStore(tmp_path / str(next(_NUMBERS)), DATASET)
    with store.receiving():
        filled(store)
    before = {path: path.read_bytes() for path in store.received.pages()}
    numbers = data.draw(st.lists(st.integers(1, SIZE), max_size=8, unique=True))
    wrong: set[int] = set()
    for path in store.received.pages():
        lines = path.read_text("utf-8").splitlines()
        first = int(path.name[:15])
        for seq in numbers:
            if first <= seq < first + len(lines):
                kind = data.draw(DAMAGE.filter(lambda one: one not in ("swapped", "renumbered")))
                line = HUB.lines[seq - 1]
                lines[seq - first] = damage_line(kind, line, OTHER.lines[seq - 1])
                wrong |= {seq} if lines[seq - first] != line else set()
        lost = [line for line in lines if line]  # a deleted one leaves nothing behind
        path.write_text("".join(f"{line}\n" for line in lost), encoding="utf-8")
    outcome = run(store)
    assert outcome.differing == tuple(sorted(wrong))
    assert outcome.repaired == len(wrong)
    assert {path: path.read_bytes() for path in store.received.pages()} == before
    assert run(store).differing == ()


def test_a_cut_file_and_one_of_noise_come_back(tmp_path: Path) -> None:
    store = FileStore(tmp_path, DATASET)
    with store.receiving():
        filled(store)
    one, other, *_ = store.received.pages()
    before = one.read_bytes(), other.read_bytes()
    one.write_bytes(before[0][: len(before[0]) // 3])
    other.write_bytes(bytes(range(256)) * 50)
    assert run(store).repaired > PAGE
    assert (one.read_bytes(), other.read_bytes()) == before


COLUMNS = st.sampled_from(["key", "digest", "recorded_at", "standard", "salt", "record", "row"])


@FEW
@given(st.dictionaries(st.integers(1, SIZE), COLUMNS, max_size=8))
def test_rows(tmp_path: Path, damages: dict[int, str]) -> None:
    place = in_database(f"sqlite:///{tmp_path / f'{next(_NUMBERS)}.sqlite'}")
    store = place.store(DATASET, None)
    assert isinstance(store, SqlStore)
    with store.receiving():
        filled(store)
    everything = select(exchange_entry).order_by(exchange_entry.c.seq)
    with store.engine.connect() as connection:
        before = connection.execute(everything).all()
    wrong = set()
    with store.engine.begin() as connection:
        for seq, name in damages.items():
            mine = exchange_entry.c.seq == seq
            if name == "row":
                connection.execute(delete(exchange_entry).where(mine))
                wrong.add(seq)
            elif getattr(before[seq - 1], name) is not None:
                value = getattr(before[seq - 1], name)
                changed = {name: value[:-1] + ("0" if value[-1] != "0" else "1")}
                connection.execute(update(exchange_entry).where(mine).values(changed))
                wrong.add(seq)
    outcome = run(store)
    assert outcome.differing == tuple(sorted(wrong))
    with store.engine.connect() as connection:
        assert connection.execute(everything).all() == before
    assert run(store).differing == ()


@pytest.mark.parametrize("kind", ["deleted", "swapped"])
def test_what_follows_from_rows_is_right_again(tmp_path: Path, kind: str) -> None:
    place = in_database(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    store = place.store(DATASET, None)
    assert isinstance(store, SqlStore)
    with store.receiving():
        filled(store)
    mine = exchange_entry.c.seq == 5
    with store.engine.begin() as connection:
        if kind == "deleted":
            connection.execute(delete(exchange_entry).where(mine))
        else:
            connection.execute(update(exchange_entry).where(mine).values(seq=-5))
            its = exchange_entry.c.seq == 6
            connection.execute(update(exchange_entry).where(its).values(seq=5))
            minus = exchange_entry.c.seq == -5
            connection.execute(update(exchange_entry).where(minus).values(seq=6))
    assert run(store).differing == ((5,) if kind == "deleted" else (5, 6))
    assert run(store).differing == ()


@pytest.mark.parametrize("kind", ["files", "rows"])
def test_a_tree_that_is_wrong_is_mended_with_its_copy(tmp_path: Path, kind: str) -> None:
    store: Store = FileStore(tmp_path, DATASET)
    if kind == "rows":
        store = in_database(f"sqlite:///{tmp_path / 'copy.sqlite'}").store(DATASET, None)
    with store.receiving():
        filled(store)
    right = store.place().frontier
    wrong = json.dumps({**right.to_json(), "nodes": ["0" * 64] * len(right.nodes)})
    if isinstance(store, SqlStore):
        with store.engine.begin() as connection:
            connection.execute(update(exchange_cursor).values(frontier=wrong))
    else:
        (tmp_path / DATASET / "tree.json").write_text(wrong)
    assert store.place().frontier != right
    assert run(store).differing == ()
    assert store.place().frontier == right


def test_a_line_respelt_is_damage_although_its_leaf_is_right(tmp_path: Path) -> None:
    store = FileStore(tmp_path, DATASET)
    with store.receiving():
        filled(store)
    page = store.received.pages()[0]
    before = page.read_bytes()
    page.write_bytes(before.replace(b'"seq":5,', b'"seq":5,"key":"other",', 1))
    assert run(store).differing == (5,)
    assert page.read_bytes() == before
