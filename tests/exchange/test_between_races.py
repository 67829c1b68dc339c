"""Two at once, and killed at any moment: each case moves once, each ticket is taken once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from exchange_schemas.errors import HubError
from hub.complaints import following, returns
from hub.complaints.tables import complaint_step, complaint_ticket
from hub.tables_of_terms import step_due
from hub.transfers.tables import transfer_step
from tests.exchange.complaint_site import a_ticket, hotline
from tests.exchange.test_transfer_states import words_for
from tests.exchange.transfer_site import world

MANY = 3_000
ROUTE = """
import sys
from pathlib import Path
from hub.complaints import routing
from hub.database import connect, write
from hub.site import Site
from hub.terms import office
site = Site(Path(sys.argv[1]))
engine = connect(site.database_url)
desk = office(site, engine)
print("ready", flush=True)
with write(engine) as connection:
    routing.route(connection, site, desk.terms)
print("done", flush=True)
"""


def test_of_two_who_act_at_once_one_does(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world(tmp_path, database_url, monkeypatch)
    number = made.sent()

    def receive(_: int) -> str:
        try:
            return made.act(number, "chen", "receive", **words_for("receive"))
        except HubError as error:
            return error.issue.code

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(receive, range(4)))
    assert said == ["received"] + ["transfer_state"] * 3
    with made.engine.connect() as connection:
        mine = transfer_step.c.act == "receive"
        assert len(connection.execute(select(transfer_step).where(mine)).all()) == 1


def test_of_two_who_route_at_once_each_ticket_is_taken_by_one(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hotline(tmp_path, database_url, monkeypatch)
    made.put(*(a_ticket(n) for n in range(40)))
    with ThreadPoolExecutor(3) as pool:
        taken = [one["taken"] for one in pool.map(lambda _: made.route(), range(3))]
    assert sorted(taken) == [0, 0, 40]

    def close(number: int) -> None:
        ticket = a_ticket(number)["ticket_no"]
        made.act(ticket, "zhao", "accept")
        made.act(ticket, "zhao", "close", reason="商家退款。")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(close, range(8)))
    with made.engine.connect() as connection:
        assert [one["seq"] for one in returns.page(connection, 0, 99)] == list(range(1, 17))


def test_an_act_and_routing_dont_wait_for_each_other(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Routing ends a ticket, while the department accepts it: one after the other, no deadlock."""
    made = hotline(tmp_path, database_url, monkeypatch)
    made.put(a_ticket(1))
    made.route()
    made.put(gone=(a_ticket(1),))
    inside, withdraw = threading.Event(), following.withdraw_gone

    def slowly(*told: Any) -> int:
        inside.set()
        time.sleep(0.5)  # the act has come as far as it gets
        return withdraw(*told)

    monkeypatch.setattr("hub.complaints.routing.following.withdraw_gone", slowly)
    with ThreadPoolExecutor(1) as pool:
        routed = pool.submit(made.route)
        assert inside.wait(10)
        with pytest.raises(HubError) as caught:
            made.act(a_ticket(1)["ticket_no"], "zhao", "accept")
        assert routed.result()["withdrawn"] == 1
    assert caught.value.issue.code == "ticket_state"


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_while_routing_again_and_again(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A process with SIGKILL at a moment between its beginning and its end; then one that ends."""
    made = hotline(tmp_path, database_url, monkeypatch)
    made.put(*(a_ticket(n) for n in range(MANY)))
    chance = random.Random(5)
    for _ in range(times):
        child = _start(made.site.path)
        time.sleep(chance.uniform(0, 0.25))
        child.send_signal(signal.SIGKILL)
        child.wait()
    child = _start(made.site.path)
    assert "done" in child.communicate(timeout=60)[0]
    with made.engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (complaint_ticket, complaint_step, step_due)
        ]
    assert counts == [MANY] * 3


def _start(site: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ROUTE, str(site)]
    root = Path(__file__).parents[2]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child
