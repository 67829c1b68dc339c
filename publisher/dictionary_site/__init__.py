"""The data dictionary as static pages: what every standard says, for people, without a server."""

from publisher.dictionary_site.building import write_site

__all__ = ["write_site"]
