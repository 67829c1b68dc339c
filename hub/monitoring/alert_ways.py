"""The ways by which the operator is told, as the settings name them; an address of his own may be internal.

Addresses and secrets are read when they are used, and stand in no table and no log: a way has a name.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import mail

MAIL_TO = "HUB_ALERTS_MAIL_TO"  # addresses, separated by commas
WEBHOOK, WECOM, DINGTALK = "webhook", "wecom", "dingtalk"
MAIL = "mail:"  # before the address
SETTINGS = {
    WEBHOOK: "HUB_ALERTS_WEBHOOK",
    WECOM: "HUB_ALERTS_WECOM",
    DINGTALK: "HUB_ALERTS_DINGTALK",
}
WEBHOOK_SECRET = "HUB_ALERTS_WEBHOOK_SECRET"  # noqa: S105 - the variable's name
DINGTALK_SECRET = "HUB_ALERTS_DINGTALK_SECRET"  # noqa: S105


def ways() -> list[str]:
    """The names of the ways that are set; raises Misdeclared (alert_way_wrong, alert_mail_missing)."""
    found = [name for name, setting in SETTINGS.items() if setting_of(setting)]
    for name in found:
        told = urlsplit(setting_of(SETTINGS[name]))
        if told.scheme not in ("http", "https") or not told.hostname:
            raise Misdeclared(Issue("alert_way_wrong", value=SETTINGS[name]))
    readers = [one.strip() for one in setting_of(MAIL_TO).split(",") if one.strip()]
    if readers and not mail.server():
        raise Misdeclared(Issue("alert_mail_missing"))
    return found + [f"{MAIL}{one}" for one in readers]


def are_set() -> bool:
    """Whether anybody is to be told."""
    return any(setting_of(one) for one in (*SETTINGS.values(), MAIL_TO))


def setting_of(name: str) -> str:
    """A setting's text, "" where there is none."""
    return os.environ.get(name, "").strip()
