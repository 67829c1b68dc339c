"""`hub init`."""

from __future__ import annotations

import os

import click

from hub.cli.context import Session
from hub.cli.output import show_json
from hub.database import connect, create_tables
from hub.feeds import copy_samples
from hub.site import create_site
from publisher.signers import key_id
from publisher.signing_keys import site_signer


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def init(session: Session, as_json: bool) -> None:
    """Create a site: its folders, its database, its signing key and the sample feeds.

    \b
    Example:
      hub --site ./site init
    """
    site = create_site(session.site_path)
    create_tables(connect(site.database_url))
    copy_samples(site.feeds)
    fingerprint = key_id(site_signer(site.keys, site.releases, os.environ).public_key)
    if as_json:
        show_json({"site": str(site.path), "key_id": fingerprint})
        return
    click.echo(session.text("Created a site at {path}").format(path=site.path))
    text = session.text("Releases are signed with the key {fingerprint}")
    click.echo(text.format(fingerprint=fingerprint))
