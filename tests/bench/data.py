"""What the bench runs on: the real national file, unpacked; 1 % of it changed; and 1,000,000 rows."""

from __future__ import annotations

import csv
import lzma
from collections.abc import Iterator
from pathlib import Path

from stdnum.cn import uscc

NATIONAL = "enterprise-registration/kinginsun_national_300431_rows.csv.xz"
COLUMNS = 10
MILLION = 1_000_000
CODE, ADDRESS = 1, 9  # columns of the credit code and the address
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # of GB 32100


def rows(source: Path) -> Iterator[list[str]]:
    """Header and rows of the national file; the few rows of another length are left out, so that
    COPY and the others read the same."""
    with lzma.open(source, "rt", encoding="utf-8", newline="") as file:
        yield from (row for row in csv.reader(file) if len(row) == COLUMNS)


def write(target: Path, content: Iterator[list[str]]) -> Path:
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(content)
    return target


def changed(source: Path) -> Iterator[list[str]]:
    """Every hundredth row with another address."""
    for number, row in enumerate(rows(source)):
        if number and number % 100 == 0:
            row[ADDRESS] += "（变更）"
        yield row


def million(source: Path) -> Iterator[list[str]]:
    """The file again and again under new keys with right check digits, to 1,000,000 rows."""
    count = 0
    for turn in range(4):
        for number, row in enumerate(rows(source)):
            if number == 0:
                if turn == 0:
                    yield row
                continue
            if count == MILLION:
                return
            count += 1
            if turn and len(row[CODE]) == 18:
                row[CODE] = _renew(row[CODE], turn)
            yield row


def _renew(code: str, turn: int) -> str:
    place = ALPHABET.find(code[8])
    body = code[:8] + ALPHABET[(place + turn * 7) % len(ALPHABET)] + code[9:17]
    if place < 0 or any(letter not in ALPHABET for letter in body):
        return code
    # A wrong check digit stays wrong, so that as many rows are rejected as in the file.
    right = code[17] == uscc.calc_check_digit(code[:17])
    return body + (uscc.calc_check_digit(body) if right else "?")
