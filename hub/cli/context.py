"""What every command is given: which site, which language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.language import translate
from hub.site import Site, open_site


@dataclass(frozen=True, slots=True)
class Session:
    """`ctx.obj` of every command."""

    site_path: Path
    locale: str

    def site(self) -> Site:
        """The site; raises Misdeclared (site_missing) where there is none."""
        return open_site(self.site_path)

    def catalogue(self) -> Catalogue:
        """The standards in force in the site, or the packaged ones where there is no site."""
        return Site(self.site_path).catalogue()

    def text(self, message: str) -> str:
        """`message` (its English text) in the session's language."""
        return translate("hub", self.locale, message)
