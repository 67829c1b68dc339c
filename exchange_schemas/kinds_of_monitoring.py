"""Kinds of issue: what the operator is told of the hub at work."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error
from exchange_schemas.kind import warning as _warning

MONITORING_KINDS: dict[str, Kind] = {
    # --- settings and probes -----------------------------------------------------------------
    "log_setting_wrong": _error("{field} is {value}; known are: {known}"),
    "not_ready": _error("the hub isn't ready: {value}; its operator sees why with hub status"),
    "metrics_refused": _error(
        "metrics are shown to this machine and to who has HUB_METRICS_TOKEN; send it as a bearer token"
    ),
    # --- feeds and jobs ----------------------------------------------------------------------
    "watch_feed_late": _error(
        "feed {value} is late: it delivered last at {since} and was due at {due}. Ask the department, "
        "then run: hub feed run {value}"
    ),
    "watch_feed_never": _warning("feed {value} never delivered; run: hub feed run {value}"),
    "watch_feed_failed": _warning(
        "the last run of feed {value}, at {since}, failed; see: hub feed runs {value}"
    ),
    "watch_run_held": _error(
        "run {run} of feed {value} is held since {since}; look at the difference and decide: hub feed held"
    ),
    "watch_jobs_wait": _error(
        "{value} jobs wait, the oldest since {since}; see that a worker runs: hub worker"
    ),
    "watch_jobs_lost": _error(
        "{value} jobs lost their worker at {since} and nobody took them over; start a worker: hub worker"
    ),
    "watch_jobs_failed": _error(
        "{count} jobs of the kind {value} failed since {since}, and none was done after them; the log says "
        "why"
    ),
    # --- disclosures -------------------------------------------------------------------------
    "watch_overdue": _error(
        "{count} records of {value} in {dataset} aren't public in time, the first since {since}; see: hub "
        "clocks due {dataset}"
    ),
    "watch_due_today": _warning(
        "{count} records of {value} in {dataset} have to be public today; see: hub clocks due {dataset}"
    ),
    # --- consumers and targets ---------------------------------------------------------------
    "watch_consumer_behind": _warning(
        "consumer {value} hasn't fetched {entries} entries of {dataset}, the oldest for {hours} hours; ask it"
    ),
    "watch_receipts": _error(
        "consumer {value} owes receipts since {since}; see: hub exchange overdue"
    ),
    "watch_webhooks": _warning(
        "{value} webhooks of consumers were stopped because nothing arrived, and {failing} fail; see: hub "
        "consumer webhook list"
    ),
    "watch_target_fails": _error(
        "target {value} failed {count} times in a row: {failure}; see: hub target status {value}"
    ),
    "watch_target_left": _warning(
        "{count} entries don't reach target {value}: refused or not to be written; see: hub target status "
        "{value}"
    ),
    # --- the machine -------------------------------------------------------------------------
    "watch_disk": _error(
        "{free} GiB ({percent} %) are free on the disk of the {value}; make room or enlarge it"
    ),
    "watch_certificate_ends": _error(
        "the certificate of {value} ends in {days} days; have it renewed"
    ),
    "watch_certificate_bad": _error(
        "{value} shows no certificate that is accepted: {reason}; check the server and its certificate"
    ),
    "watch_calendar": _error(
        "the calendar of working days ends in {value} days; take in the State Council's announcement "
        "(law/calendar.csv)"
    ),
    "watch_backup_old": _error(
        "the last backup, of {since}, is {value} hours old; run: hub backup"
    ),
    "watch_sign_ins": _warning(
        "{value} attempts to sign in failed within an hour; see the audit log for from where"
    ),
    "watch_schema": _error(
        "the database's tables are of {value} and this program needs {expected}; run: hub upgrade"
    ),
    "watch_unseen": _error("{value} can't be seen: {reason}; check the database"),
    # --- alerts ------------------------------------------------------------------------------
    "watch_alerts_lost": _warning(
        "{value} alerts couldn't be delivered; see which way and why: hub alert list"
    ),
    "alert_ways_none": _error(
        "nobody is told of alerts: set HUB_ALERTS_MAIL_TO, HUB_ALERTS_WEBHOOK, HUB_ALERTS_WECOM or "
        "HUB_ALERTS_DINGTALK"
    ),
    "alert_trial": _warning("this is a trial: nothing is wrong"),
    "alert_way_wrong": _error("{value} isn't an http(s) address; correct the setting"),
    "alert_mail_missing": _error(
        "HUB_ALERTS_MAIL_TO is set and no mail server; set HUB_SMTP_URL too"
    ),
}
