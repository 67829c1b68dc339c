"""Where the tables of schema 0001 are put together."""

from __future__ import annotations

from sqlalchemy import MetaData

SCHEMA = MetaData()
