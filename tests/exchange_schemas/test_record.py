"""Canonical JSON, digests and keys."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange_schemas.record import (
    DIGEST,
    JSON,
    canonical,
    canonical_column,
    digest,
    key_expr,
    parse_records,
    with_digest,
)
from exchange_schemas.standard import Standard

DTYPES = {
    "b": pl.String,
    "a": pl.String,
    "n": pl.Int64,
    "yes": pl.Boolean,
    "l": pl.List(pl.String),
}

# Plain texts and those that need an escape, so that columns of either kind come up often.
TEXT = st.one_of(
    st.sampled_from(
        ["", "茂名", '"', "\\", '"a":null,', ",}", "\x00\x1f\x7f", "\u2028", "😀", "\n\t"]
    ),
    st.text(),
    st.text("ab中"),
)
RECORD = st.fixed_dictionaries({}, optional={
    "a": st.none() | TEXT,
    "b": st.none() | TEXT,
    "n": st.none() | st.integers(-(2**53), 2**53),
    "yes": st.none() | st.booleans(),
    "l": st.none() | st.lists(TEXT, max_size=3),
})  # fmt: skip


def _frame(records: list[dict[str, object]]) -> pl.DataFrame:
    empty = dict.fromkeys(DTYPES)
    return pl.DataFrame([{**empty, **record} for record in records], schema=DTYPES)


@given(st.lists(RECORD, max_size=5))
@example([{"a": '","b":null,"'}, {"a": None}, {"l": ['"l":null,', ""]}])
def test_columns_encode_as_records_do(records: list[dict[str, object]]) -> None:
    frame = _frame(records)
    told = canonical_column(frame, DTYPES)
    assert [text.encode() for text in told] == [canonical(record) for record in records]
    read = parse_records(told, DTYPES)
    assert read.equals(frame)
    assert canonical_column(read, DTYPES).equals(told)


@given(st.lists(RECORD, min_size=1, max_size=3))
def test_digests_are_of_the_text(records: list[dict[str, object]]) -> None:
    rows = with_digest(_frame(records), DTYPES)
    assert rows[DIGEST].dtype == pl.Binary
    for record, text, found in zip(records, rows[JSON], rows[DIGEST], strict=True):
        assert found == digest(record) == hashlib.sha256(text.encode()).digest()


def test_canonical_form() -> None:
    record = {"b": "乙", "a": None, "é": 1, "Z": True, "l": ["x", '"']}
    assert canonical(record) == '{"Z":true,"b":"乙","l":["x","\\""],"é":1}'.encode()
    assert canonical({}) == b"{}"
    assert digest({}).hex().startswith("44136fa355b3")


def test_only_the_named_columns_count() -> None:
    rows = pl.DataFrame({"_line": [7], "b": ["2"], "a": ["1"]})
    assert canonical_column(rows, ["b", "a"]).to_list() == ['{"a":"1","b":"2"}']


def test_text_escapes_are_those_of_rfc_8785() -> None:
    text = "".join(map(chr, range(33))) + '"\\/\x7f\u2028'
    (told,) = canonical_column(pl.DataFrame({"a": [text]}), ["a"])
    assert json.loads(told) == {"a": text}
    assert r"\u0000" in told and r"\b\t\n\u000b\f\r" in told and r"\u001f" in told
    assert '\\"\\\\/\x7f\u2028' in told


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"uscc": "91", "reg_no": "44", "licence_no": "AB"}, "91|AB"),
        ({"reg_no": "44", "cert_no": "1", "licence_no": "AB"}, "44|AB"),
        ({"uscc": "a|b%", "licence_no": "c"}, "a%7Cb%25|c"),
        ({"uscc": "91"}, None),
        ({"licence_no": "AB"}, None),
    ],
)
def test_keys(licence: Standard, record: dict[str, str], key: str | None) -> None:
    rows = pl.DataFrame([dict.fromkeys(licence.dtypes) | record], schema=licence.dtypes)
    assert rows.select(key_expr(licence)).item() == key


@given(st.lists(st.tuples(st.text("ab|%7C25"), st.text("ab|%7C25")), unique=True, max_size=6))
def test_different_records_have_different_keys(pairs: list[tuple[str, str]]) -> None:
    rows = pl.DataFrame(pairs, schema={"x": pl.String, "y": pl.String}, orient="row")
    standard = _KEYED
    assert rows.select(key_expr(standard)).to_series().n_unique() == len(pairs)


_EMPTY = dict.fromkeys(Standard.__dataclass_fields__, "")
_KEYED = replace(Standard(**_EMPTY), key=(("x",), ("y",)), fields={"x": None, "y": None})  # type: ignore[arg-type]


def test_naughty_strings(shared: Path) -> None:
    path = shared / "data" / "naughty-strings" / "blns.json"
    records = [{"a": text, "l": [text]} for text in json.loads(path.read_text(encoding="utf-8"))]
    told = canonical_column(_frame(records), DTYPES)
    assert [text.encode() for text in told] == [canonical(record) for record in records]
