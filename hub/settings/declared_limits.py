"""Settings: how much a source may give, and how long it may take (`adapters.limits`)."""

from __future__ import annotations

from hub.settings.kind import whole
from hub.settings.setting import Setting


def _limit(name: str, usual: int, meaning: str) -> Setting:
    return Setting(f"limits.{name}", whole(1), meaning, str(usual), f"HUB_LIMIT_{name.upper()}")


LIMITS = (
    _limit("bytes", 4 << 30, "Bytes of one delivery as it comes"),
    _limit("unpacked", 32 << 30, "Bytes of one delivery once it is unpacked"),
    _limit("ratio", 250, "How many times larger than packed a delivery may get"),
    _limit("members", 10_000, "Files in one archive"),
    _limit("redirects", 5, "Redirects of one request"),
    _limit("pages", 100_000, "Pages of one pull"),
    _limit("request_seconds", 60, "Seconds for one request"),
    _limit("seconds", 6 * 3600, "Seconds for all of a pull"),
    _limit("child_bytes", 1 << 30, "Bytes of memory of a format's parser"),
    _limit("child_seconds", 120, "Seconds until a format's parser gives its next batch"),
)
