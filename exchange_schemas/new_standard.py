"""Starts a standard: a folder that passes its check, for a person to go on from."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from exchange_schemas.breaking import complete_invalid
from exchange_schemas.check import INVALID, VALID
from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.loading import load_standard

_NAME = re.compile(r"([a-z][a-z0-9_]{0,63})/([a-z][a-z0-9_]{0,63})")

NOT_YET = {"zh": "待填写", "en": "to be written"}


def new_standard(told: str, root: Path, title: str, title_en: str, day: date) -> Path:
    """Write the folder `root/DEPARTMENT/DATASET` for `told` = "DEPARTMENT/DATASET"; returns it.

    `day` is from when version 1 is valid. Raises Misdeclared: name_wrong, owner_unknown,
    folder_exists.
    """
    named = _NAME.fullmatch(told)
    if named is None:
        raise Misdeclared(Issue("name_wrong", value=told))
    department, dataset = named.groups()
    known = load_codes("departments").codes
    if department not in known:
        words = {"known": ", ".join(known)}
        raise Misdeclared(Issue("owner_unknown", value=department, params=words))
    folder = root / department / dataset
    if folder.exists():
        raise Misdeclared(Issue("folder_exists", value=str(folder)))
    (folder / "samples").mkdir(parents=True)
    declared = _declaration(department, dataset, title, title_en, day)
    text = yaml.safe_dump(declared, allow_unicode=True, sort_keys=False, width=99)
    _write(folder / "standard.yml", text)
    _write(folder / "v1.schema.json", _json(_schema(dataset)))
    changes = f"# {title_en}: changes\n\n## Version 1, valid from {day}\n\nFirst version.\n"
    _write(folder / "CHANGELOG.md", changes)
    _write(folder / VALID, json.dumps(_sample(), ensure_ascii=False) + "\n")
    complete_invalid(load_standard(folder.resolve(), None), folder / VALID, folder / INVALID)
    return folder


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _declaration(
    department: str, dataset: str, title: str, title_en: str, day: date
) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "title": {"zh": title, "en": title_en},
        "description": dict(NOT_YET),
        "owners": [{"department": department, "role": "owner"}],
        "cycle": "monthly",
        "share_type": "conditional",
        "share_condition": dict(NOT_YET),
        "resource_code": "399001/000001",
        "legal_basis": ["待填写"],
        "public": False,  # nothing is public that nobody decided on
        "publication": {"zh": "不公开", "en": "Not public"},
        "key": [["record_no"]],
        "roles": {"name": "subject_name", "code": "uscc", "document": "record_no"},
        "as_of": ["recorded_on"],
        "versions": [{"version": "1", "valid_from": day}],
    }


def _schema(dataset: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:exchange:{dataset}:1",
        "type": "object",
        "allOf": [{"$ref": "block:subject"}, {"$ref": "block:provenance"}],
        "properties": {
            "record_no": {
                "title": "记录编号",
                "x-title-en": "Record number",
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "x-tier": "government",
                "x-source": ["hub"],
            },
            "recorded_on": {
                "title": "记录日期",
                "x-title-en": "Recorded on",
                "type": "string",
                "format": "date",
                "x-tier": "government",
                "x-source": ["hub"],
            },
        },
        "required": ["record_no", "recorded_on"],
        "unevaluatedProperties": False,
    }


def _sample() -> dict[str, Any]:
    """An invented company; its credit code has a right check digit and belongs to nobody."""
    return {
        "record_no": "1",
        "recorded_on": "2026-01-05",
        "subject_name": "茂名市样例商贸有限公司",
        "subject_type": "legal_or_unincorporated",
        "uscc": "91440902MA0000015X",
    }
