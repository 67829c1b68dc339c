"""Pushes to a CKAN, and what its public sees afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckanapi

from exchange_schemas.issue import Issue
from hub.progress import Silent
from publisher.ckan.client import Client
from publisher.ckan.describing import TABLE
from publisher.ckan.package import Package
from publisher.ckan.pushing import Push, Pushed
from publisher.ckan.target import CkanTarget
from publisher.ckan.verifying import verify
from publisher.manifest import Release
from tests.publisher.samples import PENALTIES, released
from tests.services.ckan_server import Ckan


@dataclass
class Place:
    """A dataset in a CKAN, and the folder of its releases."""

    ckan: Ckan
    target: CkanTarget
    root: Path

    def release(self, rows: list[dict[str, Any]] | None = None) -> Release:
        return released(self.root, rows)

    def push(self, release: Release, *, whole: bool = False) -> Pushed:
        push = self.begun(release, whole=whole)
        push.take_back()
        return push.bring()

    def begun(self, release: Release, *, whole: bool = False) -> Push:
        return Push(Client(self.target), PENALTIES, release, Silent(), whole)

    def wrong(self, release: Release) -> list[Issue]:
        return verify(Client(self.target), PENALTIES, release)

    @property
    def name(self) -> str:
        return self.target.package("penalty_sample")

    @property
    def public(self) -> Any:
        """The CKAN as anybody sees it."""
        return ckanapi.RemoteCKAN(self.ckan.url).action

    @property
    def admin(self) -> Any:
        """The CKAN as its administrator sees it."""
        return ckanapi.RemoteCKAN(self.ckan.url, apikey=self.ckan.token).action

    def shown(self) -> dict[str, Any] | None:
        """What anybody is shown; None: nothing."""
        try:
            return dict(self.public.package_show(id=self.name))
        except (ckanapi.NotFound, ckanapi.NotAuthorized):
            return None

    def rows(self) -> dict[str, dict[str, Any]]:
        """The table as anybody reads it, by record id."""
        package = Package(Client(self.target), self.name)
        package.find()
        table = package.resource(TABLE)
        assert table is not None
        found = self.public.datastore_search(resource_id=table["id"], limit=1000)
        return {row["record_id"]: row for row in found["records"]}
