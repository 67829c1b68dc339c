"""The tables of 2015 don't say who is a natural person; who has no code is shown as one."""

from __future__ import annotations

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from publisher.view import view_frame

RECORD = {
    "subject_name": "梁致远",
    "decided_on": "2016-08-04",
    "authority": "茂名市司法局",
    "remark": "梁致远申请",
}
CODES = [
    {"uscc": "91440902MA00000K01"},
    {"org_code": "MA00000K0"},
    {"reg_no": "440904600000120"},
]


@pytest.mark.parametrize("dataset", ["administrative_license", "administrative_penalty"])
@pytest.mark.parametrize("audience", ["public", "industry"])
@pytest.mark.parametrize("codes", [{}, {"cert_no": "440981199003074516"}, *CODES])
def test_a_party_without_any_code_is_masked(
    dataset: str, audience: str, codes: dict[str, str]
) -> None:
    standard = load_catalogue().get(dataset, "1")
    frame = pl.DataFrame([{**RECORD, **codes}], schema=standard.dtypes)
    (seen,) = view_frame(standard, frame, audience).to_dicts()
    named = codes in CODES
    assert seen["subject_name"] == ("梁致远" if named else "梁某某")
    assert seen["remark"] == ("梁致远申请" if named else None)
    assert "cert_no" not in seen
