"""`ckan.yml` of a site: to which CKANs releases go, and how."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.strict_yaml import read_strictly

SETTINGS = "ckan.yml"
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 1}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["targets"],
    "additionalProperties": False,
    "properties": {
        "targets": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_-]{0,31}$"},
            "additionalProperties": {
                "type": "object",
                "required": ["url", "token"],
                "additionalProperties": False,
                "properties": {
                    "url": {"type": "string", "pattern": "^https?://[^@?#]+$"},
                    "token": _TEXT,
                    "title": _TEXT,
                    "datasets": {"type": "array", "items": _TEXT, "uniqueItems": True},
                    "portal": {"type": "string", "pattern": "^https?://[^@?#]+$"},
                    "files": {"enum": ["upload", "link", "none"]},
                    "upload_up_to_mb": _COUNT,
                    "table": {"type": "boolean"},
                    "organisation": {"type": "string", "pattern": "^[a-z0-9_-]{2,100}$"},
                    "prefix": {"type": "string", "pattern": "^[a-z0-9_-]{0,30}$"},
                    "licence": _TEXT,
                    "rows_a_call": _COUNT,
                    "seconds": _COUNT,
                    "ca": _TEXT,
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class CkanTarget:
    """One CKAN, and how releases are kept in it.

    `datasets` is None for all that are public. `files` says whether the files of a release are
    uploaded (those of at most `upload_up_to_mb`; larger ones are links), are links to `portal`, or
    are left out; without `portal` there are no links. `table` says whether the records also stand
    in the datastore. `organisation` is the one that owns every dataset; None: each department has
    its own. `rows_a_call` are the records of one call, `seconds` what a call may take, `ca` a file
    of certificates to trust instead of the public ones.
    """

    name: str
    url: str
    token: str = field(repr=False)
    title: str = ""
    datasets: tuple[str, ...] | None = None
    portal: str | None = None
    files: str = "upload"
    upload_up_to_mb: int = 10  # what a CKAN takes whose operator says nothing
    table: bool = True
    organisation: str | None = None
    prefix: str = ""
    licence: str = "other-open"
    rows_a_call: int = 5_000
    seconds: int = 120
    ca: str | None = None

    def takes(self, dataset: str) -> bool:
        """Whether the dataset goes there."""
        return self.datasets is None or dataset in self.datasets

    def package(self, dataset: str) -> str:
        """The dataset's name there."""
        return f"{self.prefix}{dataset}"


def read_targets(path: Path, portal: str = "") -> dict[str, CkanTarget]:
    """The targets of a settings file by name; none where there is no file. `portal` is the address of
    the portal where the file has none.

    Raises Misdeclared: ckan_settings, secret_missing (a variable isn't set), secret_in_file (a
    token that isn't `${NAME}`).
    """
    try:
        told = read_strictly(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _wrong("", type(error).__name__) from error
    for found in Draft202012Validator(SCHEMA).iter_errors(told):
        place = ".".join(map(str, found.absolute_path))
        # its message would quote the value, which may be a token
        raise _wrong(place, f"{found.validator}: {_rule(found.validator_value)}")
    known = {"portal": portal} if portal else {}
    return {name: _target(name, {**known, **one}) for name, one in told["targets"].items()}


def _rule(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | dict) else str(value)


def _target(name: str, told: Mapping[str, Any]) -> CkanTarget:
    url = str(told["url"]).rstrip("/")
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in _LOOPBACK:
        raise _wrong(f"targets.{name}.url", "https")
    if told.get("files") == "link" and "portal" not in told:
        raise _wrong(f"targets.{name}.files", "portal")
    words = {**told, "url": url, "token": _secret(name, str(told["token"]))}
    if "datasets" in told:
        words["datasets"] = tuple(told["datasets"])
    if "portal" in told:
        words["portal"] = str(told["portal"]).rstrip("/")
    return CkanTarget(name=name, **words)


def _secret(name: str, text: str) -> str:
    reference = _REFERENCE.fullmatch(text)
    if reference is None:
        raise Misdeclared(Issue("secret_in_file", value=f"{SETTINGS}: targets.{name}.token"))
    value = os.environ.get(reference[1])
    if not value:
        raise Misdeclared(Issue("secret_missing", value=reference[1]))
    return value


def _wrong(place: str, reason: str) -> Misdeclared:
    return Misdeclared(Issue("ckan_settings", value=place or SETTINGS, params={"reason": reason}))
