"""Static pages in a folder: they work from a memory stick and behind any server, and load nothing.

Pages refer to each other and to their own style sheet by relative addresses.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

Pages = Mapping[str, tuple[str, Mapping[str, Any]]]  # place → template, values


@contextmanager
def replacing(folder: Path, mark: str, taken: str) -> Iterator[Path]:
    """A fresh folder, which takes the place of `folder` when the block ends without an error.

    `mark` is a file that says that a folder may be replaced as a whole. Raises Misdeclared (`taken`)
    where `folder` has something else in it, and OSError.
    """
    folder = folder.resolve()
    if folder.exists() and not (folder / mark).is_file() and any(folder.iterdir()):
        raise Misdeclared(Issue(taken, value=str(folder)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    for left in (fresh, old):  # of a run that was broken off
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir()
    yield fresh
    (fresh / mark).touch()
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def write_pages(folder: Path, package: str, pages: Pages, more: Mapping[str, Any]) -> int:
    """Write each page from a template of `package`; `more` are values that all of them have.

    Every value is text and not markup, whatever it has in it. Returns how many pages.
    """
    environment = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for place, (template, values) in pages.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * place.count("/")
        text = environment.get_template(template).render({**more, **values, "up": up})
        path.write_text(text, encoding="utf-8")
    return len(pages)
