"""What the credit pages show, each once: a class, a warning, an appeal, a proposed version, a subscription."""

from __future__ import annotations

from sqlalchemy import Engine

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.credit_rules import packaged_rules
from exchange_schemas.days import today
from hub import people
from hub.credit import appeals, versions, watches
from hub.credit.appeals import Claim
from hub.credit.versions import Proposal
from hub.database import write
from tests.hub.ledger_data import put

CREDITED = "91440902MA0000001X"
_KEY = f"11440900000000019J|茂市监处罚〔2026〕1号|{CREDITED}"
LINE = f"penalty_fine|12|2026-10-08|2029-10-08|administrative_penalty|{_KEY}"
_CLASS = {
    "subject": CREDITED, "subject_name": "信宜市第1号商行", "division_code": "440983", "industry_section": "C",
    "industry_code": "1810", "score": "90.40", "integrity_score": 88, "industry_score": 100,
    "region_score": 100, "alert_score": 90, "credit_class": "A", "version": "2026.1",
    "contributions": [LINE], "computed_on": "2026-11-30",
}  # fmt: skip
_WARNING = {
    "subject": CREDITED, "subject_name": "信宜市第1号商行", "division_code": "440983", "rule": "complaints_many",
    "level": "提示", "reason": "半年内消费投诉集中（5 条记录，分类 A）", "credit_class": "A",
    "version": "2026.1", "began_on": "2026-11-30",
}  # fmt: skip


def credit_objects(engine: Engine) -> dict[str, int]:
    """Make them; returns room of the console → number of its object."""
    catalogue = load_catalogue()
    put(engine, "credit_class", [_CLASS])
    text = packaged_rules().text.replace('"2026.1"', '"2026.2"')
    with write(engine) as connection:
        for role in ("reviewer", "handler"):
            people.grant(connection, "credit.clerk", "market_regulation", role, "tests")
        one = Proposal(text, "own.yml", today(), "年度调整")
        version = versions.propose(connection, catalogue, one, "credit.clerk")
        claim = Claim(
            CREDITED,
            "administrative_penalty",
            _KEY,
            "penalty_fine",
            "商行",
            "已撤销",
            "撤销决定书",
        )
        appeal = appeals.take(connection, catalogue.law().calendar, claim, "credit.clerk")
        watch = watches.watch(connection, packaged_rules(), "credit.clerk", {"levels": ["提示"]})
    put(engine, "credit_warning", [_WARNING])
    return {"credit_versions": version, "credit_appeals": appeal, "credit_warnings": watch}
