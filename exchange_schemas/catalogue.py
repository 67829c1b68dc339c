"""The catalogue: every data standard in a folder, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.loading import load_standard, read_declaration
from exchange_schemas.standard import Standard

STANDARDS = Path(__file__).parent / "standards"
DECLARATION = "standard.yml"


@dataclass(frozen=True)
class Catalogue:
    """`folders` maps datasets to the folders that declare them."""

    root: Path
    folders: Mapping[str, Path]

    def datasets(self) -> list[str]:
        """All datasets by name."""
        return sorted(self.folders)

    def get(self, dataset: str, version: str | None = None) -> Standard:
        """A dataset's standard, by default its newest version.

        Raises Misdeclared: dataset_unknown, version_unknown, standard_invalid.
        """
        if dataset not in self.folders:
            known = ", ".join(self.datasets())
            raise Misdeclared(Issue("dataset_unknown", value=dataset, params={"known": known}))
        return load_standard(self.folders[dataset], version)

    def derived_from(self, dataset: str) -> list[Standard]:
        """The standards whose records follow from another dataset's."""
        standards = map(self.get, self.datasets())
        return [s for s in standards if s.derivation and s.derivation.dataset == dataset]


def load_catalogue(root: Path | None = None) -> Catalogue:
    """The catalogue of the packaged standards, or of another folder.

    Raises Misdeclared (standard_invalid) where two folders declare one dataset.
    """
    return _load((root or STANDARDS).resolve())


@cache
def _load(root: Path) -> Catalogue:
    folders: dict[str, Path] = {}
    for declaration in sorted(root.glob(f"*/*/{DECLARATION}")):
        name = read_declaration(declaration)["dataset"]
        if name in folders:
            words = {"place": str(declaration), "reason": f"{name} is declared in {folders[name]}"}
            raise Misdeclared(Issue("standard_invalid", params=words))
        folders[name] = declaration.parent
    return Catalogue(root, folders)
