"""What every command is given: which site, which language."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.language import translate
from hub.site import Site, open_portal_site, open_site
from hub.storage.place import place_of

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Session:
    """`ctx.obj` of every command."""

    site_path: Path
    locale: str

    def site(self) -> Site:
        """The site; raises Misdeclared (site_missing) where there is none."""
        return open_site(self.site_path)

    def portal_site(self) -> Site:
        """The site for who opens no database; with HUB_STORAGE_URL it may be an empty folder. Raises
        Misdeclared (site_missing, storage_setting)."""
        return open_portal_site(self.site_path, filling=place_of() is not None)

    def engine(self) -> Engine:
        """The site's database; raises as `site`, and Refused (schema_older, schema_newer)."""
        from hub.database import connect, create_tables  # keeps `hub --help` quick

        engine = connect(self.site().database_url)
        create_tables(engine)
        return engine

    def catalogue(self) -> Catalogue:
        """The standards in force in the site, or the packaged ones where there is no site."""
        return Site(self.site_path).catalogue()

    def place(self) -> str:
        """Whose hub it is, such as a city, in Chinese; "" where the site doesn't say."""
        from publisher.portal.settings import read_settings  # keeps `hub --help` quick

        return read_settings(Site(self.site_path).portal_settings, os.environ).place_zh

    def text(self, message: str) -> str:
        """`message` (its English text) in the session's language."""
        return translate("hub", self.locale, message)
