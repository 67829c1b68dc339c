"""What lies in the repository: what the house has, and nothing of one machine."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from tests.source_tree import PACKAGES, ROOT, tracked

TOP = {
    "adapters", "docs", "exchange_schemas", "hub", "publisher", "tests", "setup.py",
    ".ci", ".gitignore", "CHANGELOG.md", "Makefile", "README.md", "constraints.txt",
    "pyproject.toml",
}  # fmt: skip

TEXT = {
    ".cfg", ".css", ".csv", ".html", ".ini", ".js", ".json", ".jsonl", ".md", ".po", ".py", ".sh",
    ".svg", ".toml", ".txt", ".yml", "",
}  # fmt: skip

# Homes of people, and addresses of package registries; written so that this file has none.
PERSONAL = re.compile("/" + r"(?:home|Users)/\w|/" + r"root/\w")
REGISTRY = re.compile(
    r"https?://[^\s\"']*(?:py" + r"pi|pythonhosted|/sim" + r"ple/|npmjs)|index[-_]url"
)

ORDINARY = {"", "bin", "dev", "etc", "opt", "proc", "run", "srv", "tmp", "usr", "var"}


def test_top_level_has_only_what_the_house_has() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert found <= TOP


def test_no_file_names_this_machine_or_a_registry() -> None:
    here = {str(ROOT)} | {f"/{part}/" for part in {ROOT.parts[1]} - ORDINARY}
    wrong = []
    for path in tracked():
        if path.suffix in TEXT:
            text = path.read_text(encoding="utf-8", errors="replace")
            if PERSONAL.search(text) or REGISTRY.search(text) or any(h in text for h in here):
                wrong.append(path.relative_to(ROOT).as_posix())
    assert wrong == []


def test_every_tracked_file_is_of_a_size_to_be_read() -> None:
    big = {path.name: path.stat().st_size for path in tracked() if path.stat().st_size > 2_000_000}
    assert big == {}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_constraints_are_exact_and_sorted() -> None:
    names = list(pins())
    assert names == sorted(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


@pytest.mark.parametrize("name", sorted(set(pins()) - {"setuptools"}))
def test_what_runs_is_what_is_pinned(name: str) -> None:
    try:
        installed = version(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} isn't needed by this version of Python")
    assert installed == pins()[name]


def in_packages() -> list[Path]:
    return [path for path in tracked() if path.relative_to(ROOT).parts[0] in PACKAGES]


def test_every_file_of_a_package_is_installed_with_it() -> None:
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    suffixes = {path.suffix.removeprefix(".") for path in in_packages()} - {"py"}
    assert {suffix for suffix in suffixes if f'"{suffix}"' not in setup} == set()
    code = {path.parent for path in in_packages() if path.suffix == ".py"}
    assert {folder for folder in code if not (folder / "__init__.py").is_file()} == set()
