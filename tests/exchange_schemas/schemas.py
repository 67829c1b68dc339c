"""Schemas and records for the comparison of the compiler with the row validator."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from exchange_schemas.formats import FORMATS
from exchange_schemas.standard import Field

TYPES = {"a": "string", "b": "string", "n": "integer", "yes": "boolean", "l": "array"}

Schema = dict[str, Any]

_SEEN = ["91440902MA0000015X", "440902199001010011", "2024-02-30", "10.50", "ab", "中", ""]
TEXT = st.one_of(st.sampled_from(_SEEN), st.text('aA1中é" ', max_size=4))
NUMBER = st.integers(-3, 3)
ITEMS = st.lists(TEXT, max_size=3)

RECORD = st.fixed_dictionaries({}, optional={
    "a": TEXT, "b": TEXT, "n": NUMBER, "yes": st.booleans(), "l": ITEMS,
})  # fmt: skip

_SIZE = st.integers(0, 4)
_LINEAR = st.sampled_from(["^a", "[0-9]$", "中", "^.{2}$", r"^\w*$"])
_ANY = st.one_of(TEXT, NUMBER, st.booleans(), st.sampled_from([1.0, 0.5]))

_VALUE = {
    "type": st.sampled_from(["string", "integer", "boolean", "array", ["number", "string"]]),
    "enum": st.lists(_ANY, min_size=1, max_size=4),
    "const": _ANY,
}
_TEXT = {
    "minLength": _SIZE,
    "maxLength": _SIZE,
    # the second kind can't run in linear time and is left to the row validator
    "pattern": _LINEAR | st.just("(?=a)"),
    "format": st.sampled_from([*FORMATS, "email"]),
}
_NUMBER = {
    "minimum": NUMBER | st.just(0.5),
    "maximum": NUMBER,
    "exclusiveMinimum": NUMBER,
    "exclusiveMaximum": NUMBER,
    "multipleOf": st.just(2),  # not compiled
}
_LIST = {
    "minItems": _SIZE,
    "maxItems": _SIZE,
    "uniqueItems": st.booleans(),
    "items": st.deferred(lambda: PART),
    "contains": st.deferred(lambda: PART),
    "minContains": st.integers(0, 2),  # not compiled
    "enum": st.lists(ITEMS, min_size=1, max_size=2),  # not compiled
}


def _some(keywords: dict[str, st.SearchStrategy[Any]], most: int) -> st.SearchStrategy[Schema]:
    """At most `most` of the keywords, each with something to say."""
    names = st.lists(st.sampled_from(sorted(keywords)), max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({n: keywords[n] for n in chosen}))


PART = st.booleans() | _some({**_VALUE, **_TEXT}, 2)


def _value(own: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Schema]:
    plain = _some({**_VALUE, **own}, 2)
    parts = st.lists(plain | st.booleans(), min_size=1, max_size=2)
    return plain | _some({**_VALUE, **own, "allOf": parts, "anyOf": parts, "not": plain}, 3)


_PROPERTIES = st.fixed_dictionaries({}, optional={
    "a": st.booleans() | _value(_TEXT),
    "b": _value(_TEXT),
    "n": _value(_NUMBER),
    "yes": _value({}),
    "l": _value(_LIST),
    "absent": st.booleans(),
})  # fmt: skip
_NAMES = st.lists(st.sampled_from([*TYPES, "absent"]), max_size=2, unique=True)

#: Rules that name the field that breaks them.
SIMPLE = _some(
    {
        "properties": _PROPERTIES,
        "required": _NAMES,
        "dependentRequired": st.dictionaries(st.sampled_from([*TYPES]), _NAMES, max_size=2),
    },
    3,
)
_PARTS = st.lists(SIMPLE | st.booleans(), min_size=1, max_size=2)
#: The above under conditions and in alternatives.
COMPOSED = st.tuples(
    SIMPLE,
    _some(
        {
            "if": SIMPLE,
            "then": SIMPLE,
            "else": SIMPLE | st.booleans(),
            "allOf": _PARTS,
            "anyOf": _PARTS,
            "oneOf": _PARTS,
            "not": SIMPLE,
            "minProperties": st.just(2),  # not compiled
        },
        3,
    ),
).map(lambda parts: parts[0] | parts[1])


def field_of(name: str) -> Field:
    """A field for a column of the generated records."""
    kind = "list" if TYPES[name] == "array" else TYPES[name]
    return Field(name, name, name, kind, "public", required=False, expected=False, schema={})
