"""Case transfer: only legal steps, by whoever's turn it is, and a history that nobody can change."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from exchange_schemas.errors import HubError, Misdeclared, Refused
from hub.database import write
from hub.instant import utc_now
from hub.tables_of_terms import step_due
from hub.transfers import acting
from hub.transfers.states import ACTS, BY_NAME, ENDED, SIDES, STATES, UNSENT, moves
from hub.transfers.tables import transfer, transfer_file, transfer_look, transfer_step
from tests.exchange.transfer_site import World, case_bytes, world

ACTOR_OF = {"sender": "zhao", "sender_head": "qian", "addressee": "chen", "procuratorate": "lin"}
ALL_WORDS = {"reason": "因为", "doc_no": "文〔2026〕1号", "other": "procuratorate"}


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    return world(tmp_path, database_url, monkeypatch)


def words_for(name: str) -> dict[str, str]:
    return {**ALL_WORDS, **({"result": "起诉"} if name == "result" else {})}


def test_the_table_of_states_is_whole() -> None:
    reached = {after for _, _, after in moves()} | {"drafted"}
    assert reached == set(STATES)
    assert {side for act in ACTS for side in act.by} == set(SIDES)
    ending = set(STATES) - {
        b for name, b, a in moves() if name not in ("copy", "result") or a != b
    }
    assert ending == set(ENDED) - {"concluded"} | {"concluded"}
    assert all(act.sources for act in ACTS)


def test_a_case_on_its_way_to_a_judgement(made: World) -> None:
    number = made.sent()
    for by, name, state in (
        ("zhao", "copy", "transferred"),
        ("chen", "receive", "received"),
        ("chen", "return", "returned"),
        ("zhao", "supplement", "transferred"),
        ("chen", "receive", "received"),
        ("chen", "accept", "accepted"),
        ("chen", "decline", "not_filed"),
        ("zhao", "reconsider", "reconsidering"),
        ("chen", "uphold", "upheld"),
        ("zhao", "propose", "supervised"),
        ("lin", "ask", "explaining"),
        ("chen", "explain", "explained"),
        ("lin", "order", "ordered"),
        ("chen", "file", "filed"),
        ("zhao", "hand_over", "handed_over"),
        ("lin", "result", "concluded"),
        ("chen", "result", "concluded"),
    ):
        assert made.act(number, by, name, **words_for(name)) == state
    with made.engine.connect() as connection:
        steps = connection.scalars(select(transfer_step.c.number)).all()
        opened = connection.scalars(select(step_due.c.id).where(step_due.c.met_at.is_(None))).all()
    assert list(steps) == list(range(1, 22))
    assert opened == []


def test_the_head_isnt_who_reported(made: World) -> None:
    number = acting.draft(
        made.office, made.who("both"), "market_regulation", "public_security", case_bytes()
    )
    made.act(number, "both", "report")
    with pytest.raises(Refused) as caught:
        made.act(number, "both", "approve")
    assert caught.value.issue.code == "same_person"
    assert made.act(number, "qian", "approve") == "approved"


def test_two_letters_have_two_numbers(made: World) -> None:
    made.sent(letter="茂市监移〔2026〕1号")
    with pytest.raises(Refused) as caught:
        made.sent(letter="茂市监移〔2026〕1号")
    assert caught.value.issue.code == "transfer_no_taken"


def test_a_number_that_the_standard_or_a_database_cant_keep_is_refused(made: World) -> None:
    number = made.draft()
    made.act(number, "zhao", "report")
    made.act(number, "qian", "approve")
    for letter in ("号" * 65, "1\0"):
        with pytest.raises(Misdeclared) as caught:
            made.act(number, "zhao", "send", doc_no=letter)
        assert caught.value.issue.code == "act_words"
    made.act(number, "zhao", "send", doc_no="号" * 64)
    for name in (f"{number}\0", "\0"):
        with pytest.raises(Misdeclared) as caught:
            made.act(name, "chen", "receive")
        assert caught.value.issue.code == "transfer_unknown"


WRONG_CASES = [
    (b"[]", "case_unreadable"),
    (b"{", "case_unreadable"),
    (case_bytes(filing_decision="立案"), "case_field"),
    (case_bytes(nothing="x"), "case_field"),
    (case_bytes(suspected_crime=""), "too_short"),
    (case_bytes(uscc="91440902MA00000K02"), "check_digit"),
    (case_bytes(amount_wan=21.5), "case_unreadable"),
    (case_bytes(facts="事" * 40_000), "case_unreadable"),
    (b'{"case_no": "1"}', "required"),
]


def test_a_case_is_checked_as_a_record_is(made: World) -> None:
    for content, code in WRONG_CASES:
        with pytest.raises(Misdeclared) as caught:
            acting.draft(
                made.office, made.who("zhao"), "market_regulation", "public_security", content
            )
        assert caught.value.issue.code == code
        assert "91440902MA00000K02" not in caught.value.issue.message("en")
    for by, to, error in (("sun", "public_security", Refused), ("zhao", "trade", Misdeclared)):
        with pytest.raises(error):
            acting.draft(made.office, made.who(by), "market_regulation", to, case_bytes())


def test_what_went_out_stays_as_it_is(made: World) -> None:
    number = made.draft()
    acting.rewrite(made.office, made.who("zhao"), number, case_bytes(facts="改写后的事实。"))
    made.attach(number)
    for by, name in (("zhao", "report"), ("qian", "approve"), ("zhao", "send")):
        made.act(number, by, name, **words_for(name))
    with pytest.raises(Refused) as caught:
        acting.rewrite(made.office, made.who("zhao"), number, case_bytes())
    assert caught.value.issue.code == "transfer_state"
    with pytest.raises(Refused):
        made.attach(number)
    made.act(number, "chen", "receive")
    made.act(number, "chen", "return", reason="缺检验报告")
    made.attach(number, b"%PDF-1.7 another", "检验报告.pdf")
    assert made.act(number, "zhao", "supplement") == "transferred"


FORBIDDEN = [
    update(transfer).values(state="filed"),
    update(transfer).values(state="reported", step=5),
    update(transfer).values(step=transfer.c.step + 1),
    update(transfer).values(content="{}"),
    update(transfer).values(from_department="trade"),
    update(transfer).values(addressee="procuratorate"),
    update(transfer).values(procuratorate="trade"),
    update(transfer).values(transfer_no=None),
    delete(transfer),
    update(transfer_step).values(reason="anders"),
    delete(transfer_step),
    update(transfer_file).values(name="x"),
    delete(transfer_file),
    delete(transfer_look),
]

REPLACING = [  # SQLite's way of changing a row without changing it
    "INSERT OR REPLACE INTO transfer SELECT * FROM transfer",
    "INSERT OR REPLACE INTO transfer_step SELECT * FROM transfer_step",
    (
        "INSERT OR REPLACE INTO transfer_step (transfer_id, number, act, state_before, state, actor,"
        " side, at, content_sha256) SELECT transfer_id, number, act, state_before, state, 'x', side,"
        " at, content_sha256 FROM transfer_step WHERE number = 4"
    ),
    "INSERT OR REPLACE INTO transfer_look SELECT * FROM transfer_look",
]


def test_the_database_refuses_what_isnt_a_step(made: World) -> None:
    number = made.draft()
    made.attach(number)
    for by, name in (("zhao", "report"), ("qian", "approve"), ("zhao", "send")):
        made.act(number, by, name, **words_for(name))
    row = {"transfer_id": 1, "number": 5, "actor": "person:x", "side": "sender", "at": utc_now()}
    row |= {"content_sha256": "0" * 64, "act": "send", "state_before": "transferred"}
    leap = insert(transfer_step).values(**row, state="filed")
    over = [] if made.engine.dialect.name == "postgresql" else REPLACING
    for statement in [*FORBIDDEN, leap, *map(text, over)]:
        with pytest.raises(DatabaseError), write(made.engine) as connection:
            connection.execute(statement)
    assert state(made.engine) == ("transferred", 4)


def test_who_is_killed_between_the_step_and_the_state_has_done_nothing(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = made.draft()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hub.transfers.acting._tell", killed)
        with pytest.raises(KeyboardInterrupt):
            made.act(number, "zhao", "report")
    assert state(made.engine) == ("drafted", 1)
    with made.engine.connect() as connection:
        assert len(connection.execute(select(transfer_step)).all()) == 1
        assert connection.execute(select(step_due)).all() == []
    assert made.act(number, "zhao", "report") == "reported"


def state(engine: Engine) -> tuple[str, int]:
    with engine.connect() as connection:
        row = connection.execute(select(transfer)).mappings().one()
    return row["state"], row["step"]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_any_acts_in_any_order_follow_the_table(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A model with the table alone, beside the real thing: every act by everybody, at random."""
    folder, chance = tmp_path_factory.mktemp("model"), random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        made = world(folder, f"sqlite:///{folder / 'hub.sqlite'}", patch)
        number, model, copied, letters = made.draft(), "drafted", False, 0
        for _ in range(40):
            able = [a for a in ACTS if model in a.sources]
            act = chance.choice(able if able and chance.random() < 0.7 else list(ACTS))
            side = chance.choice(act.by if chance.random() < 0.8 else SIDES)
            letters += 1
            words = {**words_for(act.name), "doc_no": f"文{letters}号"}
            seen = side.startswith("sender") or (
                model not in UNSENT and (side == "addressee" or copied)
            )
            legal = seen and side in act.by and model in BY_NAME[act.name].sources
            try:
                after = made.act(number, ACTOR_OF[side], act.name, **words)
            except HubError:
                assert not legal, (act.name, side, model)
                continue
            assert legal, (act.name, side, model)
            model = act.after(model)
            copied = copied or act.name in ("copy", "propose")
            assert after == model == state(made.engine)[0]
        made.engine.dispose()
