"""`hub subscription`: what the operator sees and does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli.main import hub
from tests.hub.subscribing_site import DATASET, entity, open_office

LI = "li@example.cn"


def test_the_operator_sees_whether_it_arrives_and_no_mailbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_office(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", monkeypatch) as office:

        def call(*words: str) -> str:
            done = CliRunner().invoke(hub, ["--site", str(office.site.path), *words])
            assert done.exit_code == 0, done.output
            return done.output

        office.ask("email", LI, dataset=DATASET)
        sent = json.loads(call("subscription", "send", "--json"))
        assert (sent["subscribe"], sent["sent"]) == (1, 1)
        (one,) = json.loads(call("subscription", "list", "--json"))["subscriptions"]
        assert (one["state"], one["address"], one["sent"]) == ("waiting", "…@example.cn", 1)
        office.subscribe("wang@example.cn", dataset=DATASET)
        office.release(entity(1), entity(2), entity(3))
        assert "送达：1" in call("subscription", "send")
        shown = call("subscription", "list")
        assert "已确认" in shown and "待确认" in shown and LI not in shown
        call("subscription", "remove", one["name"])
        gone = CliRunner().invoke(
            hub, ["--site", str(office.site.path), "subscription", "remove", one["name"]]
        )
        assert gone.exit_code == 1 and "没有订阅" in gone.output
        assert office.count("subscription") == 1
        monkeypatch.delenv("HUB_PORTAL_BASE_URL")
        assert "base_url" in call("subscription", "send")
