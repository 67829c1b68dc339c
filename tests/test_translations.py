"""Every text that a person sees has its Chinese, with the same words in braces."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path

import click
import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.version_words import WORDS
from hub.cli.main import COMMANDS, hub, split_help
from tests.source_tree import PACKAGES, ROOT, Module, modules

# Function → which of its arguments are message ids.
TABLES = {"show_table": (1, 3)}  # column titles, title


@cache
def chinese(package: str) -> Catalog:
    whole = Catalog("zh_CN")
    for source in sorted((ROOT / package / "locale" / "zh_CN").glob("*.po")):
        for message in read_po(BytesIO(source.read_bytes()), locale="zh_CN"):
            whole[message.id] = message
    return whole


def untranslated(package: str, messages: Iterator[str] | set[str]) -> list[str]:
    catalogue = chinese(package)
    entries = {message: catalogue.get(message) for message in messages if message}
    return sorted(m for m, entry in entries.items() if not entry or not entry.string)


def in_code(package: str) -> Iterator[str]:
    """Literal message ids in the Python files of a package."""
    for module in modules():
        if module.name.partition(".")[0] == package:
            yield from in_calls(module)
            yield from in_tables(module)


def in_calls(module: Module) -> Iterator[str]:
    """What `session.text`, `_` and `translate` are given; `text("SELECT …")` is SQL's own."""
    for call in ast.walk(module.tree):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        message = call.args[2:] if name == "translate" else call.args
        if name in ("translate", "_") or name.endswith(".text"):
            yield from (str(m.value) for m in message[:1] if isinstance(m, ast.Constant))


def in_tables(module: Module) -> Iterator[str]:
    """Titles of tables and of their columns, given there or named above."""
    named = {
        target.id: node.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(module.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            for place in TABLES.get(call.func.id, ()):
                if place < len(call.args):
                    yield from _strings(call.args[place], named)


def _strings(node: ast.expr, named: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(node, ast.Name) and node.id in named:
        node = named[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _strings(item, named)


def in_templates(package: str) -> Iterator[str]:
    for path in sorted(Path(ROOT / package).rglob("*.html")):
        for found in extract_from_file("jinja2.ext:babel_extract", path, keywords={"_": None}):
            messages = found[1] if isinstance(found[1], tuple) else (found[1],)
            yield from messages


def in_help(command: click.Command) -> Iterator[str]:
    """Help of a command, of its options, and of the commands below it."""
    yield split_help(command.help or "")[0]
    for option in command.params:
        if isinstance(option, click.Option):
            yield option.help or ""
    for child in getattr(command, "commands", {}).values():
        yield from in_help(child)


def commands() -> Iterator[click.Command]:
    yield hub
    for place in COMMANDS.values():
        module, attribute = place.split(":")
        yield getattr(import_module(module), attribute)


@pytest.mark.parametrize("package", PACKAGES)
def test_texts_in_code_have_chinese(package: str) -> None:
    assert untranslated(package, in_code(package)) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_texts_in_templates_have_chinese(package: str) -> None:
    assert untranslated(package, in_templates(package)) == []


def test_issues_have_chinese() -> None:
    assert untranslated("exchange_schemas", {kind.message for kind in KINDS.values()}) == []


def test_changes_of_versions_have_chinese() -> None:
    assert untranslated("exchange_schemas", set(WORDS.values())) == []


def test_help_has_chinese() -> None:
    assert untranslated("hub", {text for one in commands() for text in in_help(one)}) == []


def test_every_command_has_an_example() -> None:
    def leaves(command: click.Command) -> Iterator[click.Command]:
        children = getattr(command, "commands", {}).values()
        for child in children:
            yield from leaves(child)
        if not children:
            yield command

    silent = [
        leaf.name
        for one in commands()
        for leaf in leaves(one)
        if "Example" not in (leaf.help or "")
    ]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_chinese_keeps_the_words_in_braces(package: str) -> None:
    # a word may have a Chinese twin: {reason} and {reason_zh}
    words = re.compile(r"(?<!\{)\{([a-z_]*?)(?:_zh)?\}|%\(([a-z_]+)\)s")
    differing = [
        entry.id
        for entry in chinese(package)
        if entry.id and set(words.findall(str(entry.id))) != set(words.findall(str(entry.string)))
    ]
    assert differing == []
