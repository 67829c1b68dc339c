"""The data standards: what each says of its records, whom its versions concern, and the workbook to fill in.

Nothing is changed here: a version comes into use by `hub standard activate`, and the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import request, send_file

from exchange_schemas.check import VALID
from exchange_schemas.codes import load_codes
from exchange_schemas.sample_check import read_samples
from exchange_schemas.standard import Standard
from exchange_schemas.version_diff import diff
from hub.accounts.offices import SYSTEM
from hub.database import look
from hub.web.console import impacts, standard_shown
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import locale, say
from hub.web.console.owners import of_standard
from hub.web.console.policy import EVERY_ROLE, Policy, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.template import write_template

READERS = Policy(roles=EVERY_ROLE, offices=(SYSTEM,))
SAMPLES = 3  # that are shown
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_standards(console: Console) -> None:
    """Put the pages on the console."""
    _add_catalogue(console)
    _add_versions(console)
    _add_impact(console)


def _add_catalogue(console: Console) -> None:
    @console.page("/standards", READERS)
    def catalogue(_visit: Visit) -> Answer:
        found = console.catalogue()
        groups: dict[str, list[Standard]] = {}
        for name in found.datasets():
            one = found.get(name)
            groups.setdefault(one.department, []).append(one)
        order = list(load_codes("departments").codes)
        ranked = sorted(groups.items(), key=lambda pair: order.index(pair[0]))
        return page("standards.html", groups=ranked, has_site=_has_site(console))

    @console.page("/standards/<dataset>", READERS)
    def standard(visit: Visit, dataset: str) -> Answer:
        catalogue = console.catalogue()
        chosen = catalogue.get(dataset, request.args.get("version"))
        folder = catalogue.folder(dataset)
        samples = list(_samples(folder / VALID))[:SAMPLES]
        told = [json.dumps(one, ensure_ascii=False, indent=2) for one in samples]
        values = standard_shown.shown(catalogue, chosen, locale())
        may_ask = chosen.department in visit.departments(*EVERY_ROLE)
        more = {"samples": told, "has_site": _has_site(console), "may_ask": may_ask}
        return page("standard.html", standard=chosen, **values, **more)

    @console.page("/standards/<dataset>/template.xlsx", READERS)
    def template(_visit: Visit, dataset: str) -> Answer:
        catalogue = console.catalogue()
        chosen = catalogue.get(dataset)
        example = next(_samples(catalogue.folder(dataset) / VALID), None)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "template.xlsx"
            write_template(chosen, example, path, locale())
            content = BytesIO(path.read_bytes())
        name = f"{chosen.title if locale() == 'zh_CN' else chosen.title_en}-{chosen.version}.xlsx"
        return send_file(content, mimetype=_SHEET, as_attachment=True, download_name=name)


def _add_versions(console: Console) -> None:
    @console.page("/standards/<dataset>/changes", READERS)
    def changes(_visit: Visit, dataset: str) -> Answer:
        catalogue = console.catalogue()
        newest = catalogue.get(dataset)
        versions = newest.versions
        before = request.args.get("before") or versions[max(len(versions) - 2, 0)]
        after = request.args.get("after") or newest.version
        old, new = (catalogue.get(dataset, version) for version in (before, after))
        found = [
            (change.verdict, change.field, change.message(locale())) for change in diff(old, new)
        ]
        return page("standard_changes.html", standard=newest, old=old, new=new, changes=found)


def _add_impact(console: Console) -> None:
    @console.page("/standards/<dataset>/impact", READERS)
    def impact(visit: Visit, dataset: str) -> Answer:
        newest = console.catalogue().get(dataset)
        mine = newest.department in visit.departments(*EVERY_ROLE)
        with look(console.engine) as connection:
            last = impacts.last(connection, dataset, with_samples=mine)
        proposals = impacts.proposals(console.site, newest)
        return page(
            "standard_impact.html", standard=newest, last=last, may_ask=mine, proposals=proposals
        )

    @console.act(
        "/standards/<dataset>/impact",
        of_roles(*EVERY_ROLE, owner=of_standard(console)),
        "standard.impact",
    )
    def ask_impact(_visit: Visit, dataset: str) -> Answer:
        newest = console.catalogue().get(dataset)
        impacts.ask(console.site, console.engine, newest, request.form.get("proposal", ""))
        say(
            speech(console).text(
                "A worker checks every current record now; open this page again for it."
            )
        )
        return see("standards.impact", dataset=dataset)


def _samples(path: Path) -> Iterator[Mapping[str, Any]]:
    """The records of a file of samples, which are invented."""
    return (record for record, *_ in read_samples(path)) if path.is_file() else iter(())


def _has_site(console: Console) -> bool:
    """Whether the public dictionary was written."""
    return (console.site.dictionary / "index.html").is_file()
