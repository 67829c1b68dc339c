"""A site with prices, on each database."""

from __future__ import annotations

from tests.analysis.conftest import place

__all__ = ["place"]
