"""Verify: everything right is passed, and every damage is found and named."""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, update

from adapters.artefact import Store
from exchange_schemas.catalogue import load_catalogue
from hub.database import write
from hub.segment import compress, unpack
from hub.site import Site, create_site
from hub.tables import dataset, head, revision, run, segment
from hub.verify import verify
from publisher.release import build_release
from publisher.view import view_frame
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, made, put

DELIVERY = "主体名称,统一社会信用代码\n".encode()


def filled(site: Site) -> Engine:
    """A site with two ledgers, a delivery and two releases."""
    engine = made(site.database_url)
    put(engine, PENALTY, [a_penalty(1, "张三")])
    put(engine, MARKET, [a_company(n) for n in range(1_200)])
    put(engine, MARKET, [a_company(3, reg_state="注销"), a_company(5_000)], gone=[a_company(4)])
    put(engine, MARKET, [a_company(4)])
    kept = Store(site.raw).keep(io.BytesIO(DELIVERY), "s.csv")
    with write(engine) as connection:
        connection.execute(update(run).where(run.c.id == 2).values(sha256=kept.sha256))
    for count in (2, 3):
        standard = load_catalogue().get(MARKET)
        rows = [{n: a_company(i).get(n) for n in standard.fields} for i in range(count)]
        view = view_frame(standard, pl.DataFrame(rows, schema=standard.dtypes), "public")
        ids = pl.Series("record_id", [f"{i:016x}" for i in range(count)])
        build_release(site.releases, standard, view.with_columns(ids))
    return engine


@pytest.fixture
def site(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    return create_site(tmp_path / "site")


@pytest.fixture
def engine(site: Site) -> Engine:
    return filled(site)


def test_all_is_right(site: Site, engine: Engine) -> None:
    verdict = verify(site, engine)
    assert verdict.issues == []
    assert verdict.revisions == {PENALTY: 1, MARKET: 1_204}
    assert (verdict.artefacts, verdict.releases) == (1, 2)


def market(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(
            select(dataset.c.id).where(dataset.c.name == MARKET)
        ).scalar_one()


def of_market(engine: Engine, seq: int):
    return (revision.c.dataset_id == market(engine)) & (revision.c.seq == seq)


def execute(engine: Engine, statement) -> None:
    with write(engine) as connection:
        assert connection.execute(statement).rowcount == 1


def flip_content(_: Site, engine: Engine) -> None:
    where = (segment.c.dataset_id == market(engine)) & (segment.c.first_seq == 1001)
    with engine.connect() as connection:
        lines = unpack(connection.execute(select(segment.c.content).where(where)).scalar_one())
    changed = compress(lines.replace("第1049号".encode(), "第1048号".encode()))
    execute(engine, update(segment).where(where).values(content=changed))


def drop_line(_: Site, engine: Engine) -> None:
    where = (segment.c.dataset_id == market(engine)) & (segment.c.first_seq == 1001)
    with engine.connect() as connection:
        lines = unpack(connection.execute(select(segment.c.content).where(where)).scalar_one())
    changed = compress(lines.partition(b"\n")[2])
    execute(engine, update(segment).where(where).values(content=changed))


def lose_segment(_: Site, engine: Engine) -> None:
    where = (segment.c.dataset_id == market(engine)) & (segment.c.first_seq == 1001)
    execute(engine, delete(segment).where(where))


def stretch_segment(_: Site, engine: Engine) -> None:
    where = (segment.c.dataset_id == market(engine)) & (segment.c.first_seq == 1001)
    execute(engine, update(segment).where(where).values(last_seq=10**12))


def flip_digest(_: Site, engine: Engine) -> None:
    where = of_market(engine, 700)
    with engine.connect() as connection:
        digest = bytearray(connection.execute(select(revision.c.digest).where(where)).scalar_one())
    digest[17] ^= 1
    execute(engine, update(revision).where(where).values(digest=bytes(digest)))


def fill_delete(_: Site, engine: Engine) -> None:
    execute(engine, update(revision).where(of_market(engine, 1_203)).values(digest=b"x" * 32))


def lose_revision(_: Site, engine: Engine) -> None:
    execute(engine, delete(revision).where(of_market(engine, 700)))


def lose_end(_: Site, engine: Engine) -> None:
    where = dataset.c.name == MARKET
    execute(engine, update(dataset).where(where).values(seq=1_300))


def forget_end(_: Site, engine: Engine) -> None:
    where = dataset.c.name == MARKET
    execute(engine, update(dataset).where(where).values(seq=1_203))


def other_key(_: Site, engine: Engine) -> None:
    execute(
        engine, update(revision).where(of_market(engine, 700)).values(key="91440902MA0000699Y")
    )


def flip_head(_: Site, engine: Engine) -> None:
    where = head.c.key == a_company(9)["uscc"]
    execute(engine, update(head).where(where).values(digest=b"y" * 32))


def move_head(_: Site, engine: Engine) -> None:
    where = head.c.key == a_company(3)["uscc"]
    execute(engine, update(head).where(where).values(seq=4))


def lose_head(_: Site, engine: Engine) -> None:
    execute(engine, delete(head).where(head.c.key == a_company(9)["uscc"]))


def miscount(_: Site, engine: Engine) -> None:
    execute(engine, update(run).where(run.c.id == 3).values(added=2, changed=0))


def wrong_range(_: Site, engine: Engine) -> None:
    execute(engine, update(run).where(run.c.id == 3).values(first_seq=1_200))


def hold_run(_: Site, engine: Engine) -> None:
    execute(engine, update(run).where(run.c.id == 3).values(state="held"))


def flip_delivery(site: Site, _: Engine) -> None:
    flip(next(site.raw.glob("??/*")))


def lose_delivery(site: Site, _: Engine) -> None:
    next(site.raw.glob("??/*")).unlink()


def flip_release(site: Site, _: Engine) -> None:
    flip(site.releases / MARKET / "1" / "records.csv")


def flip_current_release(site: Site, _: Engine) -> None:
    flip(site.releases / MARKET / "2" / "records.jsonl")


def lose_release_file(site: Site, _: Engine) -> None:
    (site.releases / MARKET / "1" / "records.parquet").unlink()


def flip_manifest(site: Site, _: Engine) -> None:
    flip(site.releases / MARKET / "1" / "manifest.json")


def point_back(site: Site, _: Engine) -> None:
    path = site.releases / MARKET / "current.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "number": 1}))


def flip(path: Path) -> None:
    path.parent.chmod(0o755)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "code", "named"),
    [
        (flip_content, "digest_wrong", f"{MARKET} #1050 {a_company(1049)['uscc']}"),
        (drop_line, "segment_unreadable", "1001…1200"),
        (lose_segment, "seq_gap", "1001"),
        (stretch_segment, "seq_beyond", "1201"),
        (flip_digest, "digest_wrong", f"{MARKET} #700 {a_company(699)['uscc']}"),
        (fill_delete, "digest_wrong", f"{MARKET} #1203 {a_company(4)['uscc']}"),
        (lose_revision, "seq_gap", "700"),
        (lose_end, "seq_gap", "1205"),
        (forget_end, "seq_beyond", "1204"),
        (other_key, "head_wrong", a_company(699)["uscc"]),
        (flip_head, "head_wrong", a_company(9)["uscc"]),
        (move_head, "head_wrong", a_company(3)["uscc"]),
        (lose_head, "head_wrong", a_company(9)["uscc"]),
        (miscount, "run_wrong", "3"),
        (wrong_range, "run_wrong", "3"),
        (hold_run, "run_wrong", "3"),
        (flip_delivery, "artefact_wrong", None),
        (lose_delivery, "artefact_missing", None),
        (flip_release, "release_wrong", f"{MARKET}/1"),
        (flip_current_release, "release_wrong", f"{MARKET}/2"),
        (lose_release_file, "release_wrong", f"{MARKET}/1"),
        (flip_manifest, "release_wrong", f"{MARKET}/1"),
        (point_back, "release_wrong", None),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_damage_is_found_and_named(
    site: Site,
    engine: Engine,
    damage: Callable[[Site, Engine], None],
    code: str,
    named: str | None,
) -> None:
    damage(site, engine)
    issues = verify(site, engine).issues
    assert code in {issue.code for issue in issues}
    issue = next(issue for issue in issues if issue.code == code)
    if named is not None:
        assert issue.value == named
    for locale in ("zh_CN", "en"):
        assert "{" not in issue.message(locale)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Engine]:
    site = create_site(tmp_path_factory.mktemp("v") / "site")
    engine = made(site.database_url)
    put(engine, MARKET, [a_company(n) for n in range(300)])
    return site, engine


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_flipped_bit_of_a_segment_passes(
    embedded: tuple[Site, Engine], data: st.DataObject
) -> None:
    site, engine = embedded
    with engine.connect() as connection:
        content = connection.execute(select(segment.c.content)).scalar_one()
    flipped = bytearray(content)
    flipped[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(OSError, MemoryError, OverflowError, ValueError):
        # Bits that zstd doesn't use change nothing that is kept.
        assume(unpack(bytes(flipped)) != unpack(content))
    execute(engine, update(segment).values(content=bytes(flipped)))
    try:
        assert verify(site, engine).issues != []
    finally:
        execute(engine, update(segment).values(content=content))
    assert verify(site, engine).issues == []
