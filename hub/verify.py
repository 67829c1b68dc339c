"""Verify: re-reads everything a site keeps and recomputes every digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, func, select

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.disclosure_proof import check_disclosures
from hub.exchange.stream_proof import check_stream
from hub.exchange.views import views_of
from hub.ledger_proof import check_ledger
from hub.planner import look_again
from hub.progress import Progress, Silent
from hub.site import Site
from hub.storage.artefacts import find_raw
from hub.tables import dataset, run
from hub.tables_of_review import disclosure, move
from publisher.release import current_release, verify_release
from publisher.verify_history import verify_history


@dataclass(slots=True)
class Verdict:
    """How much was checked, and what was wrong: empty `issues` means that all is as it was."""

    revisions: dict[str, int] = field(default_factory=dict)  # dataset → revisions
    entries: dict[str, int] = field(default_factory=dict)  # dataset/view → entries of its stream
    artefacts: int = 0
    releases: int = 0
    issues: list[Issue] = field(default_factory=list)


def verify(site: Site, engine: Engine, progress: Progress | None = None) -> Verdict:
    """Check ledger, disclosures, streams, deliveries and releases. Reads only; may run while the hub
    works."""
    verdict = Verdict()
    shown = progress or Silent()
    _verify_ledgers(engine, verdict, shown)
    _verify_streams(site, engine, verdict, shown)
    _verify_artefacts(site, engine, verdict, shown)
    _verify_releases(site, verdict, shown)
    return verdict


def _verify_ledgers(engine: Engine, verdict: Verdict, progress: Progress) -> None:
    with engine.connect() as connection:
        names = list(connection.scalars(select(dataset.c.name).order_by(dataset.c.name)))
    for name in names:
        progress.step(name)
        count, issues = check_ledger(engine, name, progress.rows)
        verdict.revisions[name] = count
        verdict.issues += issues
        with engine.connect() as connection:
            look_again(connection, count, disclosure.name, move.name)
            verdict.issues += check_disclosures(connection, name)


def _verify_streams(site: Site, engine: Engine, verdict: Verdict, progress: Progress) -> None:
    with engine.connect() as connection:
        views, catalogue = views_of(connection), site.catalogue()
    for view in views:
        name = f"{view.dataset}/{view.name}"
        progress.step(name)
        count, issues = check_stream(site, engine, catalogue, view, progress.rows)
        verdict.entries[name] = count
        verdict.issues += issues


def _verify_artefacts(site: Site, engine: Engine, verdict: Verdict, progress: Progress) -> None:
    progress.step("checking deliveries")
    # A run that failed before its delivery was kept has no SHA-256.
    delivered = select(run.c.sha256).distinct().where(func.length(run.c.sha256) == 64)
    with engine.connect() as connection:
        named = set(connection.scalars(delivered))
    # Deliveries of which no run was recorded are kept too, and may be asked for.
    kept = {path.name for path in site.raw.glob("??/*")}
    for sha256 in sorted(named | kept):
        verdict.issues += _check_artefact(find_raw(site, sha256), sha256)
        verdict.artefacts += 1
        progress.rows(verdict.artefacts)


def _check_artefact(path: Path, sha256: str) -> Iterator[Issue]:
    if not path.is_file():
        yield Issue("artefact_missing", value=sha256)
        return
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            yield Issue("artefact_wrong", value=sha256)


def _verify_releases(site: Site, verdict: Verdict, progress: Progress) -> None:
    progress.step("checking releases")
    root, strict = site.releases, site.keys.is_dir()  # a site with a key signs every release
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        try:
            newest = current_release(root, folder.name)
        except HubError as error:
            verdict.issues.append(error.issue)
            continue
        for number in range(1, newest.number + 1 if newest else 1):
            found = verify_release(
                folder / str(number), strict=strict
            )  # that content was erased is no fault
            verdict.issues += [issue for issue in found if issue.severity == "error"]
            verdict.releases += 1
            progress.rows(verdict.releases)
        verdict.issues += verify_history(folder, newest.number) if newest else []
