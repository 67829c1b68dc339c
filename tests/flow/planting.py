"""Records with canaries in all that the public doesn't see, and in all texts that it does.

The standards' own valid samples are planted; what a standard then refuses is put back as it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.issue import ERRORS
from exchange_schemas.standard import Field, Mask, Standard
from exchange_schemas.validate import check
from tests.flow.canaries import Mint, Record, resident_id

SAMPLES = 14  # of each standard
BLOCKED = 3  # the place of the record with private data where no mask removes it
_TRIES = 6


def samples(catalogue: Catalogue, dataset: str) -> list[Record]:
    """The first valid samples of a standard; every fourth is a natural person's where that hides
    something of it."""
    path: Path = catalogue.folder(dataset) / "samples" / "valid.jsonl"
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = [one.get("record", one) for one in told][:SAMPLES]
    standard = catalogue.get(dataset)
    hiding = {n: v[0] for m in masks(standard) for n, v in m.when.items()}
    given = [{**one, **hiding} if n % 4 == 2 else one for n, one in enumerate(found)]
    refused = broken(standard, given)
    return [found[n] if n in refused else one for n, one in enumerate(given)]


def masks(standard: Standard) -> list[Mask]:
    """The masks that may hide something from the public."""
    return [m for f in standard.fields.values() for m in f.masks if "public" in m.audiences]


def broken(standard: Standard, records: list[Record]) -> dict[int, dict[str, set[str]]]:
    """Place of a record that the standard refuses → field → codes of its errors."""
    rows = [
        {LINE: n, **{name: r.get(name) for name in standard.fields}} for n, r in enumerate(records)
    ]
    frame = pl.DataFrame(rows, schema={LINE: pl.Int64, **standard.dtypes})
    issues = check(standard, Batch(frame)).issues.filter(pl.col("code").is_in(ERRORS))
    found: dict[int, dict[str, set[str]]] = {}
    for line, name, code in issues.select("line", "field", "code").iter_rows():
        found.setdefault(line, {}).setdefault(name, set()).add(code)
    return found


def planted(mint: Mint, catalogue: Catalogue, dataset: str) -> list[Record]:
    """The samples of a standard with canaries, all of them valid records."""
    standard = catalogue.get(dataset)
    originals = samples(catalogue, dataset)
    made = [plant(mint, standard, one, number=n) for n, one in enumerate(originals)]
    for _ in range(_TRIES):
        wrong = broken(standard, made)
        if not wrong:
            return made
        for place, fields in wrong.items():
            made[place] = _mended(mint, standard, made[place], originals[place], fields)
    raise AssertionError(f"{dataset}: {broken(standard, made)}")


def plant(mint: Mint, standard: Standard, sample: Record, *, number: int) -> Record:
    """One sample with canaries. What is public keeps its beginning, because other fields may have
    to agree with it, and in every second record has private numbers where a mask removes them."""
    made = dict(sample)
    for name, one in standard.fields.items():
        hidden = not (standard.public and one.visible_to("public"))
        if not hidden and (name not in sample or not _is_text(one)):
            continue
        value = mint.value(standard.dataset, one, sample.get(name), hidden=hidden)
        if value is None:
            continue
        made[name] = value
        if number % 2 and _is_text(one) and _masked_as_text(one):
            made[name] = _with_private(mint, standard, one, value)
    if number == BLOCKED and standard.public:
        _put_in_the_open(mint, standard, made)
    return made


def _mended(
    mint: Mint, standard: Standard, record: Record, original: Record, wrong: dict[str, set[str]]
) -> Record:
    """Without what the standard doesn't take: days in the past in place of the future, else what
    the sample has."""
    mended = dict(record)
    for name, codes in wrong.items():
        if codes == {"required"} and name.endswith("_public"):  # an annual report's choice
            mended[name] = True
            continue
        if codes == {"date_order"}:
            for other, one in standard.fields.items():
                if one.kind == "date" and str(record.get(other, "")) > mint.first_far:
                    mended[other] = mint.past(standard.dataset, one)
        if mended.get(name) != record.get(name):
            continue
        # What is right by itself is wrong beside a day or a field that was planted.
        own = record.get(name) != original.get(name)
        told = (name,) if own else (*standard.as_of, *(set(record) - set(original)))
        mended = {n: v for n, v in mended.items() if n not in told}
        mended |= {n: original[n] for n in told if n in original}
    return mended


def _is_text(one: Field) -> bool:
    return one.kind == "string" and not {"enum", "format", "pattern"} & set(one.schema)


def _masked_as_text(one: Field) -> bool:
    return any(m.rule == "free_text" and "public" in m.audiences for m in one.masks)


def _with_private(mint: Mint, standard: Standard, one: Field, text: str) -> str:
    longest = int(one.schema.get("maxLength", 1000))
    private = mint.private(standard.dataset, one)
    return f"{text}，{private}" if len(text) + len(private) < longest else text


def _put_in_the_open(mint: Mint, standard: Standard, record: Record) -> None:
    """An identity number in a public text that no mask looks at, which blocks the record, and a day
    of a year that no chart may show."""
    day = standard.roles.date
    if day is not None and standard.fields[day].kind == "date" and day in record:
        record[day] = mint.past(standard.dataset, standard.fields[day])
    for name, one in standard.fields.items():
        text = record.get(name)
        room = int(one.schema.get("maxLength", 1000)) - len(str(text or ""))
        if one.visible_to("public") and _is_text(one) and not one.masks and text and room > 20:
            record[name] = f"{text} {resident_id(len(mint.made) + 900_000)}"
            return


def spoilt(mint: Mint, standard: Standard, sample: Record) -> Record | None:
    """A record that the standard refuses for every text in it, so that each is told of; None where
    no text has a limit."""
    made: dict[str, Any] = dict(sample)
    for name, one in standard.fields.items():
        longest = one.schema.get("maxLength")
        if longest is not None and _is_text(one):
            made[name] = str(mint.value(standard.dataset, one)) + "长" * int(longest)
    return made if made != sample else None
