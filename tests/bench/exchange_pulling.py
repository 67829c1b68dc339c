"""Pulling files: the same client for every server, over a few connections, each file onto the disk."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 4
BLOCK = 1 << 20


def pull(url: str, paths: Sequence[str], headers: dict[str, str], folder: Path | None) -> float:
    """Seconds that it takes until all files are there; where there is no folder, until all bytes of
    them have come. Raises RuntimeError where a server refuses one."""
    left, taking, failed = iter(enumerate(paths)), threading.Lock(), list[str]()

    def work() -> None:
        client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        buffer = memoryview(bytearray(BLOCK))
        while True:
            with taking:
                number, path = next(left, (0, ""))
            if not path:
                client.close()
                return
            client.request("GET", path, headers=headers)
            answer = client.getresponse()
            if answer.status != http.client.OK:
                failed.append(f"{answer.status} {path}")
            _take(answer, buffer, folder and folder / str(number))

    begun = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise RuntimeError(failed[0])
    return time.perf_counter() - begun


def _take(answer: http.client.HTTPResponse, buffer: memoryview, place: Path | None) -> None:
    promised, had = int(answer.headers["Content-Length"]), 0
    file = place.open("wb", buffering=0) if place else None
    while size := answer.readinto(buffer):
        had += size
        if file is not None:
            file.write(buffer[:size])
    if file is not None:
        file.close()
    if had != promised or not had:
        raise RuntimeError(f"{had} bytes came of {promised}")
