"""A lot of chickens: a farm, two dealers, three shops; whole, so that each test spoils what it is about.

farm ─ F1 → dealer one (D1 in, D2 D3 out) → shop A (A1 in), shop B (B1 in)
     ─ F2 → dealer two (E1 in, E2 out)    → shop C (C1 in, C2 out to a person)
"""

from __future__ import annotations

from typing import Any

from exchange_schemas.identifiers import uscc_check_digit
from hub.analysis.inputs import Inputs
from hub.trace.movements import CERTIFICATES, LEDGER
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put

BATCH = "20260101A"
PRODUCT = "怀乡鸡（光鸡）"
SAMPLE = "GDMM2601090001"
Row = dict[str, Any]


def uscc(number: int) -> str:
    """A credit code of 440902 with its check digit."""
    body = f"91440902MA{number:07d}"
    return body + uscc_check_digit(body)


FARM, ONE, TWO, SHOP_A, SHOP_B, SHOP_C = (
    ("信宜市池洞怀乡鸡专业合作社", uscc(1)), ("茂名市高山批发部", uscc(2)), ("茂名市鉴江商行", uscc(3)),
    ("茂名市甲店", uscc(4)), ("茂名市乙店", uscc(5)), ("茂名市丙店", uscc(6)),
)  # fmt: skip


def row(
    code: str,
    who: tuple[str, str],
    way: str,
    other: tuple[str, str | None],
    quantity: str,
    at: str,
    prev: str | None = None,
    **more: Any,
) -> Row:
    """One movement; `code` is filled up to the form of a trace code."""
    found = {
        "trace_batch_no": full(code), "prev_batch_no": full(prev) if prev else None,
        "operator_name": who[0], "operator_uscc": who[1], "direction": way,
        "counterparty_name": other[0], "counterparty_uscc": other[1], "product_name": PRODUCT,
        "product_category": "肉类", "producer_name": FARM[0], "spec": "散装", "batch": BATCH,
        "produced_on": "2026-01-01", "expires_on": "2026-03-01", "quantity": quantity, "unit": "千克",
        "happened_at": f"2026-01-{at}:00+08:00", "division_code": "440902", **more,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def full(code: str) -> str:
    """A short code as a trace code."""
    return f"TRACE-{code}"


def chickens() -> list[Row]:
    """The whole lot. Sales name the purchase before; purchases of shops name none, and are found all the
    same."""
    return [
        row("F1", FARM, "出", ONE, "100", "02T05:00"),
        row("F2", FARM, "出", TWO, "40", "02T06:00"),
        row("D1", ONE, "进", FARM, "100", "02T08:00", "F1"),
        row("D2", ONE, "出", SHOP_A, "60", "03T05:00", "D1"),
        row("D3", ONE, "出", SHOP_B, "30", "03T06:00", "D1"),
        row("A1", SHOP_A, "进", ONE, "60", "03T07:00"),
        row("B1", SHOP_B, "进", ONE, "30", "03T08:00"),
        row("E1", TWO, "进", FARM, "40", "02T09:00", "F2"),
        row("E2", TWO, "出", SHOP_C, "40", "04T05:00"),
        row("C1", SHOP_C, "进", TWO, "40", "04T07:00", "E2"),
        row("C2", SHOP_C, "出", ("李某", None), "1", "04T09:00", "C1"),
    ]


def papers(*codes: str) -> list[Row]:
    """Certificates of quarantine; without codes, of every sale and purchase of the lot."""
    codes = codes or tuple(one["trace_batch_no"] for one in chickens())
    return [
        {
            "trace_batch_no": code, "kind": "检疫", "certificate_no": f"44090000{n:04d}",
            "issuer": "茂名市农业农村局", "issued_on": "2026-01-01", "valid_to": "2026-01-10",
        }
        for n, code in enumerate(codes)
    ]  # fmt: skip


def spoiled(code: str, **more: Any) -> list[Row]:
    """The lot with other words in one row."""
    return [{**one, **more} if one["trace_batch_no"] == full(code) else one for one in chickens()]


def without(*codes: str) -> list[Row]:
    """The lot without some rows."""
    left_out = {full(code) for code in codes}
    return [one for one in chickens() if one["trace_batch_no"] not in left_out]


def inputs_of(place: Place) -> Inputs:
    """What a walk is given."""
    return Inputs(place.site, place.engine, place.catalogue)


def given(place: Place, rows: list[Row], certificates: list[Row] | None = None) -> Inputs:
    """A site that has these rows and certificates (None: those of every row)."""
    put(place.engine, LEDGER, rows)
    told = papers() if certificates is None else certificates
    if told:
        put(place.engine, CERTIFICATES, told)
    return inputs_of(place)


def a_failed_sample(**more: Any) -> Row:
    """A sample of the lot, taken in shop A, that failed."""
    return {
        "sample_no": SAMPLE, "product_name": "怀乡鸡", "production_date_or_batch": "2026年1月1日/20260101A",
        "nominal_producer": FARM[0], "nominal_producer_uscc": FARM[1], "sampled_unit": SHOP_A[0],
        "sampled_unit_uscc": SHOP_A[1], "item_name": "恩诺沙星", "results": ["212μg/kg"],
        "standard_value": "≤100μg/kg", "authority": "茂名市市场监督管理局", "announced_on": "2026-01-20",
        **more,
    }  # fmt: skip
