"""Searches as Solr users write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.ckan_view.facts import KNOWN
from publisher.ckan_view.failures import Unsearchable
from publisher.ckan_view.query import DEEPEST, read_query

FACTS = {
    "text": ["行政处罚 abc"],
    "title": ["行政处罚"],
    "tags": ["公开", "x y"],
    "organization": ["market_regulation"],
    "metadata_modified": ["2026-11-29T22:33:38.250055Z"],
    "groups": [],
}


@pytest.mark.parametrize(
    "query",
    [
        "", "*:*", '""', "处罚", "ＡＢＣ", "处罚 abc", "处罚 AND abc", "处罚 && abc", "处罚 OR xyz",
        "xyz || abc", "tags:公开", 'tags:"x y"', "tags:x\\ y", '+tags:(a OR 公开) +organization:"market_regulation"',
        "NOT tags:q", "-tags:q", "!tags:q", "-xyz", "title:行政*", "organization:m*n", "organization:marke?_regulation",
        "tags:*", "metadata_modified:[2026-01-01T00:00:00Z TO *]",
        "metadata_modified:[2026-11-29T22:33:38Z TO 2026-11-29T22:33:38.9Z]", "metadata_modified:[* TO 2027]",
        "(处罚)^2 ~x OR abc~2", "a OR 处罚 AND abc", "a AND b OR 处罚", "tags:(公开 AND NOT q)",
    ],
)  # fmt: skip
def test_found(query: str) -> None:
    assert read_query(query, KNOWN).holds(FACTS)


@pytest.mark.parametrize(
    "query",
    [
        "处罚 xyz", "tags:公", "organization:market", "NOT tags:公开", "-处罚", "groups:*", "groups:a",
        "metadata_modified:{2026-11-29T22:33:38Z TO *]", "metadata_modified:[* TO 2026-01-01]",
        '+tags:公开 -organization:market_regulation', "处罚 AND (b OR c)", "extras_a:b", "organization:M*",
    ],
)  # fmt: skip
def test_not_found(query: str) -> None:
    assert not read_query(query, KNOWN).holds(FACTS)


@pytest.mark.parametrize(
    "query",
    [
        "nosuch:a", "(", ")", "organization:(", "a AND", "AND", "a OR OR b", ":a", "tags:", '"open',
        "a[", "metadata_modified:[NOW-1DAY TO *]", "(" * (DEEPEST + 2) + "a", "-" * 90 + "a",
        "a:" * 90, "a " * 501, "a" * 4001, "\\",
    ],
)  # fmt: skip
def test_what_cant_be_read_is_refused(query: str) -> None:
    with pytest.raises(Unsearchable):
        read_query(query, KNOWN)


@given(st.text(alphabet='ab处 ()[]{}:"\\+-!*?~^&|ANDORT', max_size=40))
def test_anything_is_read_or_refused(text: str) -> None:
    with suppress(Unsearchable):
        read_query(text, KNOWN).holds(FACTS)
