"""A site on each database, for what is computed from tickets."""

from __future__ import annotations

from tests.analysis.conftest import Place, place

__all__ = ["Place", "place"]
