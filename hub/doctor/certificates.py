"""TLS certificates: those that declarations name, and those that servers show."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from adapters.declaration import load_feed
from adapters.environment import expand, missing, texts_in
from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.monitoring.line import FAULT, OK, WARNING
from hub.monitoring.shown_certificate import ends_at, shown
from hub.monitoring.thresholds import of_end
from hub.outbound.target import load_target

_CODES = {OK: "certificate", WARNING: "certificate_ending", FAULT: "certificate_ending"}
SEEN = "certificates.json"  # in the site's folder: what each server showed last time
_NAMED = re.compile(r"(?:sslrootcert|sslcert|ssl_ca)=([^&\s]+)")


def check_certificates(patient: Patient) -> Iterator[Issue]:
    """Files that feeds, targets and the database's address name; with `online` also the servers
    themselves, whose certificates are compared with those of last time."""
    files, servers = _told(patient)
    for path in sorted(files):
        yield from _file(path, patient.now)
    if patient.online:
        yield from _online(patient, servers)
    elif servers:
        yield Issue("doctor_servers_unasked", value=str(len(servers)))
    if not files and not servers:
        yield Issue("doctor_certificates_none")


def _told(patient: Patient) -> tuple[set[Path], dict[str, bool]]:
    """Files of certificates, and servers as host:port → whether they may be internal."""
    files, servers = set[Path](), dict[str, bool]()
    names = patient.environment.get
    inside = {
        *names("HUB_INTERNAL_FEEDS", "").split(","),
        *names("HUB_INTERNAL_TARGETS", "").split(","),
    }
    for path, name, texts in _declarations(patient):
        for text in texts:
            if missing([text]):
                continue
            plain = expand(text)
            files |= {path.parent / found for found in _NAMED.findall(plain)}
            parts = urlsplit(plain) if plain.startswith("https://") else None
            if parts is not None and parts.hostname:
                servers[f"{parts.hostname}:{parts.port or 443}"] = name in inside
            elif plain.endswith((".pem", ".crt", ".cer")):
                files.add(path.parent / plain)
    files |= {Path(found) for found in _NAMED.findall(patient.site.database_url)}
    return files, servers


def _declarations(patient: Patient) -> Iterator[tuple[Path, str, list[str]]]:
    for path in sorted(patient.site.feeds.rglob("*.yml")):
        try:
            feed = load_feed(path)
        except HubError:  # `check_feeds` says so
            continue
        yield path, feed.name, list(texts_in(feed.source.options))
    for path in sorted(patient.site.targets.glob("*.yml")):
        try:
            target = load_target(path)
        except HubError:
            continue
        yield path, target.name, list(texts_in(target.options))


def _file(path: Path, now: datetime) -> Iterator[Issue]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError) as error:
        words = {
            "reason": str(
                error.strerror or error.reason
                if isinstance(error, ssl.SSLError)
                else error.strerror
            )
        }
        yield Issue("doctor_certificate_unreadable", value=str(path), params=words)
        return
    for one in context.get_ca_certs():
        yield _days_left(path.name, ends_at(str(one["notAfter"])), now)


def _days_left(name: str, ends: datetime, now: datetime) -> Issue:
    days = (ends - now).days
    code = "certificate_ended" if days < 0 else _CODES[of_end(days)]
    words = {"days": str(days), "day": ends.date().isoformat()}
    return Issue(f"doctor_{code}", value=name, params=words)


def _online(patient: Patient, servers: dict[str, bool]) -> Iterator[Issue]:
    kept = patient.site.path / SEEN
    try:
        seen: dict[str, str] = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        seen = {}
    now_seen = dict(seen)
    for place, internal in sorted(servers.items()):
        try:
            host, _, port = place.rpartition(":")
            found = shown(host, int(port), internal)
        except (HubError, OSError) as error:
            yield Issue("doctor_server_unsafe", value=place, params=_reason(error))
            continue
        now_seen[place] = found.digest
        if seen.get(place, found.digest) != found.digest:
            words = {"before": seen[place][:16], "found": found.digest[:16]}
            yield Issue("doctor_certificate_changed", value=place, params=words)
        yield _days_left(place, found.ends, patient.now)
    if now_seen != seen:
        kept.write_text(json.dumps(now_seen, indent=1) + "\n", encoding="utf-8")


def _reason(error: Exception) -> dict[str, str]:
    if isinstance(error, HubError):
        return {"reason": error.issue.message("en"), "reason_zh": error.issue.message("zh_CN")}
    told = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    return {"reason": str(told or type(error).__name__)}
