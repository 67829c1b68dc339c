"""Every check of the doctor, in the order in which they are told.

A room that has something to be looked at adds a line here: a name, what it needs, and the function
(`patient.Check`), which is imported only when the doctor is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from hub.doctor.patient import Check

SITE, DATABASE = "site", "database"  # what a check can't do without


@dataclass(frozen=True, slots=True)
class Entry:
    """`title` is a message id; `place` is module:function."""

    name: str
    title: str
    place: str
    needs: tuple[str, ...] = ()

    def load(self) -> Check:
        """The function."""
        module, function = self.place.split(":")
        check: Check = getattr(import_module(module), function)
        return check


CHECKS = (
    Entry("python", "Python", "hub.doctor.program:check_python"),
    Entry("libraries", "Libraries", "hub.doctor.program:check_libraries"),
    Entry("sqlite", "SQLite", "hub.doctor.program:check_sqlite"),
    Entry("text", "Encoding", "hub.doctor.program:check_encoding"),
    Entry("zone", "Time zone", "hub.doctor.program:check_zone"),
    Entry("settings", "Settings", "hub.doctor.settings:check_settings"),
    Entry("site", "Site folder", "hub.doctor.folder:check_folder"),
    Entry("disk", "Disk", "hub.doctor.disk:check_disk", (SITE,)),
    Entry("permissions", "Permissions", "hub.doctor.permissions:check_permissions", (SITE,)),
    Entry("database", "Database", "hub.doctor.database:check_database", (SITE,)),
    Entry("tables", "Tables", "hub.doctor.database:check_tables", (SITE, DATABASE)),
    Entry("clock", "Machine's clock", "hub.doctor.clock:check_clock", (SITE, DATABASE)),
    Entry("broker", "Broker", "hub.doctor.network:check_broker"),
    Entry("mail", "Mail", "hub.doctor.network:check_mail"),
    Entry("port", "Port", "hub.doctor.servers:check_port", (SITE,)),
    Entry("servers", "Servers", "hub.doctor.servers:check_servers", (SITE,)),
    Entry("key", "Signing key", "hub.doctor.keys:check_key", (SITE,)),
    Entry("certificates", "Certificates", "hub.doctor.certificates:check_certificates", (SITE,)),
    Entry("calendar", "Calendar", "hub.doctor.law:check_calendar", (SITE,)),
    Entry("law", "Law", "hub.doctor.law:check_terms", (SITE,)),
    Entry("feeds", "Feeds", "hub.doctor.feeds:check_feeds", (SITE,)),
    Entry("targets", "Targets", "hub.doctor.feeds:check_targets", (SITE,)),
    Entry("late", "Late feeds", "hub.doctor.feeds:check_late", (SITE, DATABASE)),
    Entry("backup", "Backup", "hub.doctor.backup:check_backup", (SITE,)),
    Entry("jobs", "Jobs", "hub.doctor.jobs:check_jobs", (SITE, DATABASE)),
)
