"""Every setting of the program, by table of hub.toml."""

from __future__ import annotations

from hub.settings.declared_console import CONSOLE
from hub.settings.declared_limits import LIMITS
from hub.settings.declared_operation import OPERATION
from hub.settings.declared_portal import PORTAL
from hub.settings.declared_serving import SERVING
from hub.settings.setting import Setting

SETTINGS: tuple[Setting, ...] = (*SERVING, *PORTAL, *LIMITS, *CONSOLE, *OPERATION)

BY_KEY = {one.key: one for one in SETTINGS if one.key}
BY_NAME = {one.name: one for one in SETTINGS}
#: Every environment variable that means something: the settings', and those of secrets in files.
NAMES = frozenset(BY_NAME) | {one.file_name for one in SETTINGS if one.file_name}
