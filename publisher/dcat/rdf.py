"""JSON-LD in the other ways to write RDF. The only place that knows rdflib."""

from __future__ import annotations

import orjson

from publisher.dcat.nodes import CONTEXT, Node

# ending of an address → rdflib's name of the format, media type
FORMATS = {"ttl": ("turtle", "text/turtle"), "rdf": ("pretty-xml", "application/rdf+xml")}


def written(document: Node, base: str, ending: str) -> bytes:
    """A document whose addresses are relative to `base`, in one of `FORMATS`."""
    from rdflib import Graph  # slow to import, and rarely asked for

    graph = Graph()
    graph.parse(data=orjson.dumps(document), format="json-ld", publicID=base)
    for prefix, space in CONTEXT.items():
        graph.bind(prefix, space, replace=True)
    return graph.serialize(format=FORMATS[ending][0], encoding="utf-8")
