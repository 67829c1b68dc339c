"""What finds a damaged stream: `hub verify`, and checkpoints against the past; and the commands."""

import json
import os
import re
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, insert, select, text, update

from exchange_schemas.errors import Corrupt, Misdeclared
from hub import jobs
from hub.cli.main import hub
from hub.database import write
from hub.exchange import checkpoints, keeping, proofs, snapshots
from hub.exchange.blocks import pack
from hub.exchange.reading import unpack
from hub.exchange.segments import folder_of
from hub.exchange.tables import (
    exchange_block,
    exchange_checkpoint,
    exchange_segment,
    exchange_view,
)
from hub.exchange.views import View
from hub.exchange.waiting import streams_wait
from hub.progress import Silent
from hub.tables import job, metadata
from hub.tree.checkpoint import NoteKey, verify
from hub.tree.snapshot_note import verify as verify_snapshot
from hub.tree.tiles import Tile
from hub.verify import verify as verify_site
from hub.work import work
from publisher.signing_keys import site_signer
from tests.exchange.streaming import Streams, a_site
from tests.hub.ledger_data import MARKET, a_company, put
from tests.reviewing import appoint

DIGITS = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/"  # of base64


@pytest.fixture
def streams(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Streams:
    monkeypatch.setenv("HUB_SEGMENT_ENTRIES", "256")
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    return a_site(tmp_path, database_url)


def filled(streams: Streams) -> View:
    """300 entries, 256 of them sealed, with a snapshot and a checkpoint."""
    view = streams.view()
    put(streams.engine, MARKET, [a_company(n) for n in range(300)])
    keeping.keep(streams.site, streams.engine, streams.catalogue, view, Silent())
    snapshots.make(streams.site, streams.engine, view)
    assert streams.proved(view) == []
    return view


def keys(streams: Streams) -> list[NoteKey]:
    signer = site_signer(streams.site.keys, streams.site.releases, os.environ)
    return [NoteKey(signer.algorithm, signer.public_key)]


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def flip_one(pattern: str) -> Callable[[Streams, Path], None]:
    return lambda _, folder: flip(next(folder.glob(pattern)))


def lose_one(pattern: str) -> Callable[[Streams, Path], None]:
    return lambda _, folder: next(folder.glob(pattern)).unlink()


def sql(*statements: str) -> Callable[[Streams, Path], None]:
    def run(streams: Streams, _: Path) -> None:
        with write(streams.engine) as connection:
            for one in statements:
                connection.execute(text(one))

    return run


def retell(streams: Streams, _: Path) -> None:
    """Rewrite the past in the ledger: its digests, content and heads go together."""
    sql(
        "UPDATE revision SET digest = (SELECT digest FROM revision WHERE seq = 3) WHERE seq = 280"
    )(streams, _)


def unsalt(streams: Streams, _: Path) -> None:
    """Take the salt out of a line of the tail."""
    with write(streams.engine) as connection:
        row = connection.execute(select(exchange_block)).mappings().one()
        lines = unpack(bytes(row["lines"]), row["lines_size"]).decode()
        packed, size = pack(
            pl.Series(re.sub('"salt":"[^"]+"', '"salt":null', lines, count=1).splitlines())
        )
        connection.execute(update(exchange_block).values(lines=packed, lines_size=size))


DAMAGES: dict[str, tuple[Callable[[Streams, Path], None], str]] = {
    "a byte of the lines": (flip_one("0*.ndjson.zst"), "stream_file_wrong"),
    "a byte of the columns": (flip_one("*.parquet"), "stream_file_wrong"),
    "a byte of the hashes": (flip_one("*.hashes"), "stream_file_wrong"),
    "a byte of the snapshot": (flip_one("snapshot-*"), "stream_file_wrong"),
    "lines are lost": (lose_one("0*.ndjson.zst"), "stream_file_wrong"),
    "hashes are lost": (lose_one("*.hashes"), "stream_file_wrong"),
    "a file more": (lambda _, f: (f / "x.2.ndjson.zst").write_bytes(b"x"), "stream_left_over"),
    "the tail is lost": (sql("DELETE FROM exchange_block"), "stream_wrong"),
    "a segment is lost": (sql("DELETE FROM exchange_segment"), "stream_wrong"),
    "a line without its salt": (unsalt, "stream_wrong"),
    "another root of a segment": (
        sql(
            "UPDATE exchange_segment SET root = "
            "(SELECT root FROM exchange_checkpoint WHERE size = 300)"
        ),
        "stream_wrong",
    ),
    "another size": (sql("UPDATE exchange_view SET size = 301"), "stream_wrong"),
    "no tree": (sql("UPDATE exchange_view SET frontier = NULL"), "stream_wrong"),
    "another root was signed": (
        sql("UPDATE exchange_checkpoint SET root = (SELECT root FROM exchange_segment)"),
        "past_rewritten",
    ),
    "another past in the ledger": (retell, "stream_wrong"),
}  # fmt: skip


TABLES = ("exchange_block", "exchange_segment", "exchange_checkpoint", "revision")


@contextmanager
def put_back(streams: Streams, folder: Path) -> Iterator[None]:
    """What is damaged in the block is whole again behind it."""
    files = {path: path.read_bytes() for path in folder.iterdir()}
    with write(streams.engine) as connection:
        kept = {name: connection.execute(text(f"SELECT * FROM {name}")).all() for name in TABLES}
        view = connection.execute(select(exchange_view)).mappings().one()
    yield
    for path in set(folder.iterdir()) - set(files):
        path.unlink()
    for path, raw in files.items():
        path.write_bytes(raw)
    with write(streams.engine) as connection:
        connection.execute(update(exchange_view).values(dict(view)))
        for name, rows in kept.items():
            table = metadata.tables[name]
            connection.execute(delete(table))
            connection.execute(insert(table), [row._asdict() for row in rows])


def test_each_damage_is_found(streams: Streams) -> None:
    view = filled(streams)
    folder = folder_of(streams.site, view)
    for name, (damage, code) in DAMAGES.items():
        with put_back(streams, folder):
            damage(streams, folder)
            found = streams.proved(view)
            assert found and found[0].startswith(code), (name, found)
    verdict = verify_site(streams.site, streams.engine)
    assert verdict.issues == []
    assert verdict.entries == {f"{MARKET}/government": 300}


def test_nothing_is_made_of_other_hashes_where_a_segment_is_missing(streams: Streams) -> None:
    view = streams.view()
    put(streams.engine, MARKET, [a_company(n) for n in range(1_100)])
    keeping.keep(streams.site, streams.engine, streams.catalogue, view, Silent())
    with write(streams.engine) as connection:
        connection.execute(delete(exchange_segment).where(exchange_segment.c.first_seq == 257))
    with streams.engine.connect() as connection:
        for asked in (Tile(0, 1), Tile(0, 1, 7), Tile(1, 0, 3)):
            with pytest.raises(Corrupt, match="segments are missing"):
                proofs.tile(streams.site, connection, view, asked)
        assert len(proofs.tile(streams.site, connection, view, Tile(0, 2))) == 256 * 32


def test_a_checkpoint_is_signed_once_for_each_size(streams: Streams) -> None:
    view = filled(streams)
    note = checkpoints.checkpoint(streams.site, streams.engine, view)
    told = verify(note, keys(streams))
    assert (told.size, told.origin) == (300, f"hub/{MARKET}/government")
    assert checkpoints.checkpoint(streams.site, streams.engine, view) == note
    earlier = verify(
        checkpoints.checkpoint(streams.site, streams.engine, view, 257), keys(streams)
    )
    with streams.engine.connect() as connection:
        assert earlier.root == checkpoints.root(streams.site, connection, view, 257)
    with pytest.raises(Misdeclared):
        checkpoints.checkpoint(streams.site, streams.engine, view, 301)
    made = snapshots.make(streams.site, streams.engine, view)
    assert made is not None and made.signature is not None and made.note is not None
    told_of = verify_snapshot(made.signature, keys(streams))
    assert (told_of.seq, told_of.records, told_of.sha256) == (256, 256, made.sha256)
    assert verify(made.note, keys(streams)).size == 256
    with pytest.raises(Corrupt):
        verify_snapshot(made.signature.replace("\n256\n", "\n255\n", 1), keys(streams))
    text = made.signature.removesuffix("=\n")
    other = DIGITS[DIGITS.index(text[-1]) + 1]  # the same bytes, with a bit set that means nothing
    with pytest.raises(Corrupt) as error:
        verify_snapshot(f"{text[:-1]}{other}=\n", keys(streams))
    assert error.value.issue.code == "snapshot_unreadable"


def test_a_rewritten_past_is_not_signed(streams: Streams) -> None:
    view = filled(streams)
    put(streams.engine, MARKET, [a_company(1_000)])
    streams.extend(view)
    with write(streams.engine) as connection:
        mine = exchange_checkpoint.c.size == 300
        connection.execute(update(exchange_checkpoint).where(mine).values(root=bytes(32)))
    for size in (None, 300):
        with pytest.raises(Corrupt) as error:
            checkpoints.checkpoint(streams.site, streams.engine, view, size)
        assert (error.value.issue.code, error.value.issue.value) == ("past_rewritten", "300")


def test_without_a_key_entries_go_on(streams: Streams) -> None:
    view = filled(streams)
    (streams.site.keys / "signing.key").unlink(missing_ok=True)
    for path in streams.site.keys.iterdir():
        path.unlink()
    put(streams.engine, MARKET, [a_company(1_000)])
    kept = keeping.keep(streams.site, streams.engine, streams.catalogue, view, Silent())
    assert (kept["size"], kept["checkpoint"]) == (301, False)


def test_the_origin_stays_when_the_address_changes(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_PORTAL_BASE_URL", "https://data.example.cn")
    view = streams.view()
    assert checkpoints.origin_of(streams.site, streams.engine, view).startswith("data.example.cn/")
    monkeypatch.setenv("HUB_PORTAL_BASE_URL", "https://other.example.cn")
    assert checkpoints.origin_of(streams.site, streams.engine, view).startswith("data.example.cn/")


def test_one_job_waits_for_each_dataset(streams: Streams) -> None:
    put(streams.engine, MARKET, [a_company(n) for n in range(300)])
    with write(streams.engine) as connection:
        streams_wait(connection, MARKET)
        assert connection.execute(select(job)).all() == []  # nobody has a stream yet
    view = streams.view()
    with write(streams.engine) as connection:
        streams_wait(connection, MARKET)
        streams_wait(connection, MARKET)
        (one,) = connection.execute(select(job)).all()
    lease = jobs.take(streams.engine, one.id)
    assert lease is not None
    with write(streams.engine) as connection:
        streams_wait(connection, MARKET)  # that one may have read already
        numbers = list(connection.scalars(select(job.c.id).order_by(job.c.id)))
    assert len(numbers) == 2
    keeping.do_job(streams.site, streams.engine, lease, Silent())
    assert work(streams.site, streams.engine, numbers[1]) == {
        "government": {"size": 300, "sealed": 0, "snapshot": None, "checkpoint": True}
    }
    assert streams.row(view).sealed == 256


def test_commands_tell_and_do_it(streams: Streams) -> None:
    def run(*words: str) -> object:
        done = CliRunner().invoke(
            hub, ["--site", str(streams.site.path), "exchange", *words, "--json"]
        )
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    appoint(streams.engine, "li")
    view = streams.view()
    put(streams.engine, MARKET, [a_company(n) for n in range(300)])
    assert run("status")[0] | {"bytes": 0} == {
        "dataset": MARKET, "view": "government", "size": 0, "sealed": 0, "segments": 0,
        "waiting": 300, "erased": 0, "bytes": 0, "snapshot": None, "checkpoint": None,
        "release": None,
    }  # fmt: skip
    assert run("seal", MARKET) == [
        {"dataset": MARKET, "view": "government", "size": 300, "sealed": 1, "snapshot": None,
         "checkpoint": True}
    ]  # fmt: skip
    assert run("snapshot", MARKET, "--view", "government")["government"]["records"] == 256
    assert "\n257\n" in run("checkpoint", MARKET, "--size", "257")["government"]
    put(streams.engine, MARKET, [], gone=[a_company(1)])
    told = run(
        "erase", MARKET, "--key", a_company(1)["uscc"], "--as", "li", "--reason", "请求",
        "--basis", "个人信息保护法 第四十七条",
    )  # fmt: skip
    assert (told["records"], told["entries"], told["streams"]) == (1, 2, {"government": 1})
    streams.extend(view)
    assert streams.proved(view) == []
    for words in (("status",), ("seal",), ("snapshot", MARKET), ("checkpoint", MARKET)):
        done = CliRunner().invoke(hub, ["--site", str(streams.site.path), "exchange", *words])
        assert done.exit_code == 0 and "government" in done.stdout
