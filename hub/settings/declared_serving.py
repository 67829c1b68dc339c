"""Settings: where the site is, its database and broker, serving, the exchange, signing, feeds."""

from __future__ import annotations

from hub.settings.kind import (
    address,
    choice,
    flag,
    host,
    names,
    path,
    power_of_two,
    seconds,
    text,
    whole,
)
from hub.settings.setting import Secrecy, Setting

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_PASSWORD = Secrecy.PASSWORD

SERVING = (
    # what says where the file is can't stand in it
    Setting("", path(), "The site's folder", "site", "HUB_SITE"),
    Setting("", path(), "The file of settings, where it isn't hub.toml of the site", None, "HUB_CONFIG"),
    Setting("", choice("zh_CN", "en"), "Language of tables and help", "zh_CN", "HUB_LANG"),
    # a consumer's own, on the consumer's machine
    Setting("", text(), "A consumer's key, with hub consume", None, "HUB_CONSUMER_KEY", Secrecy.WHOLE),
    Setting("", text(), "Database that a consumer fills, with hub consume", None,
            "HUB_CONSUME_DATABASE", _PASSWORD),
    Setting("database.url", address("sqlite", *_POSTGRES),
            "The hub's database; without it SQLite inside the site", secrecy=_PASSWORD),
    Setting("broker.url", address("redis", "rediss", "amqp", "amqps"),
            "Celery's broker; without it jobs are found in the job table", secrecy=_PASSWORD),
    Setting("serve.host", host(), "Address that hub serve listens on", "127.0.0.1"),
    Setting("serve.port", whole(0, 65535), "Port that hub serve listens on", "8000"),
    Setting("serve.workers", whole(1, 256), "Processes that answer, with hub portal; without it one a core"),
    Setting("serve.trusted_proxy", host(),
            "The one server before this one that is believed about who asks", None, "HUB_TRUSTED_PROXY"),
    Setting("serve.offload", choice("x-accel-redirect"),
            "How the server before this one sends sealed files by itself", None, "HUB_OFFLOAD"),
    Setting("schedule.every", seconds(), "Seconds between two looks at what is due", "5"),
    Setting("schedule.publish_minutes", whole(),
            "Minutes between two releases of a dataset; 0: only hub publish makes them", "10"),
    Setting("schedule.lease_seconds", seconds(),
            "Seconds without a sign of life after which a job is given to another worker", "120",
            "HUB_LEASE_SECONDS"),
    Setting("schedule.leader_seconds", seconds(),
            "Seconds without a sign of life after which another process leads", "30",
            "HUB_LEADER_SECONDS"),
    Setting("exchange.origin", text(), "The name under which checkpoints are signed", None, "HUB_ORIGIN"),
    Setting("exchange.authority", host(), "The host that consumers sign their requests for"),
    Setting("exchange.rate", whole(), "Requests a minute of one consumer; 0: no limit", "6000"),
    Setting("exchange.segment_entries", power_of_two(256, 1_048_576),
            "Entries of one sealed file of a new stream", "262144", "HUB_SEGMENT_ENTRIES"),
    Setting("exchange.webhooks_internal", flag(),
            "Whether consumers' webhooks may stand inside the own network", "0",
            "HUB_WEBHOOKS_INTERNAL"),
    Setting("signing.key", path(), "File of the signing key, where it isn't in the site"),
    Setting("signing.algorithm", choice("ed25519", "sm2"), "Kind of a new signing key", "ed25519"),
    Setting("feeds.internal", names(), "Feeds whose source may stand inside the own network", None,
            "HUB_INTERNAL_FEEDS"),
    Setting("targets.internal", names(), "Targets that may stand inside the own network", None,
            "HUB_INTERNAL_TARGETS"),
    Setting("codes.folder", path(), "Folder with code lists of the site's own", None, "HUB_CODES"),
)  # fmt: skip
