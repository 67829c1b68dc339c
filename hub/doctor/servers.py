"""Who serves the site, and whether its port can be had."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.site_lock import holder


def check_servers(patient: Patient) -> Iterator[Issue]:
    """Whether a server runs on this site; an SQLite site has one at most."""
    found = holder(patient.site)
    if found is None:
        yield Issue("doctor_server_none")
    else:
        yield Issue("doctor_server", value=found.told)


def check_port(patient: Patient) -> Iterator[Issue]:
    """Whether somebody else listens where `hub serve` would."""
    host = patient.environment.get("HUB_SERVE_HOST") or "127.0.0.1"
    port = int(patient.environment.get("HUB_SERVE_PORT") or 8000)
    place = f"{host}:{port}"
    if holder(patient.site) is not None:
        yield Issue("doctor_port", value=place)
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            yield Issue("doctor_port_taken", value=place, params={"reason": str(error.strerror)})
        else:
            yield Issue("doctor_port", value=place)
