"""The house of docs/: which way imports point, which walls stand, how big rooms may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from statistics import median

import pytest

from tests.source_tree import PACKAGES, ROOT, Module, functions, imports, length, modules

MAY_IMPORT = {
    "exchange_schemas": set(),
    "adapters": {"exchange_schemas"},
    "publisher": {"exchange_schemas"},
    "hub": {"exchange_schemas", "adapters", "publisher"},
}

# Third-party package → the only places that may know it.
WALLS = {
    "flask": ("hub/web/", "publisher/portal/"),
    "werkzeug": ("hub/web/", "publisher/portal/"),
    "jinja2": ("hub/web/", "publisher/portal/", "publisher/static_site.py"),
    "waitress": ("hub/web/",),
    "gunicorn": ("hub/web/portal_server.py",),
    "limits": ("publisher/portal/allowance.py", "hub/web/exchange_rates.py"),
    "http_message_signatures": ("hub/request_signature/",),
    "http_sf": ("hub/request_signature/",),
    "celery": ("hub/tasks.py",),
    "kombu": ("hub/tasks.py",),
    "sqlalchemy": ("hub/", "adapters/source_sql.py", "adapters/sql_"),
    "psycopg": ("hub/", "adapters/sql_", "publisher/postgres_"),
    "lxml": ("adapters/", "hub/outbound/"),
    "requests": ("adapters/", "publisher/ckan/client.py"),
    "paramiko": ("adapters/ssh_", "adapters/sftp_", "adapters/source_sftp.py"),
    "zeep": ("adapters/soap_service.py",),
    "minio": ("adapters/source_s3.py", "hub/storage/"),
    "alembic": ("hub/migrations/",),
    "argon2": ("hub/accounts/password.py",),
    "pyotp": ("hub/accounts/one_time_code.py",),
    "segno": ("hub/web/console/",),
    "authlib": ("hub/web/console/",),
    "structlog": ("hub/monitoring/",),
    "prometheus_client": ("hub/monitoring/",),
    "opentelemetry": ("hub/monitoring/",),
    "feedgenerator": ("publisher/portal/feed_formats.py",),
    "rdflib": ("publisher/dcat/rdf.py",),
    "ckanapi": ("adapters/source_ckan.py", "publisher/ckan/client.py"),
    "pymysql": ("adapters/sql_",),
    "dbfread": ("adapters/dbf_header.py",),
    "python_calamine": ("adapters/workbook_calamine.py",),
    "cryptography": ("publisher/signers.py", "hub/consumers/secret.py", "hub/accounts/sealing.py"),
    "gmalg": ("publisher/signers.py", "publisher/verifier.py"),
    "vl_convert": ("publisher/portal/drawing.py",),
    "splink": ("hub/subjects/",),
    "duckdb": ("hub/",),
    "rapidfuzz": ("hub/subjects/",),
    "sklearn": ("hub/complaints/",),
    "scipy": ("hub/",),
    "datasketch": ("hub/complaints/",),
    "click": ("hub/cli/",),
    "rich": ("hub/cli/",),
}

# Names of drawers that take anything.
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared", "lib"}

# Calls that read, write or connect. At the top of a module they would run whenever it is imported.
INPUT_OUTPUT = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "touch", "unlink",
    "iterdir", "glob", "rglob", "is_file", "is_dir", "exists", "connect", "create_engine",
    "urlopen", "Popen", "check_output", "load_catalogue", "load_feed", "safe_load", "read_csv",
    "read_parquet", "scan_csv",
}  # fmt: skip

FILE_LINES, TEST_FILE_LINES, MEDIAN_LINES = 300, 400, 100
FUNCTION_LINES, MOST_FUNCTION_LINES, MOST = 40, 20, 0.85

# A distribution's name where it isn't the name of the module.
DISTRIBUTIONS = {
    "argon2": "argon2-cffi",
    "chinese_calendar": "chinesecalendar",
    "http_message_signatures": "http-message-signatures",
    "http_sf": "http-sf",
    "opentelemetry": "opentelemetry-sdk",
    "polars_hash": "polars-hash",
    "prometheus_client": "prometheus-client",
    "python_calamine": "python-calamine",
    "sklearn": "scikit-learn",
    "stdnum": "python-stdnum",
    "vl_convert": "vl-convert-python",
    "yaml": "pyyaml",
}


def top(name: str) -> str:
    return name.partition(".")[0]


def third_party(module: Module) -> set[str]:
    return (
        {top(name) for name in imports(module)}
        - sys.stdlib_module_names
        - {*PACKAGES, "_typeshed"}
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    wrong = {
        f"{module.name} imports {name}"
        for module in modules()
        for name in imports(module)
        if top(module.name) == package and top(name) in PACKAGES and top(name) not in allowed
    }
    assert not wrong


def test_no_module_imports_the_tests() -> None:
    assert not {m.name for m in modules() for name in imports(m) if top(name) == "tests"}


def test_no_circles() -> None:
    known = {module.name for module in modules()}
    graph = {m.name: {name for name in imports(m) if name in known} - {m.name} for m in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("library", WALLS)
def test_third_party_walls(library: str) -> None:
    outside = {
        module.place
        for module in modules()
        if library in third_party(module) and not module.place.startswith(WALLS[library])
    }
    assert not outside


def test_every_third_party_import_is_declared() -> None:
    declared = {name.partition("[")[0] for name in _setup_list("RUNTIME")}
    used = {name for module in modules() for name in third_party(module)}
    # part of the interface of what is declared
    brought = {
        "werkzeug": "flask",
        "kombu": "celery",
        "markupsafe": "jinja2",
        "referencing": "jsonschema",
        "urllib3": "requests",
    }
    names = {brought.get(name, DISTRIBUTIONS.get(name, name)) for name in used}
    assert names <= declared


def _setup_list(name: str) -> list[str]:
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return list(ast.literal_eval(node.value))
    raise AssertionError(f"setup.py has no {name}")


def test_no_drawers() -> None:
    parts = {(part, module.place) for module in modules() for part in module.name.split(".")}
    assert not {place for part, place in parts if part in DRAWERS}


def _at_import(module: Module) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: not the bodies of functions."""
    waiting: list[ast.AST] = [node for node in module.tree.body if not _is_main_guard(node)]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _is_main_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def test_nothing_reads_or_writes_when_imported() -> None:
    found = {
        f"{module.place}:{node.lineno} {name}"
        for module in modules()
        for node in _at_import(module)
        if isinstance(node, ast.Call)
        and (name := ast.unparse(node.func).rpartition(".")[2]) in INPUT_OUTPUT
    }
    assert not found


def test_files_are_short() -> None:
    sizes = {module.place: module.lines for module in modules()}
    assert not {place: lines for place, lines in sizes.items() if lines > FILE_LINES}
    assert median(sizes.values()) <= MEDIAN_LINES
    tests = {module.place: module.lines for module in modules("tests")}
    assert not {place: lines for place, lines in tests.items() if lines > TEST_FILE_LINES}


def test_functions_are_short() -> None:
    sizes = {
        f"{module.place}:{function.lineno} {function.name}": length(function)
        for module in modules()
        for function in functions(module)
    }
    assert not {place: lines for place, lines in sizes.items() if lines > FUNCTION_LINES}
    short = sum(lines <= MOST_FUNCTION_LINES for lines in sizes.values())
    assert short / len(sizes) >= MOST
