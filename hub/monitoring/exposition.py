"""The text that Prometheus reads: what this program counted, what it sees, and which it is."""

from __future__ import annotations

from importlib.metadata import version

from hub.monitoring.collector import Collector
from hub.monitoring.http_counts import http_counts


def exposition(collector: Collector | None) -> tuple[bytes, str]:
    """The metrics and their media type. Without a collector, those of this program alone."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    built = GaugeMetricFamily("hub_build_info", "Which hub this is.", labels=("version",))
    built.add_metric((version("exchange-hub"),), 1)

    class Built:
        def collect(self) -> list[GaugeMetricFamily]:
            return [built]

    seen = CollectorRegistry()
    for one in (Built(), collector):
        if one is not None:
            seen.register(one)
    text = generate_latest(http_counts().registry()) + generate_latest(seen)
    return text, CONTENT_TYPE_PLAIN_0_0_4
