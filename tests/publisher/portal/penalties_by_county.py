"""Sixty penalties of three counties, two years and two departments, and one with hostile values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from publisher.release import Release
from tests.publisher.portal.conftest import release

DATASET = "administrative_penalty"
COUNTIES = ("440981", "440902", "440904")
DEPARTMENTS = ("茂名市市场监督管理局", "高州市市场监督管理局")
HOSTILE = "\"'></text></svg><script>document.title='taken'</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("https://example.cn","x")'


def decision(number: int) -> dict[str, Any]:
    """Later numbers are of later days."""
    return {
        "record_id": f"r{number:03}", "subject_name": f"茂名{number}号商店",
        "subject_type": "natural" if number % 5 == 0 else "legal_or_unincorporated",
        "doc_no": f"茂市监处罚〔2025〕{number}号", "penalty_kinds": ["罚款", "警告"][: 1 + number % 2],
        "fine_wan": f"{(number * 37) % 61}.5", "decided_on": f"{2024 + number // 30}-{number % 12 + 1:02}-15",
        "violation_type": "计量", "authority": DEPARTMENTS[number % 3 == 0],
        "division_code": COUNTIES[number % 3],
    }  # fmt: skip


ROWS = [decision(number) for number in range(60)]
ROWS[7] |= {"authority": HOSTILE, "penalty_kinds": [HOSTILE], "subject_name": FORMULA}


def released(root: Path, rows: list[dict[str, Any]] | None = None) -> Release:
    """The next release of them under `root`."""
    return release(root, DATASET, ROWS if rows is None else rows)
