"""The catalogue: every data standard in a folder, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.law import Law, load_law
from exchange_schemas.loading import load_standard, read_declaration
from exchange_schemas.migration import Migration, load_migration
from exchange_schemas.standard import Standard

STANDARDS = Path(__file__).parent / "standards"
DECLARATION = "standard.yml"


@dataclass(frozen=True)
class Catalogue:
    """`packaged` maps datasets to the folders that declare them; a site's `own` go before those.

    `own` has one folder for each activation, 1, 2, 3 …, with department/dataset in it; the last one
    counts. It is looked at every time, so that what was activated is in force in every process.
    `own_law` is the folder of a site's own rules, which go before the packaged ones.
    """

    root: Path
    packaged: Mapping[str, Path]
    own: Path | None = None
    own_law: Path | None = None

    @property
    def folders(self) -> Mapping[str, Path]:
        """The folder of every dataset's standard."""
        return {**self.packaged, **_activated(self.own)} if self.own else self.packaged

    def datasets(self) -> list[str]:
        """All datasets by name."""
        return sorted(self.folders)

    def get(self, dataset: str, version: str | None = None) -> Standard:
        """A dataset's standard, by default its newest version.

        Raises Misdeclared: dataset_unknown, version_unknown, standard_invalid.
        """
        return load_standard(self.folder(dataset), version)

    def folder(self, dataset: str) -> Path:
        """The folder that declares a dataset; raises Misdeclared (dataset_unknown)."""
        folders = self.folders
        if dataset not in folders:
            known = ", ".join(self.datasets())
            raise Misdeclared(Issue("dataset_unknown", value=dataset, params={"known": known}))
        return folders[dataset]

    def migration(self, dataset: str, source: str, target: str) -> Migration:
        """The declared way from one version of a dataset's standard to another.

        Raises Misdeclared: version_untranslatable, migration_invalid, and as `get`.
        """
        versions = (self.get(dataset, source), self.get(dataset, target))
        return load_migration(self.folder(dataset), *versions)

    def law(self) -> Law:
        """The rules of law in force here; raises Misdeclared (law_invalid)."""
        return load_law(self.own_law)

    def derived_from(self, dataset: str) -> list[Standard]:
        """The standards whose records follow from another dataset's."""
        standards = map(self.get, self.datasets())
        return [s for s in standards if s.derivation and s.derivation.dataset == dataset]


def load_catalogue(
    root: Path | None = None, own: Path | None = None, own_law: Path | None = None
) -> Catalogue:
    """The catalogue of the packaged standards, or of another folder, under a site's `own`.

    Raises Misdeclared (standard_invalid) where two folders declare one dataset.
    """
    packaged = (root or STANDARDS).resolve()
    declared = _declared(packaged)
    return Catalogue(packaged, declared, own.resolve() if own else None, own_law)


@cache
def _declared(root: Path) -> Mapping[str, Path]:
    folders: dict[str, Path] = {}
    for declaration in sorted(root.glob(f"*/*/{DECLARATION}")):
        name = read_declaration(declaration)["dataset"]
        if name in folders:
            words = {"place": str(declaration), "reason": f"{name} is declared in {folders[name]}"}
            raise Misdeclared(Issue("standard_invalid", params=words))
        folders[name] = declaration.parent
    return folders


def _activated(own: Path) -> Mapping[str, Path]:
    try:
        now = own.stat()
    except FileNotFoundError:
        return {}
    return _activated_then(own, now.st_mtime_ns, now.st_nlink)


@lru_cache(maxsize=8)
def _activated_then(own: Path, _changed_at: int, _folders: int) -> Mapping[str, Path]:
    """Looked through again when a folder has come: a portal asks for standards hundreds of times a page."""
    numbered = sorted((p for p in own.glob("*") if p.name.isdigit()), key=lambda p: int(p.name))
    return {name: place for folder in numbered for name, place in _declared(folder).items()}
