"""dcat.jsonld and schema-org.jsonld of one release, which name all places relative to themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from exchange_schemas.standard import Field, Standard
from publisher.dcat import dataset, schema_org
from publisher.dcat.nodes import CONTEXT, Node
from publisher.dcat.site_words import SiteWords, Unsaid
from publisher.dcat.subject import Subject, beside
from publisher.manifest import Release, ReleaseFile


def dcat_document(
    standard: Standard,
    fields: Mapping[str, Field],
    release: Release,
    files: Sequence[ReleaseFile],
    settings: SiteWords | None = None,
    days: tuple[str, str] | None = None,
) -> bytes:
    """The release as a dcat:Dataset of DCAT-AP 3 in JSON-LD, with `files` as its distributions.

    `settings` are the portal's; None: nothing is known of the site. `days`: see `Subject`.
    """
    subject = _subject(standard, fields, release, files, settings, days)
    return _written({"@context": CONTEXT, **dataset.dataset(subject)})


def schema_org_document(
    standard: Standard,
    fields: Mapping[str, Field],
    release: Release,
    files: Sequence[ReleaseFile],
    settings: SiteWords | None = None,
    days: tuple[str, str] | None = None,
) -> bytes:
    """The release as a Dataset of schema.org in JSON-LD; the parameters are `dcat_document`'s."""
    return _written(schema_org.dataset(_subject(standard, fields, release, files, settings, days)))


def _subject(
    standard: Standard,
    fields: Mapping[str, Field],
    release: Release,
    files: Sequence[ReleaseFile],
    settings: SiteWords | None,
    days: tuple[str, str] | None,
) -> Subject:
    places = beside(release.dataset, release.number)
    return Subject(standard, fields, release, files, settings or Unsaid(), places, days)


def _written(document: Node) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
