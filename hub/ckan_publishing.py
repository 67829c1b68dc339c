"""Releases to CKANs: what is behind, pushed with what was taken back first, and written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError, Misdeclared, TargetRefused, TargetUnavailable
from exchange_schemas.issue import Issue
from hub import ckan_copies, confirmations, jobs, retractions
from hub.ckan_copies import copies, note
from hub.ckan_targets import behind, find_target, released
from hub.database import write
from hub.heartbeat import heartbeat
from hub.instant import utc_now
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import dataset
from publisher.ckan.client import Client
from publisher.ckan.failures import Slow, Unreachable
from publisher.ckan.pushing import Push, Pushed
from publisher.ckan.removing import remove_package
from publisher.ckan.target import CkanTarget
from publisher.ckan.verifying import verify
from publisher.manifest import Release
from publisher.release import current_release

DIFFERS = "ckan_differs"
_SOUND = {"failed_at": None, "failure": None, "failures": 0}


@dataclass(slots=True)
class Desk:
    """Where one CKAN is worked at."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    target: CkanTarget
    progress: Progress
    _failures: list[HubError] = field(default_factory=list)

    def push(self, names: list[str] | None = None, *, whole: bool = False) -> dict[str, Any]:
        """Bring what is behind, or the named datasets, to their current releases.

        Of all of them first what was taken back is deleted; then the rest follows. What goes wrong
        with one stops no other, and is raised at the end: what may pass before what may not.
        Returns dataset → what was done.
        """
        known = self._known(names or [])
        with self.engine.connect() as connection:
            wanted = names or behind(connection, self.site, self.catalogue, self.target)
        # what takes back most is the most urgent
        chosen = sorted((known[name] for name in wanted), key=lambda one: -one.counts["removed"])
        pushes = []
        for one in chosen:
            if push := self._begun(one, whole=whole):
                pushes.append(push)
            elif isinstance(self._failures[-1], (Unreachable, Slow)):
                break  # it would be the same with all others
        done = [pushed for push in pushes if (pushed := self._brought(push)) is not None]
        for error in sorted(self._failures, key=lambda one: isinstance(one, TargetRefused)):
            raise error
        return {one.dataset: _told(one) for one in done}

    def _known(self, names: list[str]) -> dict[str, Release]:
        """The current releases that go there; raises Misdeclared (dataset_unknown) where a named one
        isn't among them."""
        known = released(self.site, self.catalogue, self.target)
        for name in (one for one in names if one not in known):
            words = {"known": ", ".join(known) or "–"}
            raise Misdeclared(Issue("dataset_unknown", value=name, params=words))
        return known

    def _begun(self, release: Release, *, whole: bool) -> Push | None:
        """A push whose first half is done; None where that went wrong."""
        number = self._number(release.dataset)
        with write(self.engine) as connection:
            copy = copies(connection, self.target.name).get((self.target.name, release.dataset))
            note(connection, self.target.name, number, {"stopped_at": None})
        whole = whole or bool(copy and copy["failure"] == DIFFERS)
        standard = self.catalogue.get(release.dataset, release.standard_version)
        push = Push(Client(self.target), standard, release, self.progress, whole)
        try:
            push.take_back()
        except (HubError, OSError) as error:
            self._fail(number, release, error)
            return None
        return push

    def _brought(self, push: Push) -> Pushed | None:
        """What a push did, once it is written down; None where it went wrong."""
        release, number = push.release, self._number(push.release.dataset)
        try:
            pushed = push.bring()
        except (HubError, OSError) as error:
            self._fail(number, release, error)
            return None
        values = {
            "release": release.number, "manifest_sha256": pushed.manifest_sha256,
            "pushed_at": utc_now(), **_SOUND,
        }  # fmt: skip
        surface = confirmations.surface_of(self.target.name)
        told = (pushed.release, pushed.removed, pushed.removed_sha256)
        with write(self.engine) as connection:
            note(connection, self.target.name, number, values)
            confirmations.confirm(connection, number, surface, *told)
        return pushed

    def _fail(self, number: int, release: Release, error: HubError | OSError) -> None:
        """Write down what went wrong, and keep it for the end."""
        found = error if isinstance(error, HubError) else _overtaken(error, release)
        with write(self.engine) as connection:
            ckan_copies.failed(connection, self.target.name, number, found.issue.code)
        self._failures.append(found)

    def _number(self, name: str) -> int:
        with self.engine.connect() as connection:
            query = select(dataset.c.id).where(dataset.c.name == name)
            return int(connection.execute(query).scalar_one())

    def verify(self, names: list[str] | None = None) -> dict[str, list[Issue]]:
        """Read back what should be there: dataset → what differs from its current release."""
        with self.engine.connect() as connection:
            held = [name for (_, name), copy in copies(connection, self.target.name).items()
                    if copy["release"] is not None]  # fmt: skip
        known, found = self._known(names or []), {}
        for name in names or [one for one in known if one in held]:
            release = known[name]
            standard = self.catalogue.get(name, release.standard_version)
            self.progress.step(name)
            found[name] = verify(Client(self.target), standard, release)
            with write(self.engine) as connection:
                number = self._number(name)
                if found[name]:
                    ckan_copies.failed(connection, self.target.name, number, DIFFERS)
                else:
                    note(
                        connection, self.target.name, number, {"verified_at": utc_now(), **_SOUND}
                    )
        return found

    def retract(self, name: str) -> dict[str, Any]:
        """Take a dataset out of the CKAN, whole, and see that it is gone. It comes back by hand only."""
        number = self._number(name)
        with write(self.engine) as connection:
            note(connection, self.target.name, number, {"stopped_at": utc_now()})
        told = remove_package(Client(self.target), name)
        current = current_release(self.site.releases, name)
        with write(self.engine) as connection:
            gone = {"release": None, "manifest_sha256": None, "failed_at": None, "failure": None}
            note(connection, self.target.name, number, gone)
            surface, nobody = (
                confirmations.surface_of(self.target.name),
                confirmations.ids_sha256([]),
            )
            if current is not None:
                confirmations.confirm(connection, number, surface, current.number, 0, nobody)
        return told


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: target; datasets and whole, where somebody asks for a push by hand."""
    told, catalogue = lease.arguments, site.catalogue()
    desk = Desk(site, engine, catalogue, find_target(site, told.get("target")), progress)
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = desk.push(told.get("datasets"), whole=bool(told.get("whole")))
    retractions.tell(site, engine, catalogue)
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def _overtaken(error: OSError, release: Release) -> HubError:
    """A file that vanishes was erased because a later release took it back; others are our fault."""
    newest = current_release(release.path.parent.parent, release.dataset)
    if not isinstance(error, FileNotFoundError) or newest == release:
        raise error
    words = {"dataset": release.dataset, "release": str(release.number)}
    return TargetUnavailable(Issue("ckan_overtaken", params=words))


def _told(pushed: Pushed) -> dict[str, Any]:
    return {
        "release": pushed.release, "removed": pushed.removed, "written": pushed.written,
        "files": list(pushed.files), "hidden": pushed.hidden, "calls": pushed.calls,
        "left_out": [one.value for one in pushed.left_out],
    }  # fmt: skip
