"""A city that delivers penalties to a province of ours."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.days import today
from hub.consumers.consumer import add_consumer, authenticate
from hub.database import connect, create_tables, write
from hub.grants.granting import apply_for
from hub.grants.terms import Terms
from hub.outbound.delivering import Round, deliver
from hub.outbound.desk import Desk, open_desk
from hub.outbound.fake_province import PASSWORD, USER, Province
from hub.outbound.tables import target_delivery, target_entry, target_record
from hub.outbound.target import find_target
from hub.outbound.way import Way
from hub.site import Site, create_site
from tests.hub.ledger_data import PENALTY, put

CONSUMER = "省信用平台"
CATALOGUE = load_catalogue()
_SAMPLES = files("exchange_schemas").joinpath(
    "standards/market_regulation/administrative_penalty/samples/valid.jsonl"
)
_SAMPLE: dict[str, Any] = json.loads(_SAMPLES.read_text(encoding="utf-8").splitlines()[0])
_MAN = {
    "subject_name": "李小明", "subject_type": "natural", "uscc": None, "legal_rep_name": None,
    "cert_type": "身份证", "cert_no": "440981199001010013", "case_name": None,
}  # fmt: skip


def a_decision(number: int, **more: Any) -> dict[str, Any]:
    """A penalty of a company that the province takes as it is; `more` are fields to change."""
    own = {
        "doc_no": f"茂南市监处罚〔2026〕{number}号",
        "doc_no_as_written": None,
        "uscc": f"91440902MA{number:07d}X",
        "penalty_kinds": ["罚款"],
        "confiscated_wan": None,
    }
    told = {**_SAMPLE, **own, **more}
    return {name: value for name, value in told.items() if value is not None}


def a_mans_decision(number: int, **more: Any) -> dict[str, Any]:
    """The same of a natural person."""
    return a_decision(number, **{**_MAN, **more})


@dataclass(frozen=True)
class City:
    """A site with its database; every test has its own."""

    site: Site
    engine: Engine
    catalogue: Catalogue

    def says(
        self, records: Sequence[Mapping[str, Any]], gone: Sequence[Any] = ()
    ) -> tuple[int, int]:
        """A run of a feed; returns its first and last seq."""
        return put(self.engine, PENALTY, records, gone, catalogue=self.catalogue)

    def declare(self, name: str, way: Mapping[str, Any], **more: Any) -> None:
        """A target's file."""
        told = {
            "target": name,
            "title": {"zh": "省双公示", "en": "Province"},
            "consumer": CONSUMER,
            "dataset": PENALTY,
            "table": "double_publicity_penalty_v2",
            "way": dict(way),
            **more,
        }
        self.site.targets.mkdir(exist_ok=True)
        text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False)
        (self.site.targets / f"{name}.yml").write_text(text, encoding="utf-8")
        allowed = {*os.environ.get("HUB_INTERNAL_TARGETS", "").split(","), name}
        os.environ["HUB_INTERNAL_TARGETS"] = ",".join(sorted(filter(None, allowed)))

    def desk(self, name: str) -> Desk:
        return open_desk(
            self.site, self.engine, self.catalogue, find_target(self.site.targets, name)
        )

    def deliver(self, name: str, way: Way | None = None) -> Round:
        """One round."""
        return deliver(self.desk(name), way)

    def rows(self, table: Any, *columns: Any) -> list[tuple[Any, ...]]:
        """What stands in a table of delivery."""
        with self.engine.connect() as connection:
            query = select(*columns) if columns else select(table)
            return [tuple(row) for row in connection.execute(query)]

    def entry_states(self) -> dict[int, str]:
        """seq → state of every entry that isn't simply taken."""
        return dict(self.rows(target_entry, target_entry.c.seq, target_entry.c.state))

    def delivery_states(self) -> list[str]:
        """States of all deliveries, in their order."""
        query = target_delivery.c
        return [state for _, state in sorted(self.rows(target_delivery, query.id, query.state))]

    def held(self) -> dict[str, int]:
        """key → seq of what the province holds."""
        has = target_record.c
        found = self.rows(target_record, has.key, has.seq, has.held)
        return {key: seq for key, seq, held in found if held}


def a_city(
    folder: Path, url: str, audience: str = "government", datasets: Sequence[str] = (PENALTY,)
) -> City:
    """A new site whose consumer may have penalties, or other datasets, in the view of this audience."""
    site = create_site(folder / "city")
    place = url.removeprefix("sqlite:///")
    if place != url:
        Path(place).write_bytes(_empty_hub())
    engine = connect(url)
    if place == url:
        create_tables(engine)
    with write(engine) as connection:
        if audience == "public":  # which nobody is registered for
            who = authenticate(connection, add_consumer(connection, CONSUMER, "government", []))
            assert who is not None
            terms = Terms(PENALTY, audience, "省级公示", "双公示", today().isoformat())
            apply_for(connection, CATALOGUE, who, terms, "管理员")
        else:
            add_consumer(connection, CONSUMER, audience, list(datasets))
    return City(site, engine, CATALOGUE)


@cache
def _empty_hub() -> bytes:
    """A new hub's SQLite file: making its tables takes longer than a test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hub.sqlite"
        engine = connect(f"sqlite:///{path}")
        create_tables(engine)
        engine.dispose()
        return path.read_bytes()


def soap_way(province: Province) -> dict[str, Any]:
    """`way:` of a target for its SOAP service."""
    os.environ.update(PROVINCE_USER=USER, PROVINCE_PASSWORD=PASSWORD)
    login = {
        "operation": "auth",
        "arguments": {"user": "${PROVINCE_USER}", "password": "${PROVINCE_PASSWORD}"},
    }
    return {
        "kind": "soap", "wsdl": province.wsdl, "operation": "bsync", "login": login,
        "soap_headers": {"token": "{token}", "serviceId": "exsend"},
        "arguments": {"message": "{message}"},
        "sender": "440900", "receiver": "440000", "seconds": 2,
    }  # fmt: skip


def json_way(province: Province) -> dict[str, Any]:
    """`way:` of a target for its JSON service."""
    return {"kind": "json", "url": province.json_url, "seconds": 2}
