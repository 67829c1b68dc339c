"""The tables of accounts, sessions and attempts to sign in."""

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

from hub.accounts.offices import OFFICES
from hub.accounts.separation import keep_apart
from hub.step_guard import one_of
from hub.tables import metadata
from hub.tables_of_review import person_role

OPEN, CLOSED = "open", "closed"  # account.state

account = Table(
    "account",
    metadata,
    Column("person", String(64), primary_key=True),  # the name that is signed in with
    Column("name", String(64), nullable=False),  # as people call them
    Column("department", String(64)),  # where they work; what they may do stands in `person_role`
    # One column, so nobody holds two offices.
    Column("office", String(16)),
    Column("state", String(16), nullable=False),
    Column("password", Text),  # argon2id, with its parameters; null: none yet
    Column("password_at", String(32)),
    Column("code_secret", Text),  # sealed (`sealing`); null: no one-time codes yet
    Column("code_step", BigInteger),  # the last step whose code was used: each counts once
    # SHA-256 of the invitation with which a password is chosen; null: none is open.
    Column("invitation", String(64), unique=True),
    Column("invited_until", String(32)),
    Column("made_by", String(64), nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("closed_by", String(64)),
    Column("closed_at", String(32)),
    CheckConstraint(f"office IN ({one_of(OFFICES)})", name="account_office"),
    CheckConstraint("state IN ('open','closed')", name="account_state"),
)

session = Table(
    "console_session",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of what the browser holds
    Column("person", ForeignKey("account.person"), nullable=False),
    # code: the password was right; enrol: one-time codes have to be set up first; open
    Column("stage", String(16), nullable=False),
    Column("form_key", String(64), nullable=False),  # every form has to carry it
    Column("pending", Text),  # while enrolling: the secret that is offered, sealed
    Column("address", String(64), nullable=False),  # it counts only from here …
    Column("browser", String(64), nullable=False),  # … and from this browser: SHA-256 of its name
    Column("began_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Column("ends_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("ended_by", String(32)),  # signed_out · idle · elsewhere · closed · over
    CheckConstraint("stage IN ('code','enrol','open')", name="console_session_stage"),
    Index("console_session_by_person", "person", "ended_at"),
)

# Attempts to sign in, for as long as they are counted (`guesses`).
sign_in = Table(
    "sign_in",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(64), nullable=False),  # the name that was given, known or not
    Column("address", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),  # ok · password · code
    Index("sign_in_by_person", "person", "at"),
    Index("sign_in_by_address", "address", "at"),
)

account.add_is_dependent_on(person_role)  # whose triggers are made with it
keep_apart(account, person_role)
