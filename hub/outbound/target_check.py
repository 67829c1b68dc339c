"""Whether a target can work at all, found out before any request."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.environment import missing, texts_in
from adapters.secret_check import secrets_in
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Standard
from hub.outbound.converters import CONVERTERS, DATE_PARTS, fits, polars_form
from hub.outbound.rule import Case, Rule, When
from hub.outbound.table import ProvinceTable
from hub.outbound.target import Target


def check_target(target: Target, catalogue: Catalogue) -> list[Issue]:
    """Everything wrong with the declaration: an unknown dataset, field, column, converter or option,
    a converter that doesn't fit its field, codes without a word of the province, a required column
    without a rule, an unset `${NAME}`, a secret that stands in the file.
    """
    options = target.options
    found = [Issue("secret_missing", value=name) for name in missing(texts_in(options))]
    found += secrets_in(options)
    table = target.table
    if table.dataset != target.dataset:
        words = {"table": table.name, "expected": table.dataset}
        found.append(Issue("target_table_differs", value=target.dataset, params=words))
    try:
        standard = catalogue.get(table.dataset, table.version)
    except Misdeclared as error:
        return [error.issue, *found]
    return [*check_table(table, standard), *found]


def check_table(table: ProvinceTable, standard: Standard) -> list[Issue]:
    """Everything wrong with the mapping itself."""
    rules = [
        issue for rule in table.rules.values() for issue in _check_rule(rule, table, standard)
    ]
    return [*rules, *_check_columns(table, standard)]


def _check_columns(table: ProvinceTable, standard: Standard) -> Iterator[Issue]:
    known = {"known": ", ".join(table.columns)}
    for name in (*table.identity, *table.amounts):
        if name not in table.columns:
            yield Issue("target_column_unknown", value=name, params=known)
    for column in table.columns.values():
        if column.name not in table.rules and (column.required or column.required_when):
            yield Issue("target_column_unmapped", field=column.name, value=column.title)
        yield from _check_when(column.required_when, column.name, standard)
    for part in table.parts:
        yield from _check_when(part.when, part.name, standard)


def _check_rule(rule: Rule, table: ProvinceTable, standard: Standard) -> Iterator[Issue]:
    if rule.column not in table.columns:
        words = {"known": ", ".join(table.columns)}
        yield Issue("target_column_unknown", value=rule.column, params=words)
    for case in rule.cases:
        yield from _check_when(case.when, rule.column, standard)
        if case.fields:
            yield from _check_case(rule, case, standard)


def _check_when(when: When | None, place: str, standard: Standard) -> Iterator[Issue]:
    for name, values in (when or {}).items():
        field = standard.fields.get(name)
        if field is None:
            yield _unknown(name, standard)
            continue
        known = _codes(field)
        for value in values if known else ():
            if value not in known:
                words = {"place": place, "field": name, "known": ", ".join(known)}
                yield Issue("target_value_unknown", value=value, params=words)


def _check_case(rule: Rule, case: Case, standard: Standard) -> Iterator[Issue]:
    converter = CONVERTERS.get(case.convert)
    if converter is None:
        words = {"known": ", ".join(CONVERTERS)}
        yield Issue("converter_unknown", field=rule.column, value=case.convert, params=words)
        return
    for name in case.options:
        if name not in converter.options:
            words = {"expected": case.convert}
            yield Issue("option_unknown", field=rule.column, value=name, params=words)
    for name in sorted(converter.needs - set(case.options)):
        words = {"converter": case.convert}
        yield Issue("target_option_missing", field=rule.column, value=name, params=words)
    for name in case.fields:
        field = standard.fields.get(name)
        if field is None:
            yield _unknown(name, standard)
        elif not fits(converter, field):
            words = {"kind": field.kind, "expected": ", ".join(converter.kinds), "name": name}
            yield Issue(
                "target_converter_unfit", field=rule.column, value=case.convert, params=words
            )
        else:
            yield from _check_codes(rule, case, field)
    if "form" in case.options and _bad_form(str(case.options["form"])):
        words = {"known": ", ".join(DATE_PARTS)}
        yield Issue("target_form", field=rule.column, value=case.options["form"], params=words)


def _check_codes(rule: Rule, case: Case, field: Field) -> Iterator[Issue]:
    if "table" not in case.options or case.options.get("otherwise", "fail") != "fail":
        return
    for code in _codes(field):
        if code not in case.options["table"]:
            words = {"name": field.name}
            yield Issue("target_code_unmapped", field=rule.column, value=code, params=words)


def _codes(field: Field) -> list[str]:
    """The values that the standard allows, where it names them."""
    if field.kind == "boolean":
        return ["true", "false"]
    schema = field.schema.get("items", {}) if field.kind == "list" else field.schema
    return list(map(str, schema.get("enum", ())))


def _bad_form(form: str) -> bool:
    left = polars_form(form)
    for meaning in DATE_PARTS.values():
        left = left.replace(meaning, "")
    return "%" in left or any(letter.isalpha() and letter.isascii() for letter in left)


def _unknown(name: str, standard: Standard) -> Issue:
    words = {"dataset": standard.dataset, "known": ", ".join(standard.fields)}
    return Issue("field_unknown", value=name, params=words)
