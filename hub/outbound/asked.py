"""What the ways need of a target's declaration: secrets filled in, and leave to reach inner addresses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from adapters.discreet import speaking_discreetly
from adapters.environment import expand_all, values_in
from adapters.limits import limits_from_environment
from adapters.source import Ask
from hub.outbound.target import Target

INTERNAL = "HUB_INTERNAL_TARGETS"  # names of targets whose addresses needn't be public
SECONDS = 60  # for one request


def ask_of(target: Target) -> Ask:
    """As a source is asked; raises Misdeclared (secret_missing)."""
    options: Mapping[str, Any] = expand_all(target.options)
    seconds = int(options.get("seconds", SECONDS))
    limits = replace(limits_from_environment(), request_seconds=seconds)
    internal = target.name in os.environ.get(INTERNAL, "").split(",")
    return Ask(options, target.path.parent, internal, limits=limits)


def discreetly(target: Target) -> AbstractContextManager[None]:
    """Hides the target's secrets in errors that leave the block."""
    return speaking_discreetly(values_in(target.options))
