"""The tables of consumers' keys and grants, of what was done to them, and of nonces that were used.

Nothing is overwritten that anybody decided: each step is a row of `consumer_event` of its own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from hub.tables import metadata

KEY_KINDS = (BEARER, HMAC, ED25519, SM2) = ("bearer", "hmac", "ed25519", "sm2")
GRANT_STATES = (APPLIED, GRANTED, REFUSED, REVOKED) = ("applied", "granted", "refused", "revoked")


def _one_of(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# Of a bearer's secret the SHA-256 is kept, of a signing key its public half, of a shared secret
# nothing: it is worked out from the site's master secret and `keyid` (`consumer_secret`).
consumer_key = Table(
    "consumer_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("keyid", String(32), nullable=False, unique=True),  # stands in each request
    Column("public_key", Text),  # base64 of 32 bytes (Ed25519) or 65 (SM2)
    Column("key_hash", String(64)),  # of a bearer: hex SHA-256 of its secret
    Column("valid_from", String(32), nullable=False),
    Column("valid_until", String(32)),  # instant; null: until it is revoked
    Column("created_at", String(32), nullable=False),
    Column("revoked_at", String(32)),
    CheckConstraint(f"kind IN ({_one_of(KEY_KINDS)})", name="consumer_key_kind"),
    CheckConstraint(
        "(kind = 'bearer' AND key_hash IS NOT NULL) OR (kind = 'hmac' AND key_hash IS NULL"
        " AND public_key IS NULL) OR (kind IN ('ed25519', 'sm2') AND public_key IS NOT NULL)",
        name="consumer_key_secret",
    ),
)

# What a consumer may have of one dataset, from when it is applied for.
consumer_grant = Table(
    "consumer_grant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False),
    Column("dataset", String(64), nullable=False),
    Column("share_type", String(16), nullable=False),  # the standard's when it was asked for
    Column("audience", String(16), nullable=False),  # whose view: government industry public
    Column("association", String(18)),  # whose records, in datasets of industry organisations
    Column("fields", Text),  # JSON list in the standard's order; null: all that the audience sees
    Column("purpose", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("valid_from", String(10), nullable=False),  # its first day …
    Column("valid_until", String(10)),  # … and its last; null: until it is revoked
    Column("rate", Integer),  # requests a minute; null: the site's usual rate
    Column("receipts_within_hours", Integer),  # null: no receipts are asked for
    Column("state", String(16), nullable=False),
    Column("applied_at", String(32), nullable=False),
    Column("applied_by", String(128), nullable=False),
    Column("review_by", String(10)),  # the last day for a first look; null: it was granted at once
    Column("decide_by", String(10)),  # the last day for an answer
    Column("decided_at", String(32)),  # of the last decision: granted, refused or revoked
    Column("decided_by", String(64)),
    Column("reason", Text),  # … and why
    Column("decision_basis", Text),  # the legal ground of a refusal
    CheckConstraint(f"state IN ({_one_of(GRANT_STATES)})", name="consumer_grant_state"),
)
# One living grant of a dataset, and one application that waits.
for _state in (APPLIED, GRANTED):
    Index(
        f"consumer_grant_one_{_state}",
        consumer_grant.c.consumer_id,
        consumer_grant.c.dataset,
        unique=True,
        sqlite_where=consumer_grant.c.state == _state,
        postgresql_where=consumer_grant.c.state == _state,
    )

# Who did what to a consumer, its keys and its grants, when and why. Rows are only ever added.
consumer_event = Table(
    "consumer_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("consumer_id", ForeignKey("consumer.id"), nullable=False, index=True),
    Column("grant_id", ForeignKey("consumer_grant.id")),
    Column("keyid", String(32)),
    Column("act", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("reason", Text),
    Column("details", Text, nullable=False),  # JSON object: what was asked for or set
    Column("at", String(32), nullable=False),
)

# Nonces of signed requests that were let in, so that none is let in twice.
request_nonce = Table(
    "request_nonce",
    metadata,
    Column("keyid", String(32), primary_key=True),
    Column("nonce", String(128), primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),  # second from which none is accepted
)

# Up to which `until` nonces were forgotten: a request of before is refused, whatever the clock says.
nonce_floor = Table(
    "nonce_floor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1
    Column("until", BigInteger, nullable=False),
)
