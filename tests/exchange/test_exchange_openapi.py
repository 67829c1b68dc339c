"""openapi.json: a valid document of just the routes that there are."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import Engine

from exchange_schemas.catalogue import load_catalogue
from hub.exchange.entries import MAX_LIMIT
from hub.web.exchange import PREFIX, create_exchange
from hub.web.parameters import DEFAULT_LIMIT, KNOWN, LONGEST_WAIT
from tests.hub.exchange_hub import ask, entries_path, site_of
from tests.hub.ledger_data import made

OPENAPI = json.loads(files("hub.web").joinpath("openapi.json").read_bytes())
TOLD = {"HEAD", "OPTIONS"}


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def test_it_is_valid_and_served(engine: Engine) -> None:
    validate(OPENAPI)
    assert OPENAPI["openapi"].startswith("3.1.")
    assert json.loads(ask(engine, "/exchange/v1/openapi.json").data) == OPENAPI
    for schema in OPENAPI["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_has_all_routes_and_no_others(engine: Engine) -> None:
    app = create_exchange(site_of(engine), engine, load_catalogue())
    routes: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        path = PREFIX + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        routes.setdefault(path, set()).update((rule.methods or set()) - TOLD)
    described = {path: {m.upper() for m in item} for path, item in OPENAPI["paths"].items()}
    assert routes == described


def test_parameters_are_the_ones_that_are_read() -> None:
    told = {p["name"]: p for p in parameters(OPENAPI["paths"][entries_path("{dataset}")]["get"])}
    assert set(told) == {"dataset", *KNOWN}
    limit = told["limit"]["schema"]
    assert (limit["default"], limit["maximum"]) == (DEFAULT_LIMIT, MAX_LIMIT)
    assert told["wait"]["schema"]["maximum"] == LONGEST_WAIT


@pytest.mark.parametrize("path", OPENAPI["paths"])
def test_each_path_names_its_parts_and_its_refusals(path: str) -> None:
    for operation in OPENAPI["paths"][path].values():
        named = {p["name"] for p in parameters(operation) if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        if operation.get("security") != []:
            assert {"401", "429", "503"} <= set(operation["responses"])


def test_operations_have_names_of_their_own() -> None:
    names = [o["operationId"] for item in OPENAPI["paths"].values() for o in item.values()]
    assert len(set(names)) == len(names)


def parameters(operation: dict[str, Any]) -> list[dict[str, Any]]:
    """An operation's parameters, with those that are told elsewhere."""
    found = operation.get("parameters", [])
    known = OPENAPI["components"]["parameters"]
    return [known[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in found]
