"""The catalogue of settings against the code that reads them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from adapters.limits import Limits
from exchange_schemas.language import catalogue
from hub import release_due
from hub.exchange.views import SEGMENT_ENTRIES
from hub.jobs import LEASE_SECONDS
from hub.leader import LEADER_SECONDS
from hub.mail import sender
from hub.settings.catalogue import BY_KEY, BY_NAME, NAMES, SETTINGS
from hub.settings.setting import Setting
from hub.web import exchange_rates
from publisher.portal import allowance
from publisher.portal.settings import ELSEWHERE
from publisher.portal.settings import NAMES as PORTAL_TEXTS
from publisher.signers import ALGORITHMS
from tests.source_tree import Module, modules

OURS = re.compile(r"HUB_[A-Z0-9_]*[A-Z0-9]")
#: Of families, whose names are put together.
PREFIXES = {"HUB_LIMIT", "HUB_PORTAL", "HUB_CONSOLE_OIDC"}


def texts_of_code(module: Module) -> Iterator[str]:
    """Texts that the module works with: not those that stand alone, which are comments."""
    alone = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in alone
        ):
            yield node.value


def read_of_environment(module: Module) -> Iterator[str]:
    """Names that are read as `os.environ[…]`, `os.environ.get(…)`, `os.getenv(…)`."""
    for node in ast.walk(module.tree):
        read = ""
        if isinstance(node, ast.Subscript):
            read, argument = ast.unparse(node.value), node.slice
        elif isinstance(node, ast.Call) and node.args:
            read, argument = ast.unparse(node.func), node.args[0]
        if read in ("os.environ", "os.environ.get", "os.getenv") and isinstance(
            argument, ast.Constant
        ):
            yield str(argument.value)


def undeclared(module: Module) -> set[str]:
    if module.place.startswith("hub/settings/"):
        return set()
    named = {text for text in texts_of_code(module) if OURS.fullmatch(text.rstrip("_"))}
    found = set(read_of_environment(module))
    return {
        f"{module.place}: {n}" for n in (named | found) if n.rstrip("_") not in NAMES | PREFIXES
    }


def test_no_code_reads_a_variable_that_is_not_declared() -> None:
    assert sorted(one for module in modules() for one in undeclared(module)) == []


def test_every_declared_variable_is_read_by_somebody() -> None:
    named = {
        text
        for m in modules()
        if not m.place.startswith("hub/settings/")
        for text in texts_of_code(m)
    }
    whole = {
        one for one in NAMES & set(BY_NAME) if not one.startswith(tuple(f"{p}_" for p in PREFIXES))
    }
    assert sorted(whole - named - {"HUB_CONFIG"}) == []


def test_the_scan_finds_what_it_looks_for() -> None:
    text = 'A = "HUB_UNHEARD_OF"\nimport os\nos.environ["TOKEN_OF_ELSEWHERE"]\nos.environ.get("HUB_SITE")'
    module = Module("hub.planted", next(iter(modules())).path, ast.parse(text))
    assert {one.rpartition(" ")[2] for one in undeclared(module)} == {
        "HUB_UNHEARD_OF", "TOKEN_OF_ELSEWHERE",
    }  # fmt: skip


def test_names_are_unique_and_defaults_fit() -> None:
    assert len(BY_NAME) == len(SETTINGS)
    assert len(BY_KEY) == sum(bool(one.key) for one in SETTINGS)
    assert [one.title for one in SETTINGS if one.default and not one.kind.fits(one.default)] == []
    assert [one.key for one in SETTINGS if one.key.count(".") != 1 and one.key] == []


def test_families_are_declared_whole() -> None:
    limits = {f"limits.{one.name}": str(one.default) for one in fields(Limits)}
    assert {k: s.default for k, s in BY_KEY.items() if k.startswith("limits.")} == limits
    portal = {s.name for k, s in BY_KEY.items() if k.startswith("portal.")}
    assert portal == {*ELSEWHERE, *(f"HUB_PORTAL_{one.upper()}" for one in PORTAL_TEXTS)}


def test_defaults_are_those_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_MAIL_FROM", raising=False)
    told = {
        "exchange.segment_entries": SEGMENT_ENTRIES,
        "exchange.rate": exchange_rates.USUAL,
        "portal.rate": allowance.USUAL,
        "schedule.lease_seconds": LEASE_SECONDS,
        "schedule.publish_minutes": release_due.USUAL,
        "schedule.leader_seconds": f"{LEADER_SECONDS:g}",
        "mail.sender": sender(),
    }
    assert {key: BY_KEY[key].default for key in told} == {k: str(v) for k, v in told.items()}
    assert BY_KEY["signing.algorithm"].kind.words["known"] == ", ".join(ALGORITHMS)


@pytest.mark.parametrize("one", SETTINGS, ids=lambda one: str(one.title))
def test_every_meaning_and_what_is_allowed_has_chinese(one: Setting) -> None:
    chinese = catalogue("hub", "zh_CN")
    for message in (one.meaning, one.kind.message):
        assert chinese.gettext(message) != message


def test_there_is_no_default_password() -> None:
    assert [one.title for one in SETTINGS if one.default and one.shows_secret(one.default)] == []
    assert [s.title for s in SETTINGS if s.secrecy.name == "WHOLE" and s.default is not None] == []


SECRET = re.compile(r"(?i)(password|passwd|secret|token|api_?key)$")


def passwords_in(module: Module) -> Iterator[str]:
    """Literals that are given to a name of a password: as a value, a default or an argument."""
    pairs: list[tuple[str, ast.expr | None]]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign):
            pairs = [(ast.unparse(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(ast.unparse(node.target), node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.FunctionDef):
            names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            given = [*node.args.defaults, *node.args.kw_defaults]
            pairs = list(zip(names[len(names) - len(given) :], given, strict=False))
        else:
            continue
        for name, value in pairs:
            word = isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
            if word and SECRET.search(name) and not name.isupper():
                yield f"{module.place}:{node.lineno} {name}"


#: Arguments of that name which are no secret: a column's or a header's name, a part of an address.
NO_SECRET = {"hub/settings/setting.py"}


def test_no_password_stands_in_the_code() -> None:
    found = [p for m in modules() if m.place not in NO_SECRET for p in passwords_in(m)]
    assert found == []
