"""A standard as an XML Schema 1.0: `records`, a list of `record`, whose elements are the fields.

A field without a value has no element; a list is an element for each of its values. XML Schema 1.0 has
no word for rules across fields, check digits and days of codes: the hub judges those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from exchange_schemas.formats import FORMATS
from exchange_schemas.standard import Field, Standard
from publisher.meanings import explained
from publisher.schema_formats.xsd_pattern import xsd_pattern

_NAMESPACE = "http://www.w3.org/2001/XMLSchema"  # a name, nothing that is fetched
_TYPES = {
    "integer": "integer",
    "boolean": "boolean",
    "decimal": "decimal",
    "date": "date",
    "datetime": "dateTime",
}
_BOUNDS = {"minimum": "minInclusive", "maximum": "maxInclusive"}
_BOOLEAN = "^(true|false)$"  # xs:boolean takes 0 and 1 too, records don't


def document(standard: Standard, released: Mapping[str, Field] | None = None) -> bytes:
    """The schema as indented UTF-8 XML; raises Misdeclared (pattern_not_xsd).

    With `released`, the columns of a release, it is that of its records.xml: a masked value needn't
    keep the rules of the value it stands for, and an empty text is an empty element.
    """
    ET.register_namespace("xs", _NAMESPACE)
    root = ET.Element(_tag("schema"), {"elementFormDefault": "qualified"})
    about = f"{standard.title} {standard.dataset} {standard.version}"
    _documented(root, about, standard.description)
    records = _sequence(_child(root, "element", name="records"))
    _child(records, "element", ref="record", minOccurs="0", maxOccurs="unbounded")
    record = _child(root, "element", name="record")
    rules = len(standard.schema.get("allOf", ())) + len(standard.checks)
    _documented(record, standard.title, f"另有 {rules} 条跨字段的规则，XML Schema 不能表达。")
    fields = _sequence(record)
    for field in standard.fields.values() if released is None else released.values():
        _add_field(fields, field if released is None else _shown(field))
    ET.indent(root)
    told: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return told + b"\n"


def _shown(field: Field) -> Field:
    """The field as a release has it: its rules, if the public sees its values as they are."""
    masked = field.masked_for("public")
    kept = {} if masked else field.schema
    if field.kind == "list":
        schema = {**kept, "items": {"minLength": 0, **kept.get("items", {})}}
        return replace(field, required=field.required and not masked, schema=schema)
    kind = "string" if masked else field.kind
    required = field.required and not masked
    return replace(field, required=required, kind=kind, schema={"minLength": 0, **kept})


def _add_field(parent: ET.Element, field: Field) -> None:
    element = _child(parent, "element", name=field.name, **_occurs(field))
    codes = explained(field)
    _documented(
        element,
        f"{field.title}（{field.code}）" if field.code else field.title,
        field.note,
        f"取值：{codes}" if codes else None,
    )
    value = field.schema["items"] if field.kind == "list" else field.schema
    _add_type(element, _TYPES.get(field.kind, "string"), value)


def _occurs(field: Field) -> dict[str, str]:
    if field.kind != "list":
        return {} if field.required else {"minOccurs": "0"}
    least = max(int(field.schema.get("minItems", 1)), 1) if field.required else 0
    most = field.schema.get("maxItems", "unbounded")
    return {"minOccurs": str(least), "maxOccurs": str(most)}


def _add_type(parent: ET.Element, base: str, schema: Mapping[str, Any]) -> None:
    """Patterns of one restriction are alternatives, so each has a restriction of its own."""
    patterns = _patterns(base, schema)
    restriction = _child(_child(parent, "simpleType"), "restriction")
    for pattern in patterns:
        inner = _child(_child(restriction, "simpleType"), "restriction")
        _child(restriction, "pattern", value=xsd_pattern(pattern))
        restriction = inner
    restriction.set("base", f"xs:{base}")
    for facet, value in _facets(base, schema):
        _child(restriction, facet, value=value)


def _patterns(base: str, schema: Mapping[str, Any]) -> list[str]:
    form = FORMATS.get(schema.get("format", ""))
    found = [schema["pattern"]] if "pattern" in schema else []
    if form and form.pattern not in found:
        found.append(form.pattern)
    if base == "boolean":
        found.append(_BOOLEAN)
    if base != "string" and "maxLength" in schema:
        found.append(f"^.{{0,{schema['maxLength']}}}$")  # only text has a length in XML Schema
    return found


def _facets(base: str, schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    if base == "string":
        # An empty text is no value, and a field without a value has no element.
        found.append(("minLength", str(schema.get("minLength", 1))))
        found += [("maxLength", str(schema["maxLength"]))] if "maxLength" in schema else []
    found += [(_BOUNDS[name], str(schema[name])) for name in _BOUNDS if name in schema]
    found += [("enumeration", str(code)) for code in schema.get("enum", ()) if code is not None]
    return found


def _documented(parent: ET.Element, *texts: str | None) -> None:
    annotation = _child(parent, "annotation")
    for text in texts:
        if text:
            told = _child(annotation, "documentation")
            told.set("{http://www.w3.org/XML/1998/namespace}lang", "zh-CN")
            told.text = text


def _sequence(element: ET.Element) -> ET.Element:
    return _child(_child(element, "complexType"), "sequence")


def _child(parent: ET.Element, tag: str, /, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, _tag(tag), attributes)


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
