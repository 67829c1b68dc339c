"""Writes the data dictionary: an index, a page per standard and per code list, the references."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import code_lists, load_codes
from exchange_schemas.references import load_references
from exchange_schemas.standard import Standard
from publisher.dictionary_site import pages, standard_page
from publisher.schema_formats import SCHEMA_FORMATS
from publisher.schema_formats.resource_catalogue import WRITERS, rows
from publisher.static_site import Pages, replacing, write_pages
from publisher.template import write_template

MARK = ".data-dictionary"  # a file in the folder says that it may be replaced as a whole
CATALOGUE = "resource-catalogue"
_STATIC = Path(__file__).parent / "static"


def write_site(catalogue: Catalogue, folder: Path, place: str = "") -> int:
    """Write all pages into `folder`, in place of an older dictionary; returns how many pages.

    An older one stays as it is until the new one is complete. `place` is whose dictionary it is, such
    as a city. Raises Misdeclared (dictionary_folder_taken, and as the catalogue does), OSError.
    """
    with replacing(folder, MARK, "dictionary_folder_taken") as fresh:
        shutil.copytree(_STATIC, fresh / "assets")
        told = _pages(catalogue, fresh)
        return write_pages(fresh, "publisher.dictionary_site", told, {"place": place})


def _pages(catalogue: Catalogue, folder: Path) -> Pages:
    """All pages; the files that they offer are written into `folder`."""
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
    return told


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
