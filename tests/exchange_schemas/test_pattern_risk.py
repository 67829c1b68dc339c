"""Patterns that some engines match in exponential time are found, and others pass."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.formats import FORMATS
from exchange_schemas.pattern_risk import MOST_STATES, explosive

EXPLOSIVE = [
    "^(a+)+$",
    "(a|a)*",
    "(a|aa)+$",
    "(a*)*",
    "^((ab)*)*$",
    r"^(\w+\s?)*$",
    "([a-z]+[0-9]*)*x",
    "(.*,)*x",
    "(a|b|ab)*c",
    "(?:a|b|[ab])+",
    "(x+x+)+y",
    "(a+a+b)*",
    "(a{1,50}){1,50}",
    "(a?){50}a{50}",
    r"(.|\n)*",
    r"^(\p{Han}+)+$",
    r"(\p{Han}|[一-鿿])*",
    "x*(?=(a|a)*)y",
]
HARMLESS = [
    "",
    "^a*a*$",  # the square of the length, which a maxLength bounds
    "(a+b)*",
    "(a|b)*",
    "(ab|ac)*",
    "^[^;]+(;[^;]+)*$",
    "^([A-Z]+,)*[A-Z]+$",
    "^([0-9]{2}){3}$",
    r"^[0-9]{1,12}(\.[0-9]{1,6})?$",
    r"^(https?://)?([a-z0-9-]+\.)+[a-z]{2,}$",
    r"^[A-Z\]|]{1,9}$",
    r"^[]a]+\|(b|c)+$",
    *(form.pattern for form in FORMATS.values()),
]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_explosive(pattern: str) -> None:
    assert explosive(pattern)


@pytest.mark.parametrize("pattern", HARMLESS)
def test_harmless(pattern: str) -> None:
    assert not explosive(pattern)


@pytest.mark.parametrize("pattern", ["(", "a{3,1}", "[b-a]", "ab" * MOST_STATES])
def test_unreadable_or_too_large(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        explosive(pattern)


_ATOMS = st.sampled_from(["a", "b", "[ab]", "ab", "."])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})")
        | st.tuples(inner, st.sampled_from("*+?")).map(lambda parts: f"({parts[0]}){parts[1]}")
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(_PATTERNS)
def test_what_passes_runs_in_reasonable_time(pattern: str) -> None:
    """Python's engine tries one way after another: it shows that nothing was overlooked."""
    if explosive(pattern):
        return
    compiled = re.compile(f"(?:{pattern})!")  # which no text has, so that all ways are tried
    for text in ("a" * 22, "ab" * 11, "b" * 22, "aab" * 8):
        start = time.perf_counter()
        assert compiled.match(text) is None
        assert time.perf_counter() - start < 1
