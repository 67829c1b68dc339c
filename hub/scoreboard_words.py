"""The words of a scoreboard: titles of its columns, and names for the codes in it.

The English titles are message ids; `locale/zh_CN/scoreboard.po` has the Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.code_list import Code
from exchange_schemas.codes import load_codes
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.language import DEFAULT_LOCALE, translate

TITLES: Mapping[str, str] = {
    "department": "Department",
    "dataset": "Dataset",
    "month": "Month",
    "reporting_rate": "Reporting rate",
    "compliance_rate": "Compliance rate",
    "timeliness_rate": "Timeliness rate",
    "owed": "Reports owed",
    "reported": "Reports made",
    "silent": "Reports missing",
    "nil_reports": "Nil reports",
    "runs": "Deliveries taken",
    "read": "Rows read",
    "accepted": "Rows accepted",
    "rejected": "Rows rejected",
    "corrected_rows": "Rows corrected",
    "in_time": "Published in time",
    "late": "Published late",
    "overdue": "Overdue",
    "corrected_records": "Records corrected",
    "withdrawn": "Records withdrawn",
    "repaired": "Repaired early",
    "objections_upheld": "Objections upheld",
}
_WORD = re.compile(r"\{\w+\}")
Both = tuple[str, str]  # in Chinese and in English


def both(text: str) -> Both:
    """A text of the hub's in both languages."""
    return translate("hub", DEFAULT_LOCALE, text), text


def titled(name: str) -> Both:
    """The title of a column in both languages."""
    return both(TITLES[name])


def department_names(department: str) -> Both:
    """A department's names; its code where it has none."""
    found: Code | None = load_codes("departments").codes.get(department)
    return (found.title, found.title_en) if found else (department, department)


def dataset_names(catalogue: Catalogue, dataset: str) -> Both:
    """A dataset's titles."""
    standard = catalogue.get(dataset)
    return standard.title, standard.title_en


def field_names(catalogue: Catalogue, dataset: str, field: str) -> Both:
    """A field's titles; its name where the standard hasn't got it, e.g. a source column."""
    found = catalogue.get(dataset).fields.get(field)
    return (found.title, found.title_en) if found else (field, field)


def advice(code: str, field: Both) -> Both:
    """What is wrong with rows of this cause and what to do, without any value of a row."""
    message = KINDS[code].message
    texts = translate("exchange_schemas", DEFAULT_LOCALE, message), message
    chinese, english = (
        _WORD.sub("…", text.replace("{field}", name))
        for text, name in zip(texts, field, strict=True)
    )
    return chinese, english


def shown_rate(rate: float | None) -> str:
    """A rate as people read it: 0.857 is 85.7%; nothing of nothing is –."""
    return "–" if rate is None else f"{rate:.1%}"
