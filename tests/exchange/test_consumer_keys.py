"""Keys of consumers: several, of four kinds, replaced with a time in which both hold; older sites'."""

from __future__ import annotations

import base64
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from exchange_schemas.errors import Misdeclared, Refused
from hub.consumers import key_handing
from hub.consumers import keys as consumer_keys
from hub.consumers.consumer import authenticate, consumer_named
from hub.consumers.events import events_of
from hub.consumers.public_keys import read_public_key
from hub.consumers.secret import master_secret, read_master, shared_secret
from hub.database import write
from hub.grants.tables import consumer_event, consumer_key
from publisher.signers import Ed25519Signer, Sm2Signer, is_public_key
from tests.exchange.access_hub import (
    SIGNED_KINDS,
    a_signing_key,
    ask_signed,
    code,
    registered,
)
from tests.hub.exchange_hub import application
from tests.hub.ledger_data import made

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def rotated(connection: Connection, folder: Path, name: str, keyid: str, until: str) -> str:
    who = consumer_named(connection, name)
    return key_handing.rotate(connection, folder, who, keyid, until, None, "operator").secret or ""


def test_old_and_new_hold_beside_each_other_until_the_day_is_over(
    engine: Engine, tmp_path: Path
) -> None:
    with time_machine.travel(NOON, tick=False):
        _, old = registered(engine)
        with write(engine) as connection:
            new = rotated(connection, tmp_path, "省平台", "1", "2026-11-25")
    assert new.startswith("1-2.")
    for moment, valid in (
        ("2026-11-23T05:00:00", (True, True)),
        ("2026-11-25T15:59:59", (True, True)),  # 23:59:59 in the departments
        ("2026-11-25T16:00:00", (False, True)),
        ("2027-11-25T16:00:00", (False, True)),
    ):
        with (
            time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False),
            engine.connect() as connection,
        ):
            found = tuple(authenticate(connection, key) is not None for key in (old, new))
        assert found == valid
    with engine.connect() as connection:
        acts = [event["act"] for event in events_of(connection)]
    assert acts == ["register", "key_add", "grant", "grant", "key_add", "key_rotate"]


@pytest.mark.parametrize("kind", SIGNED_KINDS)
def test_keys_that_sign_are_replaced_alike(engine: Engine, kind: str) -> None:
    who, _ = registered(engine)
    wsgi = application(engine)
    first = a_signing_key(engine, who, kind)
    second = a_signing_key(engine, who, kind)
    assert ask_signed(wsgi, first).status_code == ask_signed(wsgi, second).status_code == 200
    with write(engine) as connection:
        key_handing.revoke(connection, who, first.keyid, "lost", "operator")
    refused = ask_signed(wsgi, first)
    assert (refused.status_code, code(refused)) == (401, "signature_wrong")
    assert ask_signed(wsgi, second).status_code == 200


def test_an_ended_key_isn_t_replaced_and_no_other_one_s(engine: Engine, tmp_path: Path) -> None:
    registered(engine)
    registered(engine, "另一平台")
    with write(engine) as connection:
        who = consumer_named(connection, "省平台")
        key_handing.revoke(connection, who, "1", "lost", "operator")
        for keyid, error, word in (
            ("1", Refused, "key_ended"),
            ("2", Misdeclared, "key_unknown"),
            ("9", Misdeclared, "key_unknown"),
        ):
            with pytest.raises(error) as told:
                rotated(connection, tmp_path, "省平台", keyid, "2099-01-01")
            assert told.value.issue.code == word
        for day in ("2020-01-01", "morgen", "2026-02-30"):
            with pytest.raises(Misdeclared) as told:
                rotated(connection, tmp_path, "另一平台", "2", day)
            assert told.value.issue.code == "instant_wrong"


def test_rotation_never_makes_a_key_hold_longer(engine: Engine, tmp_path: Path) -> None:
    with time_machine.travel(NOON, tick=False):
        registered(engine)
        with write(engine) as connection:
            rotated(connection, tmp_path, "省平台", "1", "2026-11-24")
            rotated(connection, tmp_path, "省平台", "1", "2027-11-24")
            (first, *_) = consumer_keys.keys_of(connection, 1)
    assert first.valid_until == "2026-11-24T16:00:00.000Z"


def test_nothing_in_the_database_signs(engine: Engine, tmp_path: Path) -> None:
    """A shared secret is worked out from the site's file and stands in no table."""
    who, bearer = registered(engine)
    with write(engine) as connection:
        handed = key_handing.hand_out(connection, tmp_path, who, "hmac", None, "operator")
    secret = base64.b64decode(handed.secret or "")
    assert secret not in repr(handed).encode() and len(secret) == 32
    with engine.connect() as connection:
        rows = [
            *connection.execute(select(consumer_key)),
            *connection.execute(select(consumer_event)),
        ]
    told = repr(rows)
    for text in (secret.hex(), handed.secret or "", bearer.partition(".")[2]):
        assert text not in told
    master = read_master(tmp_path)
    assert master is not None and shared_secret(master, handed.keyid) == secret
    assert shared_secret(master, "1-3") != secret
    assert stat.S_IMODE((tmp_path / "consumers.secret").stat().st_mode) == 0o600


def test_the_master_secret_is_made_once_and_read_strictly(tmp_path: Path) -> None:
    assert read_master(tmp_path) is None
    first = master_secret(tmp_path / "keys")
    assert master_secret(tmp_path / "keys") == first
    place = tmp_path / "keys" / "consumers.secret"
    for text, mode in ((first.hex(), 0o644), ("00", 0o600), ("x" * 64, 0o600), ("", 0o600)):
        place.write_text(text)
        place.chmod(mode)
        with pytest.raises(Refused) as error:
            read_master(tmp_path / "keys")
        assert error.value.issue.code == "consumer_secret_unreadable"
        assert first.hex() not in error.value.issue.message()


ED, SM = Ed25519Signer(bytes(range(32))), Sm2Signer(bytes([7] * 32))
ED_PEM = (
    Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
SM_DER = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200") + SM.public_key


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ed25519", ED_PEM),
        ("ed25519", b64(ED.public_key)),
        ("ed25519", json.dumps({"kty": "OKP", "crv": "Ed25519", "x": url64(ED.public_key)})),
        ("sm2", b64(SM.public_key)),
        ("sm2", b64(SM_DER)),
        ("sm2", f"-----BEGIN PUBLIC KEY-----\n{b64(SM_DER)}\n-----END PUBLIC KEY-----\n"),
        (
            "sm2",
            json.dumps(
                {
                    "kty": "EC",
                    "crv": "SM2",
                    "x": url64(SM.public_key[1:33]),
                    "y": url64(SM.public_key[33:]),
                }
            ),
        ),
    ],
)
def test_public_keys_come_in_three_forms(kind: str, text: str) -> None:
    assert read_public_key(kind, text) == (ED if kind == "ed25519" else SM).public_key


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ed25519", b64(SM.public_key)),
        ("sm2", ED_PEM),
        ("sm2", b64(b"\x04" + bytes(64))),  # not on the curve
        ("sm2", b64(SM.public_key[:-1] + bytes([SM.public_key[-1] ^ 1]))),
        ("ed25519", b64(bytes(32))),  # of order 4: anybody can sign for it
        ("ed25519", b64(b"\x01" + bytes(31))),
        ("ed25519", b64(b"\x01" + bytes(30) + b"\x80")),
        ("ed25519", json.dumps({"kty": "OKP", "crv": "Ed25519", "d": "x", "x": "x"})),
        ("ed25519", json.dumps({"kty": "OKP", "crv": "Ed25519"})),
        ("ed25519", json.dumps({"kty": "OKP", "crv": "Ed25519", "x": 7})),
        ("ed25519", "[]"),
        ("ed25519", "{"),
        ("ed25519", ED_PEM.replace("PUBLIC", "PRIVATE")),
        ("ed25519", ""),
    ],
)
def test_no_other_key_is_taken(kind: str, text: str) -> None:
    with pytest.raises(Misdeclared) as error:
        read_public_key(kind, text)
    assert error.value.issue.code == "public_key_wrong"


@given(st.sampled_from(["ed25519", "sm2"]), st.binary(max_size=80))
def test_no_bytes_break_the_check(kind: str, data: bytes) -> None:
    assert is_public_key(kind, data) in (True, False)


def test_a_public_key_is_registered_once(engine: Engine) -> None:
    one, _ = registered(engine)
    other, _ = registered(engine, "另一平台")
    key = a_signing_key(engine, one, "ed25519", ED)
    for who in (one, other):
        with pytest.raises(Misdeclared) as error:
            a_signing_key(engine, who, "ed25519", ED)
        assert error.value.issue.code == "key_known"
    with write(engine) as connection:
        key_handing.revoke(connection, one, key.keyid, "lost", "operator")
    with pytest.raises(Misdeclared):
        a_signing_key(engine, one, "ed25519", ED)


@pytest.mark.parametrize(
    ("kind", "public", "word"),
    [
        ("rsa", None, "key_kind_wrong"),
        ("ed25519", None, "public_key_missing"),
        ("hmac", b64(ED.public_key), "public_key_needless"),
    ],
)
def test_what_cannot_be_handed_out_is_said(
    engine: Engine, tmp_path: Path, kind: str, public: str | None, word: str
) -> None:
    who, _ = registered(engine)
    with pytest.raises(Misdeclared) as error, write(engine) as connection:
        key_handing.hand_out(connection, tmp_path, who, kind, public, "operator")
    assert error.value.issue.code == word
    with engine.connect() as connection:
        assert len(consumer_keys.keys_of(connection, who.id)) == 1
