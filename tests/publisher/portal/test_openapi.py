"""The description of the interface is valid, and of addresses that there are."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator


def test_it_is_valid_and_every_path_is_served(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    OpenAPIV31SpecValidator(document).validate()
    rules = {_shape(rule.rule) for rule in client.application.url_map.iter_rules()}
    for path in document["paths"]:
        shapes = {_shape(path), _shape(re.sub(r"\{syntax\}", "atom", path))}
        assert shapes & rules or _shape(path.replace("citation.json", "citation.{x}")) in rules, (
            path
        )


def _shape(path: str) -> str:
    """/a/<int:n>.<any(x, y):s> and /a/{n}.{s} are the same."""
    bare = re.sub(r"<(?:[^<>:]*:)?[^<>]*>|\{[^}]*\}", "*", path)
    return bare.replace("catalog.ttl", "catalog.*").replace("feed.atom", "feed.*")
