"""Whatever is asked of the CKAN-compatible API, it answers or refuses; it never breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.portal.ckan_api import ACTIONS
from tests.publisher.portal.ckan_asking import table_of

TEXTS = st.sampled_from([
    "", " ", "0", "1", "-1", "99999999999999999999", "1e3", "true", "x", "*:*", "(", '"', "\\", "\x00", "\ud7ff高州",
    "[]", "{}", "[[", '{"uscc": {}}', '{"uscc": [[1]]}', '{"fine_wan": "x"}', '{"penalty_kinds": "罚款"}',
    '{"_id": "1"}', '{"record_id": []}', '{"decided_on": 5}', '{"long_term": true}', "null", "name", "_id", "_id desc",
    "penalty_kinds", "penalty_kinds desc", "fine_wan desc, uscc", "long_term", "record_id,record_id", "salt",
    "score desc", "title_string asc", "after", "AAAA", "../../etc", "%27", "<script>", "a" * 5000,
])  # fmt: skip
NAMES = st.sampled_from([
    "id", "resource_id", "name", "q", "fq", "fl", "sort", "rows", "start", "limit", "offset", "filters", "fields",
    "distinct", "include_total", "records_format", "after", "facet.field", "facet.limit", "facet.mincount", "query",
    "all_fields", "organizations", "full_text", "callback", "page",
])  # fmt: skip
JSON = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
QUIET = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def table(client: FlaskClient) -> str:
    return table_of(client)


@QUIET
@given(st.sampled_from(sorted(ACTIONS)), st.dictionaries(NAMES, JSON, max_size=4), st.booleans())
def test_any_action(
    client: FlaskClient, table: str, name: str, told: dict[str, Any], known: bool
) -> None:
    body = {**told, **({"resource_id": table} if known and name == "datastore_search" else {})}
    answer = client.post(f"/api/3/action/{name}", data=json.dumps(body))
    assert answer.status_code in (200, 400, 404, 409), (body, answer.text)
    assert answer.content_type == "application/json;charset=utf-8"


@QUIET
@given(st.dictionaries(NAMES, TEXTS, max_size=4))
def test_any_table(client: FlaskClient, table: str, told: dict[str, str]) -> None:
    told = {**told, "resource_id": table}
    answer = client.get("/api/3/action/datastore_search", query_string=told)
    assert answer.status_code in (200, 409), (told, answer.text)
    dump = {n: v for n, v in told.items() if n not in ("resource_id", "callback")}
    assert client.get(f"/datastore/dump/{table}", query_string=dump).status_code in (200, 400)
