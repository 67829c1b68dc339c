"""The way that a target names."""

from __future__ import annotations

from hub.outbound.desk import Desk
from hub.outbound.way import Way
from hub.outbound.way_database import DatabaseWay
from hub.outbound.way_json import JsonWay
from hub.outbound.way_sftp import SftpWay
from hub.outbound.way_soap import SoapWay
from hub.outbound.ways import DATABASE, JSON, SFTP


def open_way(desk: Desk) -> Way:
    """Not connected yet; raises Misdeclared (secret_missing)."""
    target = desk.target
    if target.way == JSON:
        return JsonWay(target, desk.site)
    if target.way == SFTP:
        return SftpWay(target, desk.site)
    if target.way == DATABASE:
        return DatabaseWay(target)
    return SoapWay(target)
