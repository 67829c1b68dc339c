"""Schemas and records for the comparison of the compiler with the row validator."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from exchange_schemas.standard import Field

TYPES = {"a": "string", "b": "string", "n": "integer", "yes": "boolean", "l": "array"}

Schema = dict[str, Any]
Record = dict[str, Any]

#: Of every format values that have it, and values that nearly do.
NEARLY = {
    "date": ["2024-02-29", "2024-02-30", "2026/01/31"],
    "date-time": ["2026-01-31T08:00:00+08:00", "2026-01-31T08:00", "2026-02-30T08:00:00Z"],
    "decimal": ["10.50", "-0.5", "1.", "007"],
    "uscc": ["91440902MA0000015X", "91440902MA0000015Y", "91440902ma0000015X"],
    "org-code": ["674737244", "674737245", "67473724-4"],
    "reg-no": ["440900000000008", "440900000000007", "33021200019832", "1"],
    "resident-id": [
        "440902199001010011",
        "440902199001010012",
        "440902900101001",
        "44090290130100",
    ],
    "division-code": ["440902", "330203001", "44090"],
    "doc-no": ["茂市监处罚〔2023〕12号", "茂市监处罚[2023]12号"],
    "email": ["a@b.cn", "a"],  # no format of ours, so nothing is asked
}
_SEEN = [*(value for values in NEARLY.values() for value in values), "ab", "中", ""]
_FEW = st.sampled_from(["ab", "中"])  # so that values are equal now and then
TEXT = st.one_of(_FEW, st.sampled_from(_SEEN), st.text('aA1中é" ', max_size=4))
NUMBER = st.integers(-3, 3)
ITEMS = st.lists(TEXT, max_size=3) | st.lists(_FEW, min_size=2, max_size=4)

_COLUMNS = {"a": TEXT, "b": TEXT, "n": NUMBER, "yes": st.booleans(), "l": ITEMS}


def with_records(schema: Schema) -> st.SearchStrategy[tuple[Schema, list[Record]]]:
    """The schema with up to eight records; where it asks for a format, values near to it."""
    columns = dict(_COLUMNS)
    for name, told in schema.get("properties", {}).items():
        inner = told.get("items", told) if name == "l" and isinstance(told, dict) else told
        named = inner.get("format") if isinstance(inner, dict) else None
        if named is not None and name in "abl":
            near = st.sampled_from(NEARLY[named])
            columns[name] = st.lists(near, max_size=2) if name == "l" else near
    some = st.fixed_dictionaries({}, optional=columns)
    records = some | st.fixed_dictionaries(columns)
    return st.tuples(st.just(schema), st.lists(records, min_size=1, max_size=8))


_SIZE = st.integers(0, 4)
_LINEAR = st.sampled_from(["^a", "[0-9]$", "中", "^.{2}$", r"^\w*$"])
_ANY = st.one_of(_FEW, TEXT, NUMBER, st.booleans(), st.sampled_from([1.0, 0.5]))

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
    "format": st.sampled_from(sorted(NEARLY)),
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


def _some(
    keywords: dict[str, st.SearchStrategy[Any]], most: int, least: int = 0
) -> st.SearchStrategy[Schema]:
    """At most `most` of the keywords, each with something to say."""
    of_them = st.sampled_from(sorted(keywords))
    names = st.lists(of_them, min_size=least, max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({n: keywords[n] for n in chosen}))


PART = st.booleans() | _some({**_VALUE, **_TEXT}, 2, least=1)


def _value(own: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Schema]:
    plain = _some({**_VALUE, **own}, 2, least=1)
    parts = st.lists(plain | st.booleans(), min_size=1, max_size=2)
    return plain | _some(
        {**_VALUE, **own, "allOf": parts, "anyOf": parts, "not": plain}, 3, least=1
    )


_PROPERTIES = st.fixed_dictionaries({}, optional={
    "a": st.booleans() | _value(_TEXT),
    "b": _value(_TEXT),
    "n": _value(_NUMBER),
    "yes": _value({}),
    "l": _value(_LIST),
    "absent": st.booleans(),
})  # fmt: skip
_NAMES = st.lists(st.sampled_from([*TYPES, "absent"]), max_size=2, unique=True)

_ALL_FIELDS = st.fixed_dictionaries({
    "a": _value(_TEXT), "b": _value(_TEXT), "n": _value(_NUMBER), "yes": _value({}),
    "l": _value(_LIST),
})  # fmt: skip
_FORMATTED = st.sampled_from(sorted(NEARLY)).map(
    lambda name: {"a": {"format": name}, "l": {"items": {"format": name}}}
)
_ITEMS = _some({**_VALUE, **_TEXT}, 2, least=1).map(lambda part: {"l": {"items": part}})
#: Every field has rules, or one format is asked for, or only items have rules.
FIELDS = (_ALL_FIELDS | _FORMATTED | _ITEMS).map(lambda fields: {"properties": fields})
#: Rules that name the field that breaks them.
SIMPLE = _some(
    {
        "properties": _PROPERTIES,
        "required": _NAMES,
        "dependentRequired": st.dictionaries(st.sampled_from([*TYPES]), _NAMES, max_size=2),
    },
    3,
)
#: The same under conditions and together; each still names the field.
NAMED = st.tuples(
    SIMPLE,
    _some(
        {
            "if": SIMPLE,
            "then": SIMPLE,
            "else": SIMPLE,
            "allOf": st.lists(SIMPLE, min_size=1, max_size=2),
            "additionalProperties": st.booleans() | _value({}),
        },
        4,
    ),
).map(lambda parts: parts[0] | parts[1])
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
            "type": st.sampled_from(["object", ["object", "null"], "string"]),
            "additionalProperties": st.booleans() | _value({}),
            "minProperties": st.just(2),  # not compiled
        },
        3,
    ),
).map(lambda parts: parts[0] | parts[1])


def field_of(name: str) -> Field:
    """A field for a column of the generated records."""
    kind = "list" if TYPES[name] == "array" else TYPES[name]
    return Field(name, name, name, kind, "public", required=False, expected=False, schema={})
