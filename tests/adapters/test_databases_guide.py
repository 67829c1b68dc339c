"""Every declaration in `docs/connect/databases.md` is one, for a field that its standard has."""

from __future__ import annotations

import re

import pytest
import yaml

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.kinds_of_databases import DATABASE_KINDS
from tests.adapters.conftest import Desk
from tests.source_tree import ROOT

PAGE = (ROOT / "docs/connect/databases.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["source"]["kind"])
def test_an_example(desk: Desk, example: dict[str, object]) -> None:
    feed = desk.declare(**example)
    standard = load_catalogue().get(feed.standard)
    if "fields" in example:  # else it is only the source, in the test's own feed
        assert {*feed.fields} <= {*standard.fields}


def test_every_message_is_explained() -> None:
    assert [code for code in DATABASE_KINDS if f"`{code}`" not in PAGE] == []
