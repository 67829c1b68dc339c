"""A hundred consumers that poll the tail, in a process of their own.

python -m tests.bench.exchange_polling URL PATH SECONDS PAUSE WAIT, the keys on standard input → JSON:
requests/s, latencies in ms, and when each sequence number was first seen by each (monotonic time).
PAUSE is how long a consumer rests between two requests; WAIT > 0 makes them long polls.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Poller:
    """One consumer on one connection that stays open; `head` is where it begins."""

    host: str
    port: int
    path: str
    key: str
    after: int
    wait: int
    latencies: list[float] = field(default_factory=list)
    seen: list[tuple[int, float]] = field(default_factory=list)

    async def run(self, until: float, pause: float, begin: float) -> None:
        """Ask again and again until the monotonic time `until`."""
        await asyncio.sleep(begin)
        reader, writer = await asyncio.open_connection(self.host, self.port)
        while (begun := time.monotonic()) < until:
            wait = f"&wait={self.wait}" if self.wait else ""
            writer.write(
                f"GET {self.path}?after={self.after}{wait} HTTP/1.1\r\nHost: {self.host}\r\n"
                f"Authorization: Bearer {self.key}\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            told = {name.lower(): value for name, value in headers.items()}
            await reader.readexactly(int(told["content-length"]))
            now = time.monotonic()
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode())
            self.latencies.append(now - begun)
            last = int(told["x-last-seq"])
            if last > self.after:
                self.seen.append((last, now))
                self.after = last
            await asyncio.sleep(max(0.0, begun + pause - now) if pause else 0)
        writer.close()


async def main(url: str, path: str, seconds: float, pause: float, wait: int) -> dict[str, Any]:
    """All of them at once."""
    keys = sys.stdin.read().split()
    after, address = int(keys.pop(0)), urlsplit(url)
    host, port = str(address.hostname), int(address.port or 80)
    pollers = [Poller(host, port, path, key, after, wait) for key in keys]
    until = time.monotonic() + seconds
    spread = (pause or 0.2) / len(pollers)
    await asyncio.gather(*(p.run(until, pause, n * spread) for n, p in enumerate(pollers)))
    found = sorted(one for poller in pollers for one in poller.latencies)
    return {
        "requests_per_s": round(len(found) / seconds),
        "p50_ms": _ms(found, 0.5), "p99_ms": _ms(found, 0.99), "most_ms": _ms(found, 1),
        "seen": [poller.seen for poller in pollers],
    }  # fmt: skip


def _ms(found: list[float], share: float) -> float:
    return round(1_000 * found[min(len(found) - 1, int(len(found) * share))], 1)


if __name__ == "__main__":
    at, below, length, rest, longest = sys.argv[1:]
    print(json.dumps(asyncio.run(main(at, below, float(length), float(rest), int(longest)))))
