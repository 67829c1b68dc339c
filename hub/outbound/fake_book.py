"""What a province of ours keeps: each message once by its flow, and the records as they stand.

For tests, and for an integrator to try a target on. It judges rows as a real one does: a record without
a document number is refused, and so is whatever `rejects` names.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

TAKEN, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"


@dataclass
class Book:
    """`records` maps item → columns; `effects` lists (flow, item, operation, sn, digest) in the order in
    which they were applied. `rejects` maps a text that a row may have → why it is refused then."""

    rejects: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    effects: list[tuple[str, str, str, int, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # flow → why
    repeats: int = 0
    _known: dict[str, str] = field(default_factory=dict)  # flow → digest of what came under it
    _alone: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(
        self, flow: str, item: str, sn: int, operation: str, fields: Mapping[str, str]
    ) -> tuple[str, str]:
        """State and reason; what was taken under this flow before has no second effect."""
        with self._alone:
            digest = digest_of(fields)
            if flow in self._known:
                self.repeats += 1
                return DUPLICATE, ""
            reason = self._fault(operation, fields)
            if reason:
                self.refused[flow] = reason
                return REJECTED, reason
            self._known[flow] = digest
            self.refused.pop(flow, None)
            self.effects.append((flow, item, operation, sn, digest))
            if operation == "D":
                self.records.pop(item, None)
            else:
                self.records[item] = dict(fields)
            return TAKEN, ""

    def _fault(self, operation: str, fields: Mapping[str, str]) -> str:
        if not any(name.endswith("_WSH") and fields[name] for name in fields):
            return "文号不能为空"
        if operation == "D":
            return self.rejects.get("D", "")
        text = "\n".join(fields.values())
        return next(
            (why for word, why in self.rejects.items() if word != "D" and word in text), ""
        )


def digest_of(fields: Mapping[str, str]) -> str:
    """Hex SHA-256 of a row's columns that have a text."""
    given = {name: text for name, text in sorted(fields.items()) if text}
    return hashlib.sha256(json.dumps(given, ensure_ascii=False).encode()).hexdigest()
