"""Identifiers with valid check digits that nobody was ever given.

The check digits come from python-stdnum, so that the hub's own checks meet numbers that were not
made with the hub's own code.
"""

from __future__ import annotations

from datetime import date

from stdnum.cn import ric
from stdnum.cn import uscc as credit_code
from stdnum.iso7064 import mod_11_10

_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Codes whose organisation part starts with MA0 are Beijing's: with a division of Maoming in front
# of it no registry can have issued one.
_NOBODYS = "MA0"

# Inside Maoming's range of divisions, and not one of them.
_NO_DIVISION = "440999"


def org_code(body: str) -> str:
    """GB 11714: eight characters and their check character."""
    total = sum(
        _ORG_ALPHABET.index(character) * weight
        for character, weight in zip(body, _ORG_WEIGHTS, strict=True)
    )
    check = 11 - total % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def company_code(kind: str, division: str, serial: int) -> str:
    """GB 32100 of a business: `kind` is 91 company, 92 sole trader or 93 cooperative."""
    head = kind + division + org_code(f"{_NOBODYS}{serial:05d}")
    return head + credit_code.calc_check_digit(head)


def office_code(division: str, serial: int) -> str:
    """GB 32100 of a public authority."""
    head = f"11{division}" + org_code(f"{serial:08d}")
    return head + credit_code.calc_check_digit(head)


def reg_no(division: str, serial: int) -> str:
    """GS 15-2006: division, eight digits, check digit."""
    head = f"{division}{serial:08d}"
    return head + mod_11_10.calc_check_digit(head)


def resident_id(born: date, serial: int) -> str:
    """GB 11643 of somebody born in a division that doesn't exist."""
    head = f"{_NO_DIVISION}{born:%Y%m%d}{serial:03d}"
    return head + ric.calc_check_digit(head + "0")


def broken(code: str) -> str:
    """`code` with a check character that is wrong."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")
