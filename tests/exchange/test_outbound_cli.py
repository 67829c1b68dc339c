"""`hub target` as an operator types it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from hub import jobs
from hub.cli.main import hub
from hub.consumers.consumer import add_consumer
from hub.database import write
from hub.outbound.fake_province import Province, running
from hub.outbound.job import KIND, enqueue, topic
from tests.exchange.outbound_site import City, a_city, a_decision, json_way, soap_way

GUIDE = Path(__file__).parents[2] / "docs" / "deliver-to-the-province.md"


@pytest.fixture
def city(tmp_path: Path) -> City:
    return a_city(tmp_path, f"sqlite:///{tmp_path / 'city' / 'hub.sqlite'}".replace("city/", ""))


@pytest.fixture
def province() -> Iterator[Province]:
    with running() as one:
        yield one


def run(city: City, *told: str, env: dict[str, str] | None = None) -> Result:
    url = str(city.engine.url)
    words = ["--site", str(city.site.path), *told]
    return CliRunner().invoke(hub, words, env={"HUB_DATABASE_URL": url, **(env or {})})


def test_a_target_from_its_declaration_to_its_status(city: City, province: Province) -> None:
    city.says([a_decision(1), a_decision(2, facts=None)])
    city.declare("p", soap_way(province))
    assert json.loads(run(city, "target", "list", "--json").stdout)[0]["way"] == "soap"
    checked = run(city, "target", "check", "p")
    assert (checked.exit_code, checked.stdout) == (0, "报送目标 p：没有问题。\n")
    shown = run(city, "target", "preview", "p", "--rows", "2")
    assert "省级要求填写违法事实" in shown.stdout.replace("\n", "")
    assert "法人及非法人组织" in shown.stdout
    assert province.calls == 0
    done = run(city, "target", "run", "p", "--json")
    assert json.loads(done.stdout)["taken"] == 1, done.output
    told = json.loads(run(city, "target", "status", "p", "--json").stdout)
    assert told["targets"][0]["held"] == 1
    (left,) = told["undelivered"]
    assert (left["seq"], left["state"], left["issues"][0]["field"]) == (2, "quarantined", "CF_SY")
    assert "已暂扣" in run(city, "target", "status", "p").stdout
    assert run(city, "target", "reset", "p", "--to", "0").exit_code == 0
    assert run(city, "target", "reset", "p", "--to", "9", "--json").exit_code == 1
    assert run(city, "target", "retry", "p").exit_code == 0
    assert run(city, "exchange", "returns").exit_code == 0


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"fields": {"CF_NR": "contents"}}, "field_unknown"),
    ({"fields": {"CF_NR": {"from": "content", "convert": "date"}}}, "target_converter_unfit"),
    ({"fields": {"CF_NR": {"from": "content", "convert": "dates"}}}, "converter_unknown"),
    ({"fields": {"CF_XX": "content"}}, "target_column_unknown"),
    ({"fields": {"CF_XDR_LB": {"from": "subject_type", "convert": "codes", "table": {"natural": "人"}}}},
     "target_code_unmapped"),
    ({"fields": {"CF_JDRQ": {"from": "decided_on", "convert": "date", "form": "YYYY-MM"}}}, "target_form"),
    ({"fields": {"CF_JDRQ": {"from": "decided_on", "convert": "date", "unit": "wan"}}}, "option_unknown"),
    ({"fields": {"CF_XDR_LB": {"from": "subject_type", "convert": "codes"}}}, "target_option_missing"),
    ({"columns": {"CF_ZZ": {"title": "另一列", "required": True}}}, "target_column_unmapped"),
    ({"fields": {"BZ": {"from": "remark", "when": {"subject_type": ["man"]}}}}, "target_value_unknown"),
    ({"dataset": "market_entity"}, "target_table_differs"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "code"), BROKEN, ids=[code for _, code in BROKEN])
def test_a_wrong_declaration_is_explained(
    city: City, province: Province, more: dict[str, Any], code: str
) -> None:
    city.declare("p", json_way(province), **more)
    result = run(city, "target", "check", "p", "--json")
    assert code in [one["code"] for one in json.loads(result.stdout)["issues"]]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "change",
    [
        {"way": {"kind": "fax"}}, {"way": {"kind": "json"}}, {"way": {"kind": "json", "uri": "x"}},
        {"batch": 0}, {"fields": {"CF_NR": {"value": 3}}}, {"table": "none"}, {"more": 1},
    ],
)  # fmt: skip
def test_what_is_not_of_the_form_is_told_with_its_place(
    city: City, province: Province, change: dict[str, Any]
) -> None:
    city.declare("p", json_way(province))
    path = city.site.targets / "p.yml"
    told = {**yaml.safe_load(path.read_text(encoding="utf-8")), **change}
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    result = run(city, "target", "check", "p", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] in ("target_invalid", "target_table_unknown")


def test_secrets_stay_out_of_the_file(city: City, province: Province) -> None:
    way = soap_way(province)
    way["login"] = {"operation": "auth", "arguments": {"user": "a", "password": "open-4711"}}
    city.declare("p", way)
    result = run(city, "target", "check", "p")
    assert result.exit_code == 1
    assert "secret_in_file" in result.output
    assert "4711" not in result.output


def test_without_a_grant_nothing_is_delivered(city: City, province: Province) -> None:
    city.says([a_decision(1)])
    city.declare("p", json_way(province), consumer="别人")
    result = run(city, "target", "run", "p", "--json")
    assert json.loads(result.stdout)["error"]["code"] == "target_no_consumer"
    assert province.calls == 0


def test_the_schedule_queues_a_round_when_the_stream_grew(city: City, province: Province) -> None:
    city.declare("p", json_way(province))
    city.says([a_decision(1)])
    with write(city.engine) as connection:
        (job,) = enqueue(connection, city.site, city.catalogue)
        assert enqueue(connection, city.site, city.catalogue) == []
    lease = jobs.take(city.engine, job)
    assert lease is not None
    assert (lease.kind, topic("p")) == (KIND, "target:p")
    city.deliver("p")
    with write(city.engine) as connection:
        jobs.finish(connection, lease, {})
        assert enqueue(connection, city.site, city.catalogue) == []
    city.says([a_decision(2)])
    with write(city.engine) as connection:
        assert len(enqueue(connection, city.site, city.catalogue)) == 1


def test_the_declarations_of_the_guide_are_sound(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "PASSWORD", "SFTP_KEY", "DATABASE"):
        monkeypatch.setenv(f"PROVINCE_{name}", "x")
    with write(city.engine) as connection:
        add_consumer(connection, "许可接收方", "government", ["administrative_license"])
    text = GUIDE.read_text(encoding="utf-8")
    found = [
        block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "target:" in block
    ]
    assert len(found) == 5
    city.site.targets.mkdir()
    for number, block in enumerate(found):
        path = city.site.targets / f"t{number}.yml"
        licences = "administrative_license" in block
        text = block.replace("省信用平台", "许可接收方") if licences else block
        path.write_text(text, encoding="utf-8")
        result = run(city, "target", "check", str(path), "--json")
        told = json.loads(result.stdout)
        assert [one["code"] for one in told["issues"]] == [], told
