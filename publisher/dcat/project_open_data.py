"""data.json: the catalogue in the words of Project Open Data 1.1 (DCAT-US)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from publisher.dcat.nodes import Node
from publisher.dcat.site_words import SiteWords
from publisher.dcat.subject import Subject
from publisher.manifest import ReleaseFile

_SCHEMA = "https://project-open-data.cio.gov/v1.1/schema"
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+")
# cycle of a standard → ISO 8601
_CYCLES = {
    "realtime": "R/PT1S",
    "daily": "R/P1D",
    "weekly": "R/P1W",
    "monthly": "R/P1M",
    "quarterly": "R/P3M",
    "half_yearly": "R/P6M",
    "yearly": "R/P1Y",
}


def document(address: str, subjects: Sequence[Subject]) -> Node:
    """The whole catalogue; `address` is the file's own."""
    return {
        "@context": f"{_SCHEMA}/catalog.jsonld",
        "@id": address,
        "@type": "dcat:Catalog",
        "conformsTo": _SCHEMA,
        "describedBy": f"{_SCHEMA}/catalog.json",
        "dataset": [_dataset(subject) for subject in subjects],
    }


def _dataset(subject: Subject) -> Node:
    standard, release, site, places = (
        subject.standard,
        subject.release,
        subject.site,
        subject.places,
    )
    told: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "identifier": places.described,
        "title": standard.title,
        "description": "\n\n".join(
            t for t in (standard.description, standard.disclaimer, standard.description_en) if t
        ),
        "keyword": [word for pair in subject.keywords for word in pair if word],
        "modified": release.created_at,
        "issued": subject.issued or release.created_at,
        "publisher": {"@type": "org:Organization", "name": standard.owner},
        "contactPoint": _contact(site, standard.owner),
        "accessLevel": "public",
        "license": site.licence_url,
        "spatial": site.place_zh,
        "temporal": "/".join(subject.period or ()),
        "accrualPeriodicity": _CYCLES.get(standard.cycle, "irregular"),
        "language": ["zh-CN"],
        "landingPage": places.page,
        "describedBy": places.file("dictionary.csv"),
        "describedByType": "text/csv",
        "distribution": [_distribution(subject, file) for file in subject.distributed],
    }
    return {name: value for name, value in told.items() if value}


def _contact(site: SiteWords, owner: str) -> Node:
    email = _EMAIL.search(site.contact)
    address = {"hasEmail": f"mailto:{email[0]}"} if email else {}
    return {"@type": "vcard:Contact", "fn": site.operator_zh or owner, **address}


def _distribution(subject: Subject, file: ReleaseFile) -> Node:
    return {
        "@type": "dcat:Distribution",
        "title": file.title,
        "description": file.title_en,
        "downloadURL": subject.places.file(file.name),
        "mediaType": file.media_type,
        "format": file.name.rpartition(".")[2].upper(),
    }
