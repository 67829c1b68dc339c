"""A push from a process of its own, so that it can be killed: URL, prefix, folder, release."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hub.progress import Silent
from publisher.ckan.client import Client
from publisher.ckan.pushing import Push
from publisher.ckan.target import CkanTarget
from publisher.release import find_release
from tests.publisher.samples import PENALTIES

if __name__ == "__main__":
    url, prefix, root, number = sys.argv[1:]
    release = find_release(Path(root), PENALTIES.dataset, int(number))
    assert release is not None
    target = CkanTarget("test", url, os.environ["TOKEN"], prefix=prefix)
    push = Push(Client(target), PENALTIES, release, Silent())
    push.take_back()
    push.bring()
