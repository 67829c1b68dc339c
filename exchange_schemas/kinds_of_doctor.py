"""Kinds of issue: what the doctor finds, and what befalls a whole installation."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error
from exchange_schemas.kind import info as _info
from exchange_schemas.kind import warning as _warning

DOCTOR_KINDS: dict[str, Kind] = {
    # --- bad days ----------------------------------------------------------------------------
    "site_disk_full": _error(
        "the disk is full ({value}); nothing of this was kept. Make room, then do it again: hub doctor "
        "says what takes it"
    ),
    "disk_read_only": _error(
        "the disk is read-only ({value}); nothing was written. Look at the machine's log for errors of "
        "the disk, mount it for writing, then do it again"
    ),
    "database_away": _error(
        "the database can't be reached; start it, or correct HUB_DATABASE_URL. Servers and workers go "
        "on by themselves once it is back"
    ),
    "database_busy": _error("the database is locked by a long write; try again in a minute"),
    "database_broken": _error(
        "the database's file is damaged; stop every server and worker, keep a copy of the site, and "
        "restore the last backup"
    ),
    "hub_unwell": _error(
        "the hub's database or disk is being seen to; ask again after the seconds of Retry-After"
    ),
    "site_served": _error(
        "{value} is served already (machine, process, since: {who}); an SQLite site has one server. Stop "
        "that one first, or move to PostgreSQL for several"
    ),
    # --- the examination itself ----------------------------------------------------------------
    "doctor_skipped": _warning("not looked at, because the {what} can't be: put that right first"),
    "doctor_check_failed": _error(
        "the check {value} itself failed ({reason}); report it, with the output of --json"
    ),
    # --- program and machine -------------------------------------------------------------------
    "doctor_python": _info("Python {value} is recent enough"),
    "doctor_python_old": _error("Python {value} is too old; install {expected} or newer"),
    "doctor_libraries": _info("{value} libraries are installed as they should be"),
    "doctor_libraries_missing": _error("not installed: {value}; install the package again"),
    "doctor_libraries_other": _warning(
        "other versions than those tested (in brackets): {value}; install with constraints.txt"
    ),
    "doctor_sqlite": _info("SQLite {value} is safe"),
    "doctor_sqlite_journal": _warning(
        "SQLite {value} can damage a database in WAL mode, so readers wait for writers here; use one of "
        "{expected} or newer, or PostgreSQL"
    ),
    "doctor_encoding": _info("texts are read and written as UTF-8"),
    "doctor_encoding_other": _warning("text is {value} here; start the hub with LANG=C.UTF-8"),
    "doctor_zone": _info("{value}; days of the law are counted in {expected} whatever it is"),
    "doctor_settings": _info("right; {value} are set"),
    # --- the site's folder -----------------------------------------------------------------------
    "doctor_site": _info("the site at {value} is whole"),
    "doctor_site_incomplete": _error(
        "{path} has no {value}: it was copied in part, or somebody removed it. Restore it from a backup "
        "before anything runs"
    ),
    "doctor_not_writable": _error(
        "nothing can be written in {value}: {reason}; run the hub as the user who owns it"
    ),
    "doctor_disk": _info("{free} free; the site has {size} and grows by {daily} a day"),
    "doctor_disk_scarce": _warning(
        "only {free} free; the site has {size} and grows by {daily} a day, so that lasts {days} days. "
        "Make room"
    ),
    "doctor_disk_full": _error(
        "only {free} free; the site has {size} and grows by {daily} a day. Make room now: runs and "
        "releases stop when it is full"
    ),
    "doctor_permissions": _info("keys and secrets are their owner's alone"),
    "doctor_secret_open": _error(
        "{value} can be read by others ({found}); chmod {expected} {value}, and make a new one where "
        "others may have read it"
    ),
    "doctor_writable_by_others": _warning(
        "{value} can be written by others ({found}); chmod {expected} {value}"
    ),
    "doctor_owner": _warning(
        "{value} belongs to user {owner}, and you are {expected}; run the hub and this as its owner"
    ),
    # --- database and clock ------------------------------------------------------------------------
    "doctor_database": _info("{value} answers"),
    "doctor_database_missing": _error(
        "there is no database at {value}; restore it, or begin with: hub init"
    ),
    "doctor_tables": _info("schema {value}"),
    "doctor_tables_older": _warning(
        "the schema is {value}, and this program's is {expected}; make a backup, then: hub upgrade"
    ),
    "doctor_backup": _info("the last was made at {value}"),
    "doctor_backup_old": _warning(
        "the last backup is {days} days old ({value}); see why hub-backup.timer doesn't make them, or: "
        "hub backup"
    ),
    "doctor_backup_none": _warning(
        "there is no backup in {value}; make one every day: hub backup. Where they are kept elsewhere, "
        "look there"
    ),
    "doctor_clock": _info("the clock says {value}"),
    "doctor_clock_back": _error(
        "the newest entry of the database is {value} seconds ahead of this machine's clock: it went back, "
        "or another machine's goes ahead. Set the clock (timedatectl) before anything runs"
    ),
    "doctor_clock_apart": _warning(
        "the database server's clock differs by {value} seconds; let both follow one time server"
    ),
    "doctor_clock_far": _error(
        "the database server's clock differs by {value} seconds, so leases end too early or too late; "
        "let both follow one time server"
    ),
    # --- what the hub talks to ---------------------------------------------------------------------
    "doctor_broker": _info("{value} answers"),
    "doctor_broker_none": _info("none is set; workers find jobs by themselves"),
    "doctor_broker_away": _warning(
        "{value} can't be reached: {reason}; start it. Meanwhile workers find jobs in the database"
    ),
    "doctor_mail": _info("{value} answers"),
    "doctor_mail_none": _warning("no mail server is set, so nobody is mailed; set mail.server"),
    "doctor_mail_away": _warning(
        "{value} can't be reached: {reason}; correct mail.server, or start it"
    ),
    "doctor_port": _info("{value} is free, or the hub's own"),
    "doctor_port_taken": _warning(
        "{value} can't be had: {reason}; another program listens there. Set serve.port"
    ),
    "doctor_server": _info("served by (machine, process, since): {value}"),
    "doctor_server_none": _info("no server holds this site on this machine"),
    # --- keys and certificates ---------------------------------------------------------------------
    "doctor_key": _info("{value}…, in use since {day}"),
    "doctor_key_missing": _error(
        "there is no signing key in {value}; restore it from a backup, or make a new one: hub keys new"
    ),
    "doctor_key_unknown": _error(
        "the signing key {value} isn't in keys.json, so nobody can check what it signs; restore both "
        "from one backup, or: hub keys new"
    ),
    "doctor_key_ended": _error(
        "the signing key {value} ended on {day}; make a new one: hub keys new"
    ),
    "doctor_key_old": _warning(
        "the signing key {value} has signed since {day}; consider a new one: hub keys new"
    ),
    "doctor_certificates_none": _info("no declaration names one"),
    "doctor_servers_unasked": _info(
        "{value} servers weren't asked for theirs; hub doctor --online does"
    ),
    "doctor_certificate": _info("{value}: {days} days left, until {day}"),
    "doctor_certificate_ending": _warning(
        "the certificate of {value} ends in {days} days, on {day}; have it renewed"
    ),
    "doctor_certificate_ended": _error(
        "the certificate of {value} ended on {day}; have it renewed"
    ),
    "doctor_certificate_unreadable": _error(
        "the certificate {value} can't be read: {reason}; put it there as PEM"
    ),
    "doctor_certificate_changed": _warning(
        "{value} shows another certificate than last time ({found} for {before}); ask its operator "
        "whether it was renewed"
    ),
    "doctor_server_unsafe": _warning("{value} shows no certificate that can be trusted: {reason}"),
    # --- law, feeds, jobs --------------------------------------------------------------------------
    "doctor_calendar": _info("working days are known until {value}"),
    "doctor_rules": _info("none of {value} rules ends soon without another in its place"),
    "doctor_rule_ending": _warning(
        "the rule {value} ({basis}) ends on {day} and nothing follows it; look up what holds then, and "
        "add it to law/ of the site"
    ),
    "doctor_feeds": _info("all {value} are declared as they should be"),
    "doctor_targets": _info("all {value} are declared as they should be"),
    "doctor_declaration": _error("{value}: {reason}"),
    "doctor_in_time": _info("all are in time"),
    "doctor_feed_late": _warning(
        "{value} was due at {due}; ask its department, or look at: hub feed due"
    ),
    "doctor_feed_never": _warning("{value} was never run; run it: hub feed run {value}"),
    "doctor_jobs": _info("nothing is stuck, waits for long or failed since yesterday"),
    "doctor_jobs_stuck": _warning(
        "{value} jobs (the first: {first}) are of a worker that is gone; start a worker, which takes "
        "them over"
    ),
    "doctor_jobs_waiting": _warning(
        "{value} jobs (the first: {first}) have waited for over an hour; start a worker: hub worker"
    ),
    "doctor_jobs_failed": _warning(
        "{value} jobs (the first: {first}) failed since yesterday; the table job has why"
    ),
}
