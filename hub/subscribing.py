"""The job of subscriptions: tell of new releases, take in what readers asked for, send what is due."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Connection, Engine, exists, select

from exchange_schemas.catalogue import Catalogue
from hub import (
    retractions,
    subscription_events,
    subscription_intake,
    subscription_sending,
    subscriptions,
)
from hub.database import create_tables, write
from hub.site import Site
from hub.subscription_key import show_public_key, subscription_signer
from hub.subscription_sending import Post
from hub.tables_of_subscriptions import CONFIRMED, WAITING, subscription
from publisher.library import Library
from publisher.portal.settings import read_settings

INTERNAL = "HUB_WEBHOOKS_INTERNAL"  # 1: webhooks may stand at addresses that aren't public


def is_due(site: Site, connection: Connection, catalogue: Catalogue) -> bool:
    """Whether there is anything to take in, to tell, to send or to forget."""
    if subscription_intake.is_waiting(site) or subscription_sending.is_due(connection):
        return True
    late = subscription.c.created_at < subscriptions.ago(days=subscriptions.CONFIRM_DAYS)
    if connection.scalar(select(exists().where(subscription.c.state == WAITING, late))):
        return True
    anybody = connection.scalar(select(exists().where(subscription.c.state == CONFIRMED)))
    library = Library(site.releases, catalogue)
    return bool(anybody) and subscription_events.is_behind(connection, library)


def serve_subscribers(site: Site, engine: Engine, catalogue: Catalogue) -> dict[str, Any]:
    """Do all that is due; returns how much of each.

    Releases come before wishes: nobody is told of what was public before they asked. Without an
    address of the portal in its settings nothing is sent, because links would lead nowhere.
    """
    create_tables(engine)
    library = Library(site.releases, catalogue)
    signer = subscription_signer(site)
    show_public_key(site, signer)
    done: dict[str, Any] = {"events": subscription_events.spread(engine, library)}
    done |= subscription_intake.take_in(site, engine, library, [signer.public_key])
    with write(engine) as connection:
        done["forgotten"] = subscriptions.forget_unconfirmed(connection)
    settings = read_settings(site.portal_settings, os.environ)
    if settings.base_url:
        internal = os.environ.get(INTERNAL) == "1"
        post = Post(engine, library, settings, signer, internal)
        done |= subscription_sending.send_due(post)
        if done["sent"]:
            retractions.tell(site, engine, catalogue)  # who received it doesn't show it any more
    return done
