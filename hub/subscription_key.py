"""The key with which the hub signs links in letters, and what it sends to webhooks.

The private key stays in the site's folder of keys; the public one goes to where the portal reads, which
checks links with it and shows it to receivers.
"""

from __future__ import annotations

import json
from contextlib import suppress

from hub.site import Site
from publisher.disk import write_synced
from publisher.key_file import read_key, write_key
from publisher.signed_links import KEYS, key_set
from publisher.signers import Ed25519Signer, Signer

NAME = "subscriptions.json"


def subscription_signer(site: Site) -> Signer:
    """The site's key for subscriptions, made where there is none yet.

    Raises Refused (signing_key_unreadable).
    """
    place = site.keys / NAME
    if not place.exists():
        with suppress(FileExistsError):  # another process was quicker
            write_key(place, Ed25519Signer.new())
    return read_key(place)


def show_public_key(site: Site, signer: Signer) -> None:
    """Leave the public key where the portal finds it."""
    content = (json.dumps(key_set([signer.public_key]), indent=2) + "\n").encode()
    place = site.answers / KEYS
    if place.is_file() and place.read_bytes() == content:
        return
    site.answers.mkdir(parents=True, exist_ok=True)
    coming = site.answers / f".{KEYS}"
    write_synced(coming, content)
    coming.replace(place)
