"""Breaks valid samples, one thing at a time, until every rule of a standard was broken once.

What comes out are the lines of `invalid.jsonl`: for each rule the record that breaks it with the
fewest other issues. Samples that somebody wrote stay as long as they raise what they say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from exchange_schemas.sample_check import ABOUT_THE_CALENDAR, read_samples, samples_issues
from exchange_schemas.standard import Field, Standard
from exchange_schemas.validate import rules_of

Record = Mapping[str, Any]

LONG_AGO, FAR_OFF = "1901-01-01", "2099-12-30"
NEVER = "无此值"  # no code list has it
DONORS = 3  # other values of a field that are tried


def complete_invalid(standard: Standard, valid: Path, invalid: Path) -> tuple[int, list[str]]:
    """Write `invalid` anew; returns how many samples it has and the rules that nothing broke.

    A rule is told as "code:field". Raises OSError, ValueError where samples can't be read.
    """
    records = [record for record, _ in read_samples(valid)]
    kept = _still_right(standard, invalid)
    told = {issue for _, issues in kept for issue in issues}
    wanted = [rule for rule in wanted_issues(standard) if rule not in told]
    found, missed = _break(standard, records, wanted)
    lines = [
        json.dumps({"issues": sorted(issues), "record": record}, ensure_ascii=False)
        for record, issues in [*kept, *found]
    ]
    invalid.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines), missed


def wanted_issues(standard: Standard) -> list[str]:
    """What a standard's rules can raise in one record, as "code:field"."""
    rules = [rule for rule in rules_of(standard) if rule.code not in ABOUT_THE_CALENDAR]
    return list(dict.fromkeys(f"{rule.code}:{rule.field}" for rule in rules))


def _still_right(standard: Standard, invalid: Path) -> list[tuple[Record, set[str]]]:
    if not invalid.is_file():
        return []
    samples = list(read_samples(invalid))
    raised = samples_issues(standard, [record for record, _ in samples])
    return [one for one, found in zip(samples, raised, strict=True) if one[1] == found]


def _break(
    standard: Standard, records: list[Record], wanted: list[str]
) -> tuple[list[tuple[Record, set[str]]], list[str]]:
    broken = list(_broken(standard, records))
    raised = samples_issues(standard, broken)
    ranked = sorted(zip(broken, raised, strict=True), key=lambda one: len(one[1]))
    found: list[tuple[Record, set[str]]] = []
    missed = []
    for rule in wanted:
        first = next((one for one in ranked if rule in one[1]), None)
        if first is None:
            missed.append(rule)
        elif not any(rule in issues for _, issues in found):
            found.append(first)
    return found, missed


def _broken(standard: Standard, records: list[Record]) -> Iterator[Record]:
    """Every record with one field taken away, given another record's value, or spoilt."""
    for name, field in standard.fields.items():
        given = list({str(r[name]): r[name] for r in records if name in r}.values())
        for record in records:
            if name in record:
                yield {n: value for n, value in record.items() if n != name}
            values = [*given[:DONORS], *_other_codes(field), *_spoilt(field, record.get(name))]
            for value in values:
                if value != record.get(name):
                    yield {**record, name: value}


def _other_codes(field: Field) -> list[Any]:
    if field.kind == "boolean":
        return [True, False]
    if field.kind == "list":
        return [[code] for code in field.schema.get("items", {}).get("enum", ())]
    return list(field.schema.get("enum", ()))


def _spoilt(field: Field, value: Any) -> Iterator[Any]:
    """Values that rules of the field's kind refuse."""
    schema = field.schema
    if field.kind == "integer":
        yield from (schema.get("minimum", 0) - 1, schema.get("maximum", 0) + 1)
    elif field.kind == "list":
        texts = list(_spoilt_text(schema.get("items", {}), NEVER))
        yield from ([text] for text in texts)
        yield from ([], [str(n) for n in range(schema.get("maxItems", 0) + 1)], [NEVER, NEVER])
    elif field.kind in {"date", "datetime"}:
        tail = "T08:00:00+08:00" if field.kind == "datetime" else ""
        yield from (f"{day}{tail}" for day in ("2025-02-30", LONG_AGO, FAR_OFF))
    elif field.kind == "decimal":
        yield from ("-1", "1,5", "98765", "0.12345678", "9" * 20)
    elif field.kind == "string":
        yield from _spoilt_text(schema, value if isinstance(value, str) else NEVER)


def _spoilt_text(schema: Mapping[str, Any], value: str) -> Iterator[str]:
    yield from ("", NEVER, "440999", "0000", "X", ";!")
    if value:
        yield value[:-1] + ("0" if value[-1] != "0" else "1")  # another check digit
        yield "".join(reversed(value))
    longest = schema.get("maxLength")
    if longest:
        yield (value or NEVER) * (longest // max(len(value), 1) + 2)
        yield "长" * (longest + 1)
