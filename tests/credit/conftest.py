"""The site of the tests of analyses."""

from tests.analysis.conftest import place

__all__ = ["place"]
