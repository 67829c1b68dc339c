"""YAML in which no key stands twice: YAML itself would settle that silently for the last one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


class _StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value} stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_strictly(text: str | bytes) -> Any:
    """The document in `text`; raises yaml.YAMLError, also where a key stands twice."""
    return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader
