"""Each fault is told when it is new, when it doubles, after a day, and when it is over: and at no other time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exchange_schemas.issue import Issue
from hub.instant import instant_of
from hub.monitoring.alert_rules import (
    AGAIN,
    BACK,
    GONE,
    GROWN,
    NEW,
    OVER,
    STILL,
    SURE,
    TOLD,
    Change,
    Known,
    changes,
)
from hub.monitoring.line import FAULT, WARNING, Line

NAMES = ("a", "b")


def a_line(name: str, size: float, level: str = FAULT) -> Line:
    return Line("feed", name, level, Issue("watch_feed_never", value=name), None, size)


class Alerts(RuleBasedStateMachine):
    """Against a plain account of what was told: for each name (size, when), or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.known: dict[tuple[str, str], Known] = {}
        self.sizes: dict[str, float] = {}
        self.missing: dict[str, datetime] = {}
        self.told: dict[str, tuple[float, datetime]] = {}
        self.unseen = False

    @rule(name=st.sampled_from(NAMES), size=st.integers(1, 9))
    def fault(self, name: str, size: int) -> None:
        self.sizes[name] = size

    @rule(name=st.sampled_from(NAMES))
    def ends(self, name: str) -> None:
        self.sizes.pop(name, None)

    @rule(unseen=st.booleans())
    def blind(self, unseen: bool) -> None:
        self.unseen = unseen

    @rule(minutes=st.sampled_from([0, 1, 4, 5, 60, 1439, 1440]))
    def look(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        lines = [] if self.unseen else [a_line(n, s) for n, s in self.sizes.items()]
        found = changes(self.known, lines, {"feed"} if self.unseen else (), self.now)
        got = {(one.key[1], one.event) for one in found if one.event in TOLD}
        assert got == set() if self.unseen else got == self.expected()
        for one in found:
            self.keep(one)

    def expected(self) -> set[tuple[str, str]]:
        wanted = set()
        for name in NAMES:
            size, told = self.sizes.get(name), self.told.get(name)
            if size is not None:
                self.missing.pop(name, None)
                event = self.event(size, told)
                if event:
                    self.told[name] = (size, self.now)
                    wanted.add((name, event))
            elif told is not None:
                since = self.missing.setdefault(name, self.now)
                if since < self.now and self.now - since >= SURE:
                    del self.told[name], self.missing[name]
                    wanted.add((name, OVER))
        return wanted

    def event(self, size: float, told: tuple[float, datetime] | None) -> str | None:
        if told is None:
            return NEW
        if size >= 2 * told[0]:
            return GROWN
        return STILL if self.now - told[1] >= AGAIN else None

    def keep(self, one: Change) -> None:
        now, before = instant_of(self.now), self.known.get(one.key)
        if one.event in (NEW, GROWN, STILL):
            self.known[one.key] = Known(one.issue, one.size, one.began_at, now, None, None)
        else:
            assert before is not None and one.event in (GONE, BACK, OVER)
            self.known[one.key] = Known(
                before.issue, before.told_size, before.began_at, before.told_at,
                now if one.event == GONE else None, now if one.event == OVER else None,
            )  # fmt: skip

    @invariant()
    def open_ones_are_those_that_were_told(self) -> None:
        assert {k[1] for k, one in self.known.items() if one.over_at is None} == set(self.told)


Alerts.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAlerts = Alerts.TestCase


def test_a_warning_is_nothing_to_wake_anybody_for() -> None:
    assert changes({}, [a_line("a", 5, WARNING)], (), datetime.now(UTC)) == []
