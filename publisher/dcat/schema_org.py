"""A dataset in the words of schema.org, for search engines."""

from __future__ import annotations

from typing import Any

from exchange_schemas.standard import Field
from publisher.dcat.nodes import Node
from publisher.dcat.subject import Subject
from publisher.manifest import ReleaseFile


def dataset(subject: Subject) -> Node:
    """The description as JSON-LD, with its context."""
    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **_identity(subject),
        **_terms(subject),
        "distribution": [_download(subject, file) for file in subject.distributed],
        "variableMeasured": [_column(field) for field in subject.fields.values()],
    }
    return {name: value for name, value in told.items() if value}


def _identity(subject: Subject) -> Node:
    standard, release, places = subject.standard, subject.release, subject.places
    texts = (standard.description, standard.disclaimer, standard.description_en)
    return {
        "@id": places.described,
        "name": standard.title,
        "alternateName": standard.title_en,
        "description": "\n\n".join(text for text in texts if text),
        "url": places.page,
        "identifier": standard.dataset,
        "keywords": [word for pair in subject.keywords for word in pair if word],
        "inLanguage": "zh-CN",
        "datePublished": subject.issued or release.created_at,
        "dateModified": release.created_at,
        "version": str(release.number),
        "size": f"{release.counts['records']} 条记录",
    }


def _terms(subject: Subject) -> Node:
    standard, site = subject.standard, subject.site
    catalogue = {"@type": "DataCatalog", "name": site.title_zh, "url": subject.places.root}
    return {
        "isAccessibleForFree": True,
        "license": site.licence_url or site.licence_zh,
        "creator": _organisation(standard.owner, standard.owner_en),
        "publisher": _organisation(site.operator_zh or standard.owner, site.operator_en),
        "spatialCoverage": site.place_zh and {"@type": "Place", "name": site.place_zh},
        "temporalCoverage": "/".join(subject.period or ()),
        "includedInDataCatalog": catalogue,
    }


def _column(field: Field) -> Node:
    note = {"description": field.note} if field.note else {}
    return {
        "@type": "PropertyValue",
        "name": field.name,
        "alternateName": field.title,
        **note,
    }


def _organisation(chinese: str, english: str) -> Node:
    return {
        "@type": "Organization",
        "name": chinese,
        **({"alternateName": english} if english else {}),
    }


def _download(subject: Subject, file: ReleaseFile) -> Node:
    return {
        "@type": "DataDownload",
        "name": file.title,
        "contentUrl": subject.places.file(file.name),
        "encodingFormat": file.media_type,
        "contentSize": f"{file.bytes} B",
        "sha256": file.sha256,
    }
