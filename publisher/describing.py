"""What describes a release to programs: as a Data Package, and to catalogues and search engines."""

from __future__ import annotations

from collections.abc import Sequence

from publisher import datapackage, files
from publisher.contents import contents_of
from publisher.dcat.documents import dcat_document, schema_org_document
from publisher.dcat.site_words import SiteWords
from publisher.disk import write_synced
from publisher.making import Making
from publisher.manifest import Release, ReleaseFile


def describe(
    making: Making, release: Release, content: Sequence[ReleaseFile], site: SiteWords | None
) -> list[ReleaseFile]:
    """Write the descriptions of `release`, whose files are `content`; returns them as files."""
    standard, fields = making.standard, making.fields
    told = (standard, fields, release, content, site, _days(making))
    documents = {
        files.DATAPACKAGE: datapackage.as_json(standard, fields, content, release),
        files.DCAT: dcat_document(*told),
        files.SCHEMA_ORG: schema_org_document(*told),
    }
    for name, document in documents.items():
        write_synced(making.folder / name, document)
    return [files.seal(making.folder, name) for name in documents]


def _days(making: Making) -> tuple[str, str] | None:
    """The first and the last day of the records, by the date of the standard's roles."""
    date = making.standard.roles.date
    if date is None or date not in making.fields:
        return None
    days = contents_of(making.folder).read(date)[date]
    return (str(days.min()), str(days.max())) if days.count() else None
