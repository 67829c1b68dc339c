"""The standard of penalties with few fields: what the law asks about, so that steps are quick."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from exchange_schemas.catalogue import Catalogue, load_catalogue

DATASET = "administrative_penalty"
FIELDS = (
    "doc_no", "subject_name", "subject_type", "violation_type", "penalty_kinds", "procedure",
    "restriction_until", "decided_on", "severity_class", "fine_wan", "status",
    "party_home_province", "use_scope", "cert_no",
)  # fmt: skip
REQUIRED = ("doc_no", "subject_name", "violation_type", "penalty_kinds", "decided_on")


def small_catalogue(root: Path) -> Catalogue:
    """A catalogue in `root` whose only standard is the packaged one with `FIELDS` and no checks."""
    whole = load_catalogue()
    folder = root / "market_regulation" / DATASET
    folder.mkdir(parents=True, exist_ok=True)
    standard = whole.get(DATASET)
    properties = {name: dict(standard.fields[name].schema) for name in FIELDS}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": list(REQUIRED),
        "properties": properties,
        "additionalProperties": False,
    }
    (folder / "v1.schema.json").write_text(json.dumps(schema, ensure_ascii=False), "utf-8")
    told = yaml.safe_load((whole.folder(DATASET) / "standard.yml").read_text("utf-8"))
    told |= {"key": [["doc_no"]], "checks": [], "versions": [{"version": "1"}]}
    told["roles"] = {"name": "subject_name", "document": "doc_no", "date": "decided_on"}
    (folder / "standard.yml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    return load_catalogue(root)
