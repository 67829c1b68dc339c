"""A dataset in a CKAN: found or made, its resources found by the file that each has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange_schemas.standard import Standard
from publisher.ckan.client import Client
from publisher.ckan.describing import (
    DIGEST,
    KEY,
    MANIFEST_DIGEST,
    NUMBER,
    TABLE,
    Part,
    extras_in,
    said_otherwise,
)
from publisher.ckan.failures import Absent, Conflict, Denied
from publisher.ckan.table import drop_table

ACTIVE = "active"


@dataclass(slots=True)
class Package:
    """`shown` is what CKAN says of it, as of the last call."""

    client: Client
    name: str
    shown: dict[str, Any] = field(default_factory=dict)

    def find(self) -> bool:
        """Read it anew; False where there is none, or one that was deleted."""
        try:
            self.shown = dict(self.client.call("package_show", id=self.name))
        except (Absent, Denied):  # CKAN says that a deleted one is forbidden
            self.shown = {}
        return self.shown.get("state") == ACTIVE

    def open(self, standard: Standard) -> None:
        """Find it; else make it, hidden: nobody but its organisation sees it."""
        if self.find():
            return
        organisation = own_organisation(self.client, standard)
        if self.shown:  # deleted, as a system administrator is told
            self.patch(state=ACTIVE, private=True, owner_org=organisation, extras=[])
            return
        told = {"name": self.name, "title": standard.title, "owner_org": organisation}
        try:
            self.shown = dict(self.client.once("package_create", private=True, **told))
        except Conflict:
            if not self.find():  # made by a call that seemed to fail, or else the name is taken
                raise

    @property
    def hidden(self) -> bool:
        """Whether only its organisation sees it."""
        return bool(self.shown.get("private"))

    @property
    def release(self) -> tuple[int, str] | None:
        """Number and manifest's digest of the release that was last brought here whole."""
        extras = extras_in(self.shown)
        number = extras.get(NUMBER, "")
        return (int(number), extras.get(MANIFEST_DIGEST, "")) if number.isdigit() else None

    def patch(self, **told: Any) -> None:
        """Change members of it, in one call: all, or none."""
        self.shown = dict(self.client.call("package_patch", id=self.name, **told))

    def resources(self) -> Iterator[dict[str, Any]]:
        """All of them, as CKAN shows them."""
        yield from self.shown.get("resources", [])

    def resource(self, key: str) -> dict[str, Any] | None:
        """The resource of a file, or of the table."""
        return next((one for one in self.resources() if one.get(KEY) == key), None)

    def table(self, described: Mapping[str, str]) -> str:
        """The id of the table's resource, made where there is none."""
        found = self.resource(TABLE)
        if found is None:
            found = self.client.once(
                "resource_create", package_id=self.shown["id"], url_type="datastore",
                url="_datastore_only_resource", **described,
            )  # fmt: skip
            self._now(found)
        return str(found["id"])

    def put(self, part: Part, path: Path, *, again: bool = False) -> bool:
        """Have a file there, or a link; whether anything was to do. `again`: whatever is there.

        Bytes that were there are gone afterwards: the new ones or nothing stand in their place.
        """
        found, told = self.resource(part.name), part.described()
        if found is not None and not again and not _outdated(found, part):
            return False
        if part.link is None:
            self._now(self._upload(found, path, part.name, told))
        elif found is None:
            told["package_id"] = str(self.shown["id"])
            self._now(self.client.once("resource_create", url=part.link, **told))
        else:
            told |= {"id": str(found["id"]), "clear_upload": "true"}
            self._now(self.client.call("resource_patch", url=part.link, **told))
        return True

    def _now(self, resource: Mapping[str, Any]) -> None:
        """Take what a call says of a resource for what CKAN would show of it."""
        others = [one for one in self.resources() if one["id"] != resource["id"]]
        self.shown["resources"] = [*others, dict(resource)]

    def _upload(
        self, found: Mapping[str, Any] | None, path: Path, name: str, told: Mapping[str, str]
    ) -> dict[str, Any]:
        if found is None:
            known = {"package_id": str(self.shown["id"])}
            return self.client.upload("resource_create", path, name, **known, **told)
        return self.client.upload("resource_patch", path, name, id=str(found["id"]), **told)

    def superfluous(self, wanted: set[str]) -> list[dict[str, Any]]:
        """Resources of ours that aren't wanted any more, or that a call which seemed to fail made
        a second time."""
        seen: set[str] = set()
        found = []
        for one in self.resources():
            key = one.get(KEY)
            if key and (key not in wanted or key in seen):
                found.append(one)
            seen.add(key or "")
        return found

    def remove(self, resource: Mapping[str, Any]) -> None:
        """Delete a resource, its bytes and its table."""
        drop_table(self.client, str(resource["id"]))
        if resource.get("url_type") == "upload":
            # CKAN keeps the bytes of a resource that is deleted; those of one that becomes a link go
            self.client.call(
                "resource_patch", id=resource["id"], url="removed", clear_upload="true"
            )
        self.client.call("resource_delete", id=resource["id"])
        self.find()

    def strays(self) -> list[str]:
        """Resources of files that somebody else loaded into the datastore, e.g. CKAN's xloader."""
        return [
            str(one["id"]) for one in self.resources()
            if one.get("datastore_active") and one.get(KEY) not in (None, TABLE)
        ]  # fmt: skip

    def foreign(self) -> list[str]:
        """Names of resources that aren't ours."""
        return [str(one.get("name") or one["id"]) for one in self.resources() if not one.get(KEY)]


def _outdated(found: Mapping[str, Any], part: Part) -> bool:
    if part.link is not None:
        return found.get("url") != part.link or found.get("url_type") == "upload"
    return found.get("url_type") != "upload" or found.get(DIGEST) != part.sha256


def own_organisation(client: Client, standard: Standard) -> str:
    """The name of the organisation that owns a standard's dataset, made where there is none.

    One that is there stays as it is: it may be somebody else's.
    """
    name = client.target.organisation or f"{client.target.prefix}{standard.department}"
    try:
        client.call("organization_show", id=name)
    except Absent:
        told = {"name": name, "title": standard.owner, "description": standard.owner_en}
        try:
            client.once("organization_create", **told)
        except Conflict:  # made by a call that seemed to fail
            client.call("organization_show", id=name)
    return name


def download_path(resource: Mapping[str, Any]) -> str:
    """Where an uploaded file is read, below the CKAN's address."""
    name = str(resource["url"]).rpartition("/")[2]
    return f"dataset/{resource['package_id']}/resource/{resource['id']}/download/{name}"


def restated(shown: Mapping[str, Any], described: Mapping[str, str]) -> dict[str, Any] | None:
    """A resource with what is now to be said of it; None where it says so already."""
    return {**shown, **described} if said_otherwise(shown, described) else None
