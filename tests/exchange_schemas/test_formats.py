"""The named formats: what each accepts, in a column and one by one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.formats import FORMAT_CHECKER, FORMATS

ACCEPTED = {
    "date": ["2026-01-31", "2024-02-29", "1900-01-01"],
    "date-time": ["2026-01-31T08:00:00+08:00", "2026-01-31T23:59:59.123Z"],
    "decimal": ["0", "10", "1234.56", "-0.5", "100000000000.000001"],
    "uscc": ["91440902MA0000015X", "51440900MJ0000018Y"],
    "org-code": ["674737244", "L07196379"],
    "reg-no": ["440900000000008", "33021200019832", "4409002000123"],
    "division-code": ["440902", "330203001", "330203001002"],
    "resident-id": ["440902199001010011", "440902900101001"],
    "doc-no": ["茂市监处罚〔2023〕12号", "粤茂南市监罚字〔2023〕A-7号"],
}
REFUSED = {
    "date": ["2026-02-30", "2025-02-29", "20260131", "2026/01/31", "2026-1-31", "2026-01-31 "],
    "date-time": [
        "2026-01-31",
        "2026-01-31T24:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-31T08:00",
    ],
    "decimal": ["", "007", "1,000", "1.", ".5", "1e3", "+1", "１", "万"],
    "uscc": ["91440902MA0000015Y", "9144090", "91440902ma0000015X", "00000000000000000X"],
    "org-code": ["67473724-4", "674737245", "67473724"],
    "reg-no": ["440900000000007", "12345", "注册号", ""],
    "division-code": ["4409", "4409021", "04490", "440902 "],
    "resident-id": ["440902199013010013", "440902199001010012", "44090290130100", ""],
    "doc-no": ["茂市监处罚[2023]12号", "茂市监处罚〔23〕12号", "无文号", "〔2023〕12号"],
}

SEEN = [text for texts in ACCEPTED.values() for text in texts]


@pytest.mark.parametrize("name", FORMATS)
def test_values_of_every_format(name: str) -> None:
    for text in [*ACCEPTED[name], FORMATS[name].example]:
        assert FORMAT_CHECKER.conforms(text, name), text
    for text in [*REFUSED[name], *(f"{text}\n" for text in ACCEPTED[name])]:
        assert not FORMAT_CHECKER.conforms(text, name), text


def test_what_is_no_text_has_no_format() -> None:
    assert FORMAT_CHECKER.conforms(7, "uscc")
    assert FORMAT_CHECKER.conforms("anything", "not-a-format")


@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.one_of(st.none(), st.text(max_size=20), st.sampled_from(SEEN))),
)
def test_a_column_is_judged_as_its_values_are(name: str, values: list[str | None]) -> None:
    form = FORMATS[name]
    tests = form.failures(pl.col("v")).values()
    failed = pl.any_horizontal([test.fill_null(value=False) for test in tests])
    frame = pl.DataFrame({"v": values}, schema={"v": pl.String})
    assert (~frame.select(failed).to_series()).to_list() == [form.accepts(v) for v in values]
