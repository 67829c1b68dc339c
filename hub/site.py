"""A site: one folder with everything that one hub keeps, and its settings from the environment."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.backup.whole import check_restored, check_whole

OFFLOAD = "x-accel-redirect"  # the one way to let another server send files that there is


@dataclass(frozen=True, slots=True)
class Site:
    """Paths of a site; nothing is opened until it is asked for."""

    path: Path

    @property
    def database_url(self) -> str:
        """`HUB_DATABASE_URL`, or SQLite inside the site."""
        return os.environ.get("HUB_DATABASE_URL") or f"sqlite:///{self.path / 'hub.sqlite'}"

    @property
    def broker_url(self) -> str | None:
        """`HUB_BROKER_URL` of Celery; None: work is done in this process."""
        return os.environ.get("HUB_BROKER_URL")

    @property
    def trusted_proxy(self) -> str | None:
        """`HUB_TRUSTED_PROXY`: the address of the server before this one, which names the clients."""
        return os.environ.get("HUB_TRUSTED_PROXY") or None

    @property
    def offload(self) -> bool:
        """`HUB_OFFLOAD`: whether nginx, which stands before this server, sends the exchange's files.
        Raises Misdeclared (offload_unknown)."""
        text = os.environ.get("HUB_OFFLOAD", "").strip().lower()
        if text not in ("", OFFLOAD):
            raise Misdeclared(Issue("offload_unknown", value=text))
        return text == OFFLOAD

    @property
    def raw(self) -> Path:
        """Deliveries as they came, by SHA-256."""
        return self.path / "raw"

    @property
    def releases(self) -> Path:
        """What the public portal reads."""
        return self.path / "releases"

    @property
    def feeds(self) -> Path:
        """The site's feed declarations."""
        return self.path / "feeds"

    @property
    def targets(self) -> Path:
        """The site's declarations of what is delivered to the province, and how."""
        return self.path / "targets"

    @property
    def standards(self) -> Path:
        """Standards that the site activated in place of the packaged ones."""
        return self.path / "standards"

    @property
    def dictionary(self) -> Path:
        """The data dictionary's pages, which the portal shows; `hub standard site` writes them."""
        return self.path / "standards_site"

    @property
    def law(self) -> Path:
        """The site's own rules of law, its settings and its calendar."""
        return self.path / "law"

    @property
    def portal_settings(self) -> Path:
        """What the public portal says of itself."""
        return self.path / "portal.yml"

    @property
    def settings(self) -> Path:
        """The site's settings, unless HUB_CONFIG names another file."""
        return self.path / "hub.toml"

    @property
    def ckan_settings(self) -> Path:
        """To which CKANs releases go."""
        return self.path / "ckan.yml"

    @property
    def retractions(self) -> Path:
        """Where what was taken back is gone, by dataset: what the portal may tell of it."""
        return self.path / "retractions"

    @property
    def keys(self) -> Path:
        """The private key with which releases are signed; only the site's owner may read it."""
        return self.path / "keys"

    @property
    def filings(self) -> Path:
        """What parties file on the portal is dropped here, with their evidence: for staff only."""
        return self.path / "filings"

    @property
    def subscriptions(self) -> Path:
        """What readers ask for on the portal is dropped here: addresses, so for the hub only."""
        return self.path / "subscriptions"

    @property
    def answers(self) -> Path:
        """What the portal may tell of each filing, by its number."""
        return self.path / "answers"

    @property
    def exchange(self) -> Path:
        """Sealed streams, by dataset and view; for consumers, each its own view."""
        return self.path / "exchange"

    @property
    def columns(self) -> Path:
        """Columnar copies of datasets for analysis; they follow from the ledger and can be thrown away."""
        return self.path / "columns"

    @property
    def models(self) -> Path:
        """What was learnt from tickets, by kind and version: numbers only, no text."""
        return self.path / "models"

    @property
    def credit(self) -> Path:
        """The site's own versions of the credit indicators, before somebody proposes one."""
        return self.path / "credit"

    def catalogue(self) -> Catalogue:
        """The standards and the law in force here."""
        return load_catalogue(own=self.standards, own_law=self.law)


def open_site(path: Path) -> Site:
    """The site at `path`; raises Misdeclared (site_missing) where `hub init` hasn't been run, and
    Refused for what isn't a whole site (`hub.backup.whole`)."""
    check_restored(path)
    if not (path / "feeds").is_dir():
        raise Misdeclared(Issue("site_missing", value=str(path)))
    check_whole(path, os.environ.get("HUB_DATABASE_URL") or None)
    return Site(path.resolve())


def open_portal_site(path: Path, *, filling: bool = False) -> Site:
    """The site at `path` for who opens no database: what the portal reads is enough (`releases/`). `filling`
    says that it is about to come, into a new folder or what is there.

    Raises Misdeclared (site_missing), Refused (site_restoring).
    """
    check_restored(path)
    if filling:
        (path / "releases").mkdir(parents=True, exist_ok=True)
    if not (path / "releases").is_dir():
        raise Misdeclared(Issue("site_missing", value=str(path)))
    return Site(path.resolve())


def create_site(path: Path) -> Site:
    """A new site's folders, and its settings and the portal's as shipped; raises Misdeclared (site_exists)
    and Refused (site_restoring)."""
    check_restored(path)
    if (path / "feeds").is_dir():
        raise Misdeclared(Issue("site_exists", value=str(path)))
    for folder in ("raw", "releases", "feeds"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    site = Site(path.resolve())
    for own, shipped in (
        (site.portal_settings, "sample_portal.yml"),
        (site.settings, "settings/sample.toml"),
    ):
        if not own.exists():
            with as_file(files("hub").joinpath(shipped)) as sample:
                shutil.copyfile(sample, own)
    return site
