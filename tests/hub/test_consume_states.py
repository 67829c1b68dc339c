"""Hub and consumer through any order of appends, pulls, crashes and lost connections."""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.consume import consume
from hub.consume.received import Received
from tests.hub.exchange_hub import a_key, application, listening
from tests.hub.ledger_data import PENALTY, a_penalty, made, put

NUMBERS = st.lists(st.integers(0, 5), unique=True, max_size=4)
LIMITS = st.sampled_from([1, 2, 3, 5_000])


class Power(BaseException):
    """Went away."""


class Exchange(RuleBasedStateMachine):
    """`said` is what the department says now; the consumer must come to hold just that."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.engine = made(f"sqlite:///{self.folder / 'hub.sqlite'}")
        self.key = a_key(self.engine)
        self.url = self.stack.enter_context(listening(application(self.engine)))
        self.said: dict[int, dict[str, Any]] = {}
        self.received = Received(self.folder / "to" / PENALTY)

    def teardown(self) -> None:
        self.engine.dispose()
        self.stack.close()

    @rule(numbers=NUMBERS, fine=st.integers(0, 2))
    def department_says(self, numbers: list[int], fine: int) -> None:
        new = {n: a_penalty(n, f"当事人{n}", content=f"罚款{fine}元") for n in numbers}
        put(self.engine, PENALTY, list(new.values()))
        self.said |= new

    @rule(numbers=NUMBERS)
    def department_takes_back(self, numbers: list[int]) -> None:
        gone = [self.said.pop(n) for n in numbers if n in self.said]
        put(self.engine, PENALTY, [], gone=gone)

    @rule(limit=LIMITS)
    def pulls(self, limit: int) -> None:
        consume(self.url, PENALTY, self.folder / "to", self.key, limit=limit)
        lines = self.received.current().read_text().split("\n")[:-1]
        found = [json.loads(line)["record"] for line in lines]
        assert sorted(found, key=str) == sorted(self.said.values(), key=str)

    @rule(limit=LIMITS, pages=st.integers(1, 3))
    def loses_power(self, limit: int, pages: int) -> None:
        def told(_last: int, _head: int) -> None:
            nonlocal pages
            pages -= 1
            if pages == 0:
                raise Power

        try:
            consume(self.url, PENALTY, self.folder / "to", self.key, limit=limit, told=told)
        except Power:
            (self.received.folder / ".half.ndjson.part").write_bytes(b'{"seq":')

    @invariant()
    def each_entry_is_there_once(self) -> None:
        pages = self.received.pages()
        seqs = [json.loads(line)["seq"] for p in pages for line in p.read_bytes().splitlines()]
        assert seqs == list(range(1, self.received.last() + 1))


Exchange.TestCase.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
TestExchange = Exchange.TestCase
