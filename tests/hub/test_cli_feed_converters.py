"""`hub feed converters`: the table that a person looks things up in."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from adapters.converters import CONVERTERS
from hub.cli.context import Session
from hub.cli.feed_converters import converters


def run(locale: str, *arguments: str) -> str:
    session = Session(Path("no-site"), locale)
    result = CliRunner().invoke(converters, arguments, obj=session, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_every_converter_stands_in_the_table() -> None:
    table = run("en")
    for name, converter in CONVERTERS.items():
        assert name in table
        assert converter.accepts.en.split()[0] in table


def test_one_of_them_in_both_languages() -> None:
    assert "二〇二三年十月十二日 → 2023-10-12" in run("en", "date")
    assert "2023年10月 → refused" in run("en", "date")
    assert "拒绝" in run("zh_CN", "date") and "转换器" in run("zh_CN", "date")
    assert "amount_wan" not in run("en", "date")


def test_for_programs() -> None:
    told = {one["converter"]: one for one in json.loads(run("en", "--json"))}
    assert told.keys() == CONVERTERS.keys()
    assert told["part"]["main_option"] == "number" and told["part"]["needs"] == ["number"]
    refused = {"cell": "某区", "refused": True, "result": None, "options": {}}
    assert refused in told["division"]["examples"]


def test_an_unknown_one() -> None:
    result = CliRunner().invoke(converters, ["dates"], obj=Session(Path("no-site"), "en"))
    assert result.exit_code == 2 and "'date'" in result.stderr
