"""The packaged rules are sound, each has a vector, and a site's files go over them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.clocks import publish_by
from exchange_schemas.errors import Misdeclared
from exchange_schemas.law import LAW, load_law
from exchange_schemas.law_check import check_law, law_issues
from exchange_schemas.law_words import clocks_table, never_table
from exchange_schemas.references import load_references
from tests.exchange_schemas import law_vectors as vectors

CATALOGUE = load_catalogue()
PAGE = Path(__file__).parents[2] / "docs" / "clocks.md"

RULE = """- id: dual-publicity
  version: "2030-01-01"
  kind: publish_by
  datasets: [administrative_penalty]
  from: decided_on
  working_days: 5
  basis: 本省规定
  basis_en: A province's own
  source: hub
"""


def wrong(own: Path) -> tuple[str, str]:
    """The rule and the English message with which a site's law is refused."""
    with pytest.raises(Misdeclared) as caught:
        load_law(own)
    return caught.value.issue.code, caught.value.issue.message("en")


def test_rules_speak_of_what_there_is() -> None:
    law = load_law()
    standards = [CATALOGUE.get(name) for name in CATALOGUE.datasets()]
    assert check_law(law, standards) == []
    assert {rule.source for rule in (*law.clocks, *law.never)} <= load_references().keys()
    assert all(date.fromisoformat(rule.version) for rule in (*law.clocks, *law.never))


def test_every_rule_has_a_vector() -> None:
    law = load_law()
    told = [
        vectors.PUBLISH, vectors.DUE, vectors.UNTIL, vectors.SEVERITY, vectors.LEAST,
        vectors.HEAVY, vectors.NEVER,
    ]  # fmt: skip
    proved = {row[0] for table in told for row in table}  # type: ignore[attr-defined]
    assert proved == {rule.id for rule in (*law.clocks, *law.never)}


def test_the_table_in_the_guide_is_true() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for table in (clocks_table(load_law()), never_table(load_law())):
        assert table in page, f"put this into docs/clocks.md:\n{table}"


def test_a_site_replaces_a_rule_by_its_id_and_adds_others(tmp_path: Path) -> None:
    other = RULE.replace("dual-publicity", "own-rule").replace("5", "9")
    (tmp_path / "clocks.yml").write_text(RULE + other, encoding="utf-8")
    packaged, law = load_law(), load_law(tmp_path)
    assert [r.id for r in law.clocks] == [*(r.id for r in packaged.clocks), "own-rule"]
    standard = CATALOGUE.get("administrative_penalty")
    record = pl.DataFrame([vectors.penalty("2025-09-29")], schema=standard.dtypes)
    assert publish_by(law, standard, record).row(0) == (
        date(2025, 10, 13),
        "dual-publicity@2030-01-01",
    )
    assert packaged.digest == load_law().digest != law.digest
    assert law.rule("dual-publicity@2018-07-25") is None
    assert law.name == f"law@{law.digest[:16]}"


def test_a_site_keeps_two_versions_of_a_rule(tmp_path: Path) -> None:
    old = RULE.replace("2030-01-01", "2018-07-25").replace("_days: 5", "_days: 7")
    old += "  valid_to: 2025-12-31\n"
    new = RULE.replace("  from:", "  valid_from: 2026-01-01\n  from:")
    (tmp_path / "clocks.yml").write_text(old + new, encoding="utf-8")
    standard = CATALOGUE.get("administrative_penalty")
    days = [vectors.penalty(day) for day in ("2025-12-31", "2026-01-01")]
    found = publish_by(load_law(tmp_path), standard, pl.DataFrame(days, schema=standard.dtypes))
    assert found.rows() == [
        (date(2026, 1, 12), "dual-publicity@2018-07-25"),
        (date(2026, 1, 8), "dual-publicity@2030-01-01"),
    ]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    before = load_law(tmp_path)
    assert load_law(tmp_path) is before
    settings = tmp_path / "settings.yml"
    settings.write_text("low_fine_yuan: 3000\n", encoding="utf-8")
    after = load_law(tmp_path)
    assert after.settings.low_fine_yuan == Decimal(3000)
    assert after.settings.choice == before.settings.choice == "shorter"
    assert after.digest != before.digest


def test_a_rule_may_be_switched_off(tmp_path: Path) -> None:
    text = (LAW / "never.yml").read_text(encoding="utf-8")
    text = text.replace("- id: penalty-minor\n", "- id: penalty-minor\n  enabled: false\n")
    (tmp_path / "never.yml").write_text(text, encoding="utf-8")
    rules = {rule.id: rule for rule in load_law(tmp_path).never}
    assert not rules["penalty-minor"].speaks_of("administrative_penalty")
    assert rules["penalty-summary"].speaks_of("administrative_penalty")
    assert "switched off" in never_table(load_law(tmp_path))


@pytest.mark.parametrize(("old", "new", "message"), [
    ("kind: publish_by", "kind: publish", "clocks.yml, dual-publicity: there is no kind publish"),
    ("working_days: 5", "working_days: -1", "-1 isn't a number of working_days"),
    ("working_days: 5", "working_days: true", "True isn't a number of working_days"),
    ("  working_days: 5\n", "", "one of working_days, days, months"),
    ("working_days: 5", "working_days: 5\n  years: 3", "years isn't known"),
    ("working_days: 5", "day_of_next_month: 31", "day_of_next_month is from 1 to 28"),
    ("  basis: 本省规定\n", "", "basis is missing"),
    ("source: hub", "source: rumour", "there is no reference rumour"),
    ("  from:", "  valid_from: soon\n  from:", "valid_from and valid_to are days"),
    ("  from:", "  valid_from: 2026-01-02\n  valid_to: 2026-01-01\n  from:", "before valid_from"),
    ("  from:", "  untill: 2026-01-02\n  from:", "untill isn't known"),
    ("  from:", "  when: {fine_wan: {below: {yuan: nothing}}}\n  from:", "no setting nothing"),
    ("  from:", "  when: always\n  from:", "when: is a condition"),
    ("  from:", "  configured: maybe\n  from:", "configured is true or false"),
    ("- id:", "- name:", "a rule is a mapping with an id"),
    ("  kind:", "  id: again\n  kind:", "key id stands twice"),
    (RULE, RULE + RULE, "stands twice"),
    (RULE, "rules: none", "the file is a list of rules"),
    (RULE, "- [", "can't be read"),
])  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in RULE
    (tmp_path / "clocks.yml").write_text(RULE.replace(old, new), encoding="utf-8")
    code, told = wrong(tmp_path)
    assert code == "law_invalid"
    assert message in told and "clocks.yml" in told


@pytest.mark.parametrize(("text", "message"), [
    ("low_fine: 3000", "settings.yml, low_fine: isn't known"),
    ("low_fine_yuan: many", "many isn't an amount in yuan"),
    ("low_fine_yuan: -1", "-1 isn't an amount in yuan"),
    ("low_fine_yuan: true", "True isn't an amount in yuan"),
    ("objection_mark: 1", "1 isn't what it should be"),
    ("choice: best", "best is none of shorter, longer, penalty-three-months"),
    ("choice: dual-publicity", "dual-publicity is none of shorter"),
    ("- 1", "the file is a mapping"),
])  # fmt: skip
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "settings.yml").write_text(text, encoding="utf-8")
    code, told = wrong(tmp_path)
    assert code == "law_invalid"
    assert message in told


@pytest.mark.parametrize(("old", "new", "message"), [
    ("[administrative_penalty]", "[penalties]", "there is no dataset penalties"),
    ("from: decided_on", "from: decided", "administrative_penalty has no date decided"),
    ("from: decided_on", "from: doc_no", "administrative_penalty has no date doc_no"),
    ("  from:", "  when: {fine: {below: 1}}\n  from:", "condition fine: there is no field"),
    ("  from:", "  when: {doc_no: {below: 1}}\n  from:", "doc_no: isn't an amount"),
])  # fmt: skip
def test_a_rule_that_would_never_hold_is_found(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    (tmp_path / "clocks.yml").write_text(RULE.replace(old, new), encoding="utf-8")
    standards = [CATALOGUE.get(name) for name in CATALOGUE.datasets()]
    (issue,) = check_law(load_law(tmp_path), standards)
    assert (issue.code, issue.value) == ("law_invalid", "dual-publicity@2030-01-01")
    assert message in issue.message("en")


def test_what_the_operator_is_told(tmp_path: Path) -> None:
    assert [one.code for one in law_issues(load_law(), date(2026, 11, 24))] == [
        "calendar_provisional",
        "low_fine_unset",
    ]
    told = "low_fine_yuan: '5000'\ncalendar_alarm_days: 500\n"
    (tmp_path / "settings.yml").write_text(told, encoding="utf-8")
    issues = law_issues(load_law(tmp_path), date(2026, 11, 24))
    assert [one.code for one in issues] == ["calendar_ending", "calendar_provisional"]
    assert "402 days" in issues[0].message("en")
    assert "2027-12-31" in issues[0].message()
