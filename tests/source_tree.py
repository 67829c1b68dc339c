"""The project's own files and modules, as the tests of the house read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("exchange_schemas", "adapters", "publisher", "hub")


@dataclass(frozen=True, slots=True)
class Module:
    """A Python file: its dotted name, its path, and its parsed text."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def place(self) -> str:
        """Path below the project, with slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        """Number of lines of the file."""
        return self.path.read_text(encoding="utf-8").count("\n")


@cache
def modules(folder: str = "") -> tuple[Module, ...]:
    """The modules of the four packages, or those below `folder`."""
    found = []
    for top in [folder] if folder else PACKAGES:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


@cache
def tracked() -> tuple[Path, ...]:
    """The files that git has or would take, below the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


@cache
def imports(module: Module) -> tuple[str, ...]:
    """Dotted names that a module imports, wherever in it; of our own, the module imported from."""
    return tuple(_imports(module, names()))


@cache
def names() -> frozenset[str]:
    """The dotted names of all modules."""
    return frozenset(known.name for known in modules())


def _imports(module: Module, ours: frozenset[str]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from hub import review` means the module hub.review, not what hub itself holds
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in ours else node.module for name in inner)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines
