"""The three offices (三员) and what each of them may do.

GB/T 22239-2019, 8.1.5.1 to 8.1.5.3: system administration, audit administration and security administration
are told apart. Nobody holds two, and whoever holds one decides on no record: the database refuses it.
"""

from __future__ import annotations

SYSTEM = "system"  # makes and closes accounts, looks after the hub; sees no record
SECURITY = "security"  # gives and takes roles and offices; sees no record
AUDIT = "audit"  # reads the audit log, and nothing else
OFFICES = (SYSTEM, SECURITY, AUDIT)
