"""The files of a release that hold records: one format per module, all columnar.

A text format is a module with NAME, SEPARATOR, FOOT, NO_ROWS, head() and block(), see `row_file`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from publisher.formats import canonical_csv, excel_csv, json_array, json_lines, xml_records

if TYPE_CHECKING:
    from publisher.formats.row_file import RowFormat

#: In the order in which they are written.
ROW_FORMATS: tuple[RowFormat, ...] = (
    canonical_csv, excel_csv, json_lines, json_array, xml_records,
)  # fmt: skip
