"""Code lists: what each code means, and from when until when it may be used.

A list is a CSV file in `codes/`: code, title, title_en, valid_from, valid_to (days, both included,
empty: no limit), succeeded_by (optional: codes joined by ;). Further columns are kept in `Code.more`.
A site may have lists of its own: a file in the folder that the environment variable HUB_CODES names
takes the place of the packaged list of the same name, or is a further list.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from exchange_schemas.code_list import Code, CodeList
from exchange_schemas.code_reading import read_code_list
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

__all__ = ["CODES", "Code", "CodeList", "code_lists", "load_codes"]

CODES = Path(__file__).parent / "codes"
OWN = "HUB_CODES"  # the environment variable that names a site's folder


def code_lists(root: Path | None = None) -> list[str]:
    """The names of all lists: the packaged ones and the site's, or those of `root`.

    Raises Misdeclared (codes_missing).
    """
    return sorted(_files(root))


def load_codes(name: str, root: Path | None = None) -> CodeList:
    """A list by its name, the site's own before the packaged one; `root`: of that folder only.

    Raises Misdeclared (codelist_unknown, codelist_invalid, codes_missing).
    """
    files = _files(root)
    if name not in files:
        known = ", ".join(sorted(files))
        raise Misdeclared(Issue("codelist_unknown", value=name, params={"known": known}))
    return _read(files[name])


_read = cache(read_code_list)


def _files(root: Path | None) -> dict[str, Path]:
    if root is not None:
        return _in_folder(root)
    own = os.environ.get(OWN)
    if not own:
        return _packaged()
    if not Path(own).is_dir():
        raise Misdeclared(Issue("codes_missing", value=own))
    return {**_packaged(), **_in_folder(Path(own).resolve())}


@cache
def _packaged() -> dict[str, Path]:
    return _in_folder(CODES)


def _in_folder(root: Path) -> dict[str, Path]:
    return {path.stem: path for path in root.glob("*.csv")}
