"""`hub keys`: the key with which releases are signed."""

from __future__ import annotations

import os
from dataclasses import asdict

import click

from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from publisher.known_keys import KnownKey, read_known_keys
from publisher.signers import key_id
from publisher.signing_keys import replace_key, retire_key

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def keys() -> None:
    """The key with which releases are signed, and the public keys that readers know."""


@keys.command()
@JSON
@click.pass_obj
def new(session: Session, as_json: bool) -> None:
    """Make a new key and sign with it from now on; the one before it ends now and is destroyed.

    HUB_SIGNING_ALGORITHM says of which kind it is: ed25519, or sm2 with SM3.

    \b
    Example:
      hub keys new
    """
    site = session.site()
    made = key_id(replace_key(site.keys, site.releases, os.environ).public_key)
    _show(session, [key for key in read_known_keys(site.releases) if key.key_id == made], as_json)
    if not as_json:
        click.echo(session.text("Tell readers this fingerprint in another place than the portal."))


@keys.command("list")
@JSON
@click.pass_obj
def list_keys(session: Session, as_json: bool) -> None:
    """All keys with which releases were ever signed, and from when until when.

    \b
    Example:
      hub keys list
    """
    _show(session, read_known_keys(session.site().releases), as_json)


@keys.command()
@click.argument("fingerprint")
@JSON
@click.pass_obj
def retire(session: Session, fingerprint: str, as_json: bool) -> None:
    """End the key with this FINGERPRINT; nothing is published until there is a new one.

    What it signed before stays right. The site's file of it is destroyed.

    \b
    Example:
      hub keys retire 56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c
    """
    site = session.site()
    _show(session, [retire_key(site.keys, site.releases, fingerprint)], as_json)


def _show(session: Session, known: list[KnownKey], as_json: bool) -> None:
    if as_json:
        show_json([asdict(key) for key in known])
        return
    in_use = session.text("in use")
    rows = [(k.key_id, k.algorithm, k.valid_from, k.valid_until or in_use) for k in known]
    show_table(session, ("Fingerprint", "Algorithm", "From", "Until"), rows, "Signing keys")
