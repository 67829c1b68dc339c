"""Parts that descriptions in JSON-LD are put together from."""

from __future__ import annotations

import re
from typing import Any

Node = dict[str, Any]

CONTEXT: Node = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+")
_PARTS_OF_DAY = {10: "xsd:date", 7: "xsd:gYearMonth", 4: "xsd:gYear"}


def said(chinese: str, english: str = "") -> list[Node]:
    """A text in both languages, or in the one that there is."""
    told = (("zh", chinese), ("en", english))
    return [{"@value": text, "@language": language} for language, text in told if text]


def typed(kind: str, value: object) -> Node:
    """A value of a type of XML Schema."""
    return {"@value": str(value), "@type": f"xsd:{kind}"}


def day(written: str) -> Node:
    """2026-01-31, 2026-01 or 2026."""
    return {"@value": written, "@type": _PARTS_OF_DAY[len(written)]}


def named(kind: str, iri: str | None = None, **more: Any) -> Node:
    """A node of a class; without an address it has no name of its own.

    `more` are properties, with two underscores for the colon: `dct__title` is dct:title.
    """
    told: Node = {"@id": iri} if iri else {}
    told["@type"] = kind
    return told | {n.replace("__", ":"): value for n, value in more.items() if value}


def agent(chinese: str, english: str, iri: str | None = None) -> Node:
    """An organisation."""
    return named("foaf:Agent", iri, foaf__name=said(chinese, english))


def contact(name: str, english: str, written: str) -> Node:
    """Whom to ask: by e-mail where `written` has an address, else as it is written."""
    email = _EMAIL.search(written)
    how = {"vcard:hasEmail": {"@id": f"mailto:{email[0]}"}} if email else {"vcard:note": written}
    return {"@type": ["vcard:Kind", "vcard:Organization"], "vcard:fn": said(name, english), **how}


def concept(iri: str, chinese: str, english: str) -> Node:
    """A term of a vocabulary."""
    return named("skos:Concept", iri, skos__prefLabel=said(chinese, english))
