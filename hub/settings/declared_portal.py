"""Settings: the public portal. Its texts may stand in `portal.yml` of the site as well, which counts
where neither the environment nor hub.toml says anything."""

from __future__ import annotations

from hub.settings.kind import Kind, address, text, whole
from hub.settings.setting import Secrecy, Setting

_WEB = ("http", "https")


def _shown(name: str, meaning: str, kind: Kind | None = None) -> Setting:
    return Setting(f"portal.{name}", kind or text(), meaning)


PORTAL = (
    Setting("portal.rate", whole(), "Searches and calls a minute from one address; 0: no limit", "300"),
    Setting("portal.database_url", address("postgresql", "postgres", "postgresql+psycopg"),
            "A PostgreSQL of the portal's own to search in", secrecy=Secrecy.PASSWORD),
    _shown("base_url", "Address of the portal's home page as the world sees it", address(*_WEB)),
    _shown("place_zh", "The place, in Chinese"),
    _shown("place_en", "The place, in English"),
    _shown("title_zh", "The portal's title, in Chinese"),
    _shown("title_en", "The portal's title, in English"),
    _shown("operator_zh", "Who runs the portal, in Chinese"),
    _shown("operator_en", "Who runs the portal, in English"),
    _shown("contact", "Whom readers may ask"),
    _shown("accessibility_contact", "Whom to tell of a page that someone can't use"),
    _shown("licence_zh", "Terms of use, in Chinese"),
    _shown("licence_en", "Terms of use, in English"),
    _shown("licence_url", "Address of the terms of use", address(*_WEB)),
    _shown("icp", "Number of the filing with the ministry"),
)  # fmt: skip
