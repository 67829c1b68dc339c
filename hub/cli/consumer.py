"""`hub consumer`: who may pull, and what."""

from __future__ import annotations

from typing import Any

import click

from hub.cli.consumer_key import AS, key
from hub.cli.consumer_log import log
from hub.cli.consumer_webhook import webhook
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.consumers import consumer as consumers
from hub.consumers import settings as consumer_settings
from hub.consumers.enrolling import Enrolment, enrol
from hub.database import write

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
SETTINGS = (
    click.option("--credit-code", metavar="USCC", help="Credit code of the organisation."),
    click.option("--contact", help="Whom to ask there."),
    click.option(
        "--network",
        "networks",
        multiple=True,
        metavar="CIDR",
        help="A network from which it may come; can be given several times.",
    ),
    click.option(
        "--certificate",
        "certificates",
        multiple=True,
        metavar="SHA256",
        help="Fingerprint of a client certificate that it must show; can be given several times.",
    ),
    click.option("--rate", type=int, help="Requests a minute; 0: as usual."),
)


def settings(command: Any) -> Any:
    """The options that say something of the organisation."""
    for option in reversed(SETTINGS):
        command = option(command)
    return command


@click.group()
def consumer() -> None:
    """Platforms that pull exchanges."""


consumer.add_command(key)
consumer.add_command(log)
consumer.add_command(webhook)


@consumer.command()
@click.argument("name")
@click.option(
    "--audience",
    required=True,
    metavar="[government|industry]",
    help="Whose view of the records it is given.",
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    help="A dataset that it may pull; can be given several times.",
)
@click.option(
    "--association",
    metavar="USCC",
    help="Credit code of the industry organisation whose records it is given.",
)
@click.option("--purpose", help="What the data are for.")
@click.option("--legal-basis", help="The law that allows it.")
@settings
@click.option(
    "--signed-only", is_flag=True, help="It must sign its requests; gives no bearer key."
)
@AS
@JSON
@click.pass_obj
def add(session: Session, /, name: str, datasets: tuple[str, ...], **given: Any) -> None:
    """Register a consumer and print its key, which is shown only now.

    What is shared on conditions is applied for, and the department that owns it decides.

    \b
    Example:
      hub consumer add 省平台 --audience government --dataset administrative_penalty
    """
    words = {n: given.pop(n) for n in ("audience", "association", "purpose", "legal_basis")}
    actor, as_json = given.pop("actor"), given.pop("as_json")
    one = Enrolment(name=name, datasets=datasets, **words, settings=given)
    engine = session.engine()
    with write(engine) as connection:
        done = enrol(connection, session.catalogue(), one, actor)
    if as_json:
        told = {"name": name, "audience": one.audience, "association": one.association}
        more = {"datasets": list(done.granted), "applications": list(done.waiting)}
        show_json({**told, **more, "key": done.key})
        return
    if done.key:
        told_key = session.text("Key (shown only now, not kept by the hub): {key}")
        click.echo(told_key.format(key=done.key))
    for number in done.waiting:
        waits = session.text("Application {number} waits for the department that owns the data.")
        click.echo(waits.format(number=number))


@consumer.command("set")
@click.argument("name")
@settings
@click.option("--anywhere", is_flag=True, help="It may come from any network.")
@click.option("--no-certificate", is_flag=True, help="It needs no client certificate.")
@click.option("--signed-only/--bearer-too", "signed_only", default=None, help="Which keys count.")
@AS
@JSON
@click.pass_obj
def change(
    session: Session,
    /,
    name: str,
    anywhere: bool,
    no_certificate: bool,
    actor: str,
    as_json: bool,
    **given: Any,
) -> None:
    """Change what is known of a consumer; what isn't named stays.

    \b
    Example:
      hub consumer set 省平台 --network 10.20.0.0/16 --signed-only
    """
    for option, clear in (("networks", anywhere), ("certificates", no_certificate)):
        given[option] = () if clear else (given[option] or None)
    engine = session.engine()
    with write(engine) as connection:
        who = consumers.consumer_named(connection, name)
        consumer_settings.change(connection, who, given, actor)
        now = consumers.consumer_named(connection, name)
    if as_json:
        show_json(_told(now))
    else:
        click.echo(session.text("Changed: {name}").format(name=name))


@consumer.command("list")
@JSON
@click.pass_obj
def list_all(session: Session, as_json: bool) -> None:
    """All consumers, revoked ones too.

    \b
    Example:
      hub consumer list
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = consumers.list_consumers(connection)
    if as_json:
        show_json([_told(one) for one in found])
        return
    rows = [
        (one.id, one.name, one.audience, one.association, " ".join(one.datasets),
         " ".join(one.networks), one.created_at, one.revoked_at)
        for one in found
    ]  # fmt: skip
    columns = (
        "No.", "Name", "Audience", "Association", "Datasets", "Networks", "Registered", "Revoked",
    )  # fmt: skip
    show_table(session, columns, rows, "Consumers")


@consumer.command()
@click.argument("name")
@AS
@JSON
@click.pass_obj
def revoke(session: Session, name: str, actor: str, as_json: bool) -> None:
    """Make all of a consumer's keys worthless from now on.

    \b
    Example:
      hub consumer revoke 省平台
    """
    engine = session.engine()
    with write(engine) as connection:
        consumers.revoke(connection, name, actor)
    if as_json:
        show_json({"revoked": name})
    else:
        click.echo(session.text("Revoked: {name}").format(name=name))


def _told(one: consumers.Consumer) -> dict[str, Any]:
    names = (
        "id", "name", "audience", "association", "datasets", "credit_code", "contact", "networks",
        "certificates", "signed_only", "rate", "created_at", "revoked_at",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names}
