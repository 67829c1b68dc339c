"""Metrics of the database: looked at every 15 seconds at most, whoever asks and however often."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from hub.monitoring.facts import Facts
from hub.monitoring.families import FAMILIES

if TYPE_CHECKING:
    from prometheus_client import Metric

KEPT = 15.0  # seconds

logger = logging.getLogger(__name__)


class Collector:
    """Gives the families of `gather`'s facts to the library; safe between threads."""

    def __init__(self, gather: Callable[[], Facts], seconds: float = KEPT) -> None:
        self._gather, self._seconds = gather, seconds
        self._lock = threading.Lock()
        self._facts: Facts | None = None
        self._until = 0.0

    def facts(self) -> Facts:
        """At most `seconds` old; whoever comes while another looks waits for what that one sees."""
        with self._lock:
            if self._facts is None or time.monotonic() >= self._until:
                self._facts = self._gather()
                self._until = time.monotonic() + self._seconds
                for part, issue in self._facts.failed.items():
                    logger.warning("%s not seen: %s", part, issue)
            return self._facts

    def collect(self) -> Iterable[Metric]:
        """Every family of `FAMILIES`, also one without a sample."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        facts = self.facts()
        for one in FAMILIES:
            kind = CounterMetricFamily if one.kind == "counter" else GaugeMetricFamily
            family = kind(one.name, one.help, labels=one.labels)
            for labels, number in one.samples(facts):
                family.add_metric(labels, float(number))
            yield family
