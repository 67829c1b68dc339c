"""`hub consumer`: who may pull, and what."""

from __future__ import annotations

import click

from hub import consumers
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import connect, write

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def consumer() -> None:
    """Platforms that pull exchanges."""


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
    required=True,
    multiple=True,
    help="A dataset that it may pull; can be given several times.",
)
@click.option(
    "--association",
    metavar="USCC",
    help="Credit code of the industry organisation whose records it is given.",
)
@JSON
@click.pass_obj
def add(
    session: Session,
    name: str,
    audience: str,
    datasets: tuple[str, ...],
    association: str | None,
    as_json: bool,
) -> None:
    """Register a consumer and print its key, which is shown only now.

    \b
    Example:
      hub consumer add 省平台 --audience government --dataset administrative_penalty
    """
    catalogue = session.catalogue()
    consumers.check_grants(catalogue, datasets)
    consumers.check_association(catalogue, audience, datasets, association)
    with write(connect(session.site().database_url)) as connection:
        key = consumers.add_consumer(connection, name, audience, datasets, association)
    if as_json:
        told = {"name": name, "audience": audience, "association": association}
        show_json({**told, "datasets": sorted(datasets), "key": key})
        return
    click.echo(session.text("Key (shown only now, not kept by the hub): {key}").format(key=key))


@consumer.command("list")
@JSON
@click.pass_obj
def list_all(session: Session, as_json: bool) -> None:
    """All consumers, revoked ones too.

    \b
    Example:
      hub consumer list
    """
    with connect(session.site().database_url).connect() as connection:
        found = consumers.list_consumers(connection)
    names = (
        "id", "name", "audience", "association", "datasets", "created_at", "revoked_at",
    )  # fmt: skip
    if as_json:
        show_json([{name: getattr(one, name) for name in names} for one in found])
        return
    rows = [
        (one.id, one.name, one.audience, one.association, " ".join(one.datasets),
         one.created_at, one.revoked_at)
        for one in found
    ]  # fmt: skip
    columns = ("No.", "Name", "Audience", "Association", "Datasets", "Registered", "Revoked")
    show_table(session, columns, rows, "Consumers")


@consumer.command()
@click.argument("name")
@JSON
@click.pass_obj
def revoke(session: Session, name: str, as_json: bool) -> None:
    """Make a consumer's key worthless from now on.

    \b
    Example:
      hub consumer revoke 省平台
    """
    with write(connect(session.site().database_url)) as connection:
        consumers.revoke(connection, name)
    if as_json:
        show_json({"revoked": name})
    else:
        click.echo(session.text("Revoked: {name}").format(name=name))
