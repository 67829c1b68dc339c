"""Kinds of issue: settings in hub.toml and in the environment."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error
from exchange_schemas.kind import warning as _warning

SETTINGS_KINDS: dict[str, Kind] = {
    "settings_missing": _error(
        "HUB_CONFIG names {value}, and there is no such file; correct it, or take it away to read "
        "hub.toml of the site"
    ),
    "settings_unreadable": _error("this isn't a readable file of settings: {reason}"),
    "setting_unknown": _error(
        "there is no setting {value}; nearest: {nearest}. Known here are: {known}"
    ),
    "setting_type": _error("{field} is {value}, which is of the wrong type; give {expected}"),
    "setting_wrong": _error("{field} is {value}; give {expected}"),
    "setting_secret": _error(
        "{field} is a secret and must not stand in this file; write ${{NAME}} for the environment "
        "variable that has it, or leave it out and set {name} or {name}_FILE"
    ),
    "setting_reference": _error(
        "{field} refers to {value}, and neither {value} nor {value}_FILE is set; set one before starting"
    ),
    "setting_secret_file": _error(
        "{field} names {value}, which can't be read: {reason}; put the secret there, for the hub's "
        "user to read"
    ),
    "setting_twice": _error("{value} and {value}_FILE are both set; keep one of them"),
    "setting_name_unknown": _warning(
        "the environment variable {value} means nothing to the hub; nearest: {nearest}. Correct it "
        "or take it away"
    ),
}
