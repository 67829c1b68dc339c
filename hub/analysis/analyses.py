"""Which analyses there are: what each reads and what computes it, imported when it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.analysis.inputs import Compute


@dataclass(frozen=True, slots=True)
class Analysis:
    """`title` is a message id; `reads` and `writes` are datasets. `place` is module:function, a `Compute`.
    `daily` ones are computed on a new day though no record is new."""

    name: str
    title: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    place: str
    daily: bool = True

    def compute(self) -> Compute:
        """What computes it."""
        module, function = self.place.split(":")
        found: Compute = getattr(import_module(module), function)
        return found


# In the order in which they are computed: later ones may read what earlier ones said.
_ALL: tuple[Analysis, ...] = ()
ANALYSES: Mapping[str, Analysis] = {one.name: one for one in _ALL}


def find(name: str) -> Analysis:
    """The analysis; raises Misdeclared (analysis_unknown)."""
    if name not in ANALYSES:
        words = {"expected": ", ".join(ANALYSES)}
        raise Misdeclared(Issue("analysis_unknown", value=name, params=words))
    return ANALYSES[name]
