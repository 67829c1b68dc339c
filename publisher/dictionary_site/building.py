"""Writes the data dictionary: an index, a page per standard and per code list, the references.

Pages refer to each other and to their own style sheet by relative addresses, so they work from a
folder, from a memory stick and behind any server; they load nothing from elsewhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import code_lists, load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.references import load_references
from exchange_schemas.standard import Standard
from publisher.dictionary_site import pages, standard_page
from publisher.schema_formats import SCHEMA_FORMATS
from publisher.schema_formats.resource_catalogue import WRITERS, rows
from publisher.template import write_template

MARK = ".data-dictionary"  # a file in the folder says that it may be replaced as a whole
CATALOGUE = "resource-catalogue"
_STATIC = Path(__file__).parent / "static"


def write_site(catalogue: Catalogue, folder: Path) -> int:
    """Write all pages into `folder`, in place of an older dictionary; returns how many pages.

    An older one stays as it is until the new one is complete. Raises Misdeclared
    (dictionary_folder_taken, and as the catalogue does), OSError.
    """
    folder = folder.resolve()
    if folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir()):
        raise Misdeclared(Issue("dictionary_folder_taken", value=str(folder)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (folder.with_name(f".{folder.name}.{state}") for state in ("new", "old"))
    for left in (fresh, old):  # of a run that was broken off
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(_STATIC, fresh / "assets")
    count = _write_pages(catalogue, fresh)
    (fresh / MARK).touch()
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return count


def _write_pages(catalogue: Catalogue, folder: Path) -> int:
    standards = [catalogue.get(name) for name in catalogue.datasets()]
    titles = {one.dataset: one.title for one in standards}
    lists = [load_codes(name) for name in code_lists()]
    told: dict[str, tuple[str, Mapping[str, Any]]] = {
        "index.html": ("index.html", pages.index(standards)),
        "codes.html": ("codes.html", pages.all_code_lists(lists, standards)),
        "references.html": ("references.html", pages.references(load_references(), standards)),
    }
    for one in lists:
        told[f"codes/{one.name}.html"] = ("code_list.html", pages.code_list(one, standards))
    for standard in standards:
        source = catalogue.folder(standard.dataset)
        page = standard_page.standard_page(standard, source, titles)
        downloads = _write_downloads(catalogue, standard, page["example_record"], folder)
        place = f"standards/{standard.dataset}.html"
        told[place] = ("standard.html", {**page, "downloads": downloads})
    for suffix, write in WRITERS.items():
        (folder / "files").mkdir(exist_ok=True)
        write(rows(catalogue), folder / "files" / f"{CATALOGUE}{suffix}")
    environment = _environment()
    for place, (template, values) in told.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * place.count("/")
        page_text = environment.get_template(template).render(values, up=up)
        path.write_text(page_text, encoding="utf-8")
    return len(told)


def _environment() -> Environment:
    """Every value is text and not markup, whatever a standard or a sample has in it."""
    return Environment(
        loader=PackageLoader("publisher.dictionary_site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _write_downloads(
    catalogue: Catalogue, standard: Standard, example: Mapping[str, Any] | None, folder: Path
) -> list[dict[str, Any]]:
    """A row for each version, the newest first: its number and the names of its files by form."""
    files = folder / "files"
    files.mkdir(exist_ok=True)
    found = []
    for version in reversed(standard.versions):
        one = catalogue.get(standard.dataset, version)
        base = f"{standard.dataset}-{version}"
        names = {}
        for form, (document, suffix) in SCHEMA_FORMATS.items():
            names[form] = f"{base}{suffix}"
            (files / names[form]).write_bytes(document(one))
        names["template"] = f"{base}.xlsx"
        newest = version == standard.versions[-1]
        write_template(one, example if newest else None, files / names["template"])
        found.append({"version": version, "files": names})
    return found
