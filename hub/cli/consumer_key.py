"""`hub consumer key`: the keys with which a consumer asks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.consumers import key_handing
from hub.consumers import keys as consumer_keys
from hub.consumers.consumer import consumer_named
from hub.consumers.events import OPERATOR
from hub.consumers.key_handing import Handed
from hub.database import write
from hub.grants.tables import KEY_KINDS

AS = click.option("--as", "actor", default=OPERATOR, show_default=True, help="Who does it.")
PUBLIC_KEY = click.option(
    "--public-key",
    "public_key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the consumer's public key: PEM, base64 or JWK.",
)


@click.group()
def key() -> None:
    """Keys of a consumer: added, replaced with a time in which both hold, revoked."""


@key.command()
@click.argument("name")
@click.option("--kind", required=True, metavar=f"[{'|'.join(KEY_KINDS)}]", help="Kind of key.")
@PUBLIC_KEY
@AS
@JSON
@click.pass_obj
def add(
    session: Session, name: str, kind: str, public_key: Path | None, actor: str, as_json: bool
) -> None:
    """Give a consumer a further key. What is secret of it is shown only now.

    \b
    Example:
      hub consumer key add 省平台 --kind ed25519 --public-key province.pem
    """
    site = session.site()
    engine = session.engine()
    with write(engine) as connection:
        who = consumer_named(connection, name)
        text = _text(public_key)
        handed = key_handing.hand_out(connection, site.keys, who, kind, text, actor)
    _show(session, handed, as_json)


@key.command()
@click.argument("name")
@click.argument("keyid")
@click.option("--until", required=True, metavar="DAY", help="Last day on which the old key holds.")
@PUBLIC_KEY
@AS
@JSON
@click.pass_obj
def rotate(
    session: Session,
    name: str,
    keyid: str,
    until: str,
    public_key: Path | None,
    actor: str,
    as_json: bool,
) -> None:
    """Replace a key by a new one of its kind; until the end of a day both hold.

    \b
    Example:
      hub consumer key rotate 省平台 1 --until 2026-12-31
    """
    site = session.site()
    engine = session.engine()
    with write(engine) as connection:
        who = consumer_named(connection, name)
        text = _text(public_key)
        handed = key_handing.rotate(connection, site.keys, who, keyid, until, text, actor)
    _show(session, handed, as_json)


@key.command("list")
@click.argument("name")
@JSON
@click.pass_obj
def list_keys(session: Session, name: str, as_json: bool) -> None:
    """A consumer's keys, ended ones too; of a shared secret nothing is kept.

    \b
    Example:
      hub consumer key list 省平台
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = consumer_keys.keys_of(connection, consumer_named(connection, name).id)
    names = ("keyid", "kind", "valid_from", "valid_until", "revoked_at")
    if as_json:
        show_json([{name: getattr(one, name) for name in names} for one in found])
        return
    rows = [tuple(getattr(one, name) for name in names) for one in found]
    show_table(session, ("Key id", "Kind", "From", "Until", "Revoked"), rows, "Keys")


@key.command()
@click.argument("name")
@click.argument("keyid")
@click.option("--reason", required=True, help="Why.")
@AS
@JSON
@click.pass_obj
def revoke(
    session: Session, name: str, keyid: str, reason: str, actor: str, as_json: bool
) -> None:
    """Make one key of a consumer worthless from now on.

    \b
    Example:
      hub consumer key revoke 省平台 1-2 --reason "the laptop was lost"
    """
    engine = session.engine()
    with write(engine) as connection:
        key_handing.revoke(connection, consumer_named(connection, name), keyid, reason, actor)
    if as_json:
        show_json({"revoked": keyid})
    else:
        click.echo(session.text("Revoked: {name}").format(name=keyid))


def _text(path: Path | None) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path else None


def _show(session: Session, handed: Handed, as_json: bool) -> None:
    if as_json:
        show_json(asdict(handed))
        return
    click.echo(session.text("Key id: {keyid}").format(keyid=handed.keyid))
    if handed.secret:
        told = session.text("Secret (shown only now, not kept by the hub): {secret}")
        click.echo(told.format(secret=handed.secret))
