"""Check digits: real codes, an independent implementation, and what one wrong character does."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

from exchange_schemas import identifiers
from exchange_schemas.identifiers import USCC_ABSENT, USCC_ALPHABET, uscc_check_digit

# Of real organisations, and invented ones of Maoming that keep the rule.
CREDIT_CODES = [
    "914403001922038216",
    "9144030071526726XG",
    "91330100799655058B",
    "91110000600037341L",
    "91230500MA1B3N1N2M",
    "11230500001755309F",
    "91330203674737244W",
    "91330282L07196379D",
    "12330227419611791H",
    "91330212066604667N",
    "91320105780688132K",
    "11440900000000019J",
    "12440900000000027A",
    "91440902MA0000015X",
    "91440904MA00000A9G",
    "92440981MA00001B32",
    "93440982MA00002C8K",
    "51440900MJ0000018Y",
    "52440983MJ00000T7R",
]
ORGANISATION_CODES = ["674737244", "L07196379", "419611791", "066604667", "780688132", "472660525"]
REGISTRATION_NUMBERS = [
    "330203000030639",
    "330200400070010",
    "330200600002522",
    "440301103097413",
    "440900000000008",
    "440902600000016",
]
RESIDENT_NUMBERS = ["440902199001010011"]

Column = Callable[[pl.Series], pl.Series]
KNOWN = [
    (identifiers.uscc_expected, identifiers.uscc_wrong, CREDIT_CODES, USCC_ALPHABET),
    (identifiers.org_expected, identifiers.org_wrong, ORGANISATION_CODES, "0123456789X"),
    (identifiers.reg_expected, identifiers.reg_wrong, REGISTRATION_NUMBERS, "0123456789"),
    (identifiers.resident_expected, identifiers.resident_wrong, RESIDENT_NUMBERS, "0123456789X"),
]


@pytest.mark.parametrize(("expected", "wrong", "codes", "digits"), KNOWN)
def test_valid_codes_and_every_wrong_check_digit(
    expected: Column, wrong: Column, codes: list[str], digits: str
) -> None:
    values = pl.Series(codes)
    assert expected(values).to_list() == [code[-1] for code in codes]
    assert not wrong(values).any()
    others = [code[:-1] + d for code in codes for d in digits if d != code[-1]]
    assert wrong(pl.Series(others)).all()


@pytest.mark.parametrize(("expected", "wrong", "codes", "digits"), KNOWN)
def test_other_forms_have_no_check_digit(
    expected: Column, wrong: Column, codes: list[str], digits: str
) -> None:
    code = codes[0]
    others = ["", code[:-1], code + "0", code[:-1] + "é", code + "\n", " " + code, None]
    values = pl.Series([*others, code], dtype=pl.String)
    assert expected(values).to_list() == [None] * len(others) + [code[-1]]
    assert not wrong(values).any()
    assert expected(values.clear()).dtype == pl.String
    assert wrong(values.clear()).dtype == pl.Boolean


@given(st.from_regex(r"[0-9]{8}[0-9A-HJ-NPQRTUWXY]{10}", fullmatch=True, alphabet=USCC_ALPHABET))
def test_credit_codes_as_another_implementation_has_them(code: str) -> None:
    right = uscc.calc_check_digit(code[:17])
    assert uscc_check_digit(code[:17]) == right
    assert identifiers.uscc_wrong(pl.Series([code])).item() is (code[-1] != right)


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_one_wrong_character_of_a_credit_code_is_found(
    body: str, place: int, data: st.DataObject
) -> None:
    other = data.draw(st.sampled_from([a for a in USCC_ALPHABET if a != body[place]]))
    code = body[:place] + other + body[place + 1 :] + uscc_check_digit(body)
    assert identifiers.uscc_wrong(pl.Series([code])).item()


@given(st.from_regex(r"[0-9]{15}", fullmatch=True, alphabet="0123456789"))
def test_registration_numbers_as_another_implementation_has_them(number: str) -> None:
    right = mod_11_10.calc_check_digit(number[:-1])
    assert identifiers.reg_expected(pl.Series([number])).item() == right


@given(st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True, alphabet="0123456789X"))
def test_resident_numbers_as_another_implementation_has_them(number: str) -> None:
    assert identifiers.resident_expected(pl.Series([number])).item() == ric.calc_check_digit(
        number
    )


@pytest.mark.parametrize("body", ["N2440981MF1234567", "A1440900000000001", "Y1440900MB0000001"])
def test_codes_may_begin_with_a_letter(body: str) -> None:
    code = body + uscc_check_digit(body)
    assert identifiers.uscc_expected(pl.Series([code])).item() == code[-1]


def test_the_placeholder_is_no_valid_code() -> None:
    assert identifiers.uscc_wrong(pl.Series([USCC_ABSENT])).item()


@pytest.mark.parametrize("body", ["", "9144090", "91440902MA000001O", "91440902ma0000015"])
def test_a_body_of_another_form_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="GB 32100"):
        uscc_check_digit(body)
