"""Writes the data of the sample feeds: `python -m adapters.feeds.samples.generate [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from adapters.feeds.samples import abnormal, food, penalties, registration

FILES = {
    "registration.csv": registration.file,
    "penalties.json": penalties.file,
    "food.csv": food.file,
    "abnormal.csv": abnormal.file,
}


def generate(folder: Path) -> list[Path]:
    """Writes each file of `FILES` into `folder`; the same bytes every time."""
    paths = []
    for name, content in FILES.items():
        path = folder / name
        path.write_bytes(content())
        paths.append(path)
    return paths


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
