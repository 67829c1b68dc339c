"""One file of a release as a dcat:Distribution."""

from __future__ import annotations

from publisher.datapackage import NOTES
from publisher.dcat.nodes import AUTHORITY, MEDIA_TYPES, Node, named, said, typed
from publisher.dcat.site_words import SiteWords
from publisher.dcat.subject import Subject
from publisher.manifest import ReleaseFile

# ending of a file's name → the format in the EU's list, and the specification it follows
_FORMATS = {
    "csv": ("CSV", "https://www.rfc-editor.org/rfc/rfc4180"),
    "xlsx": (
        "XLSX",
        "https://ecma-international.org/publications-and-standards/standards/ecma-376/",
    ),
    "jsonl": ("JSON", "https://jsonlines.org/"),
    "json": ("JSON", "https://www.rfc-editor.org/rfc/rfc8259"),
    "xml": ("XML", "https://www.w3.org/TR/xml/"),
    "parquet": ("PARQUET", "https://parquet.apache.org/docs/file-format/"),
}


def distribution(subject: Subject, file: ReleaseFile) -> Node:
    """Where the file is, how large, in which format, its digest and its terms of use."""
    places = subject.places
    format_, specification = _FORMATS.get(file.name.rpartition(".")[2], (None, None))
    return named(
        "dcat:Distribution",
        places.distribution(file.name),
        dct__title=said(file.title, file.title_en),
        dct__description=said(NOTES.get(file.name, "")),
        dct__issued=typed("dateTime", subject.release.created_at),
        dcat__accessURL=named("rdfs:Resource", places.release),
        dcat__downloadURL=named("rdfs:Resource", places.file(file.name)),
        dcat__mediaType=named("dct:MediaType", MEDIA_TYPES + file.media_type),
        dct__format=format_ and named("dct:MediaTypeOrExtent", f"{AUTHORITY}file-type/{format_}"),
        dct__conformsTo=specification and named("dct:Standard", specification),
        dcat__byteSize=typed("nonNegativeInteger", file.bytes),
        spdx__checksum=_checksum(file),
        dct__license=licence_of(subject.site),
    )


def licence_of(site: SiteWords) -> Node | None:
    """The terms of use; None where the site doesn't say any."""
    if not (site.licence_url or site.licence_zh or site.licence_en):
        return None
    label = said(site.licence_zh, site.licence_en)
    return named("dct:LicenseDocument", site.licence_url or None, rdfs__label=label)


def _checksum(file: ReleaseFile) -> Node:
    algorithm = named("spdx:ChecksumAlgorithm", "spdx:checksumAlgorithm_sha256")
    value = typed("hexBinary", file.sha256)
    return named("spdx:Checksum", spdx__algorithm=algorithm, spdx__checksumValue=value)
