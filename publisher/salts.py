"""Salts: 16 random bytes for each record's content, so that nobody can guess what was erased."""

from __future__ import annotations

import secrets

import numpy as np
import polars as pl

_BYTES = 16  # as NIST SP 800-132 asks at least


def new_salts(count: int) -> pl.Series:
    """`count` salts (String), 32 hex digits each."""
    random = np.frombuffer(secrets.token_bytes(_BYTES * count), dtype=np.uint8)
    rows = random.reshape(count, _BYTES).tobytes().hex()
    text = pl.Series([rows]) if count else pl.Series(dtype=pl.String)
    return text.str.extract_all(f".{{{2 * _BYTES}}}").explode().alias("salt").cast(pl.String)
