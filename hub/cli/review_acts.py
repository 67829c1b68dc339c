"""The acts of `hub review`: check, approve, schedule, reject, return, withdraw."""

from __future__ import annotations

from collections.abc import Callable

import click

from hub import review as reviewing
from hub.chosen import Chosen
from hub.cli.chosen import (
    ALL,
    AS,
    DIGEST,
    JSON,
    NOTE,
    REASON,
    RECORDS,
    WHERE,
    chosen,
    desk,
    reason,
)
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.decisions import Reason
from hub.review import Desk
from hub.work import work_now

EXAMINED = (
    click.option(
        "--secrecy", is_flag=True, help="You examined it for secrets, and there are none."
    ),
    click.option(
        "--privacy", is_flag=True, help="You examined it for personal data, and there is none."
    ),
)


def _told(session: Session, count: int, as_json: bool) -> None:
    if as_json:
        show_json({"records": count})
    else:
        click.echo(session.text("Records: {count}").format(count=count))


@click.command()
@click.argument("dataset")
@RECORDS
@ALL
@WHERE
@DIGEST
@EXAMINED[0]
@EXAMINED[1]
@AS
@JSON
@click.pass_obj
def check(
    session: Session,
    dataset: str,
    records: tuple[str, ...],
    everything: bool,
    where: tuple[str, ...],
    digest: str | None,
    secrecy: bool,
    privacy: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Review records: say that their public view may go to approval by another person.

    \b
    Example:
      hub review check administrative_penalty 0123456789abcdef --secrecy --privacy --as wang
    """
    wanted = chosen(records, everything, where, digest)
    done = reviewing.review(
        desk(session, dataset, actor), wanted, secrecy=secrecy, privacy=privacy
    )
    _told(session, done, as_json)


@click.command()
@click.argument("dataset")
@RECORDS
@ALL
@WHERE
@DIGEST
@AS
@JSON
@click.pass_obj
def approve(
    session: Session,
    dataset: str,
    records: tuple[str, ...],
    everything: bool,
    where: tuple[str, ...],
    digest: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Approve what another person reviewed, exactly as it is now.

    \b
    Example:
      hub review approve administrative_penalty 0123456789abcdef --as li
    """
    wanted = chosen(records, everything, where, digest)
    _told(session, reviewing.approve(desk(session, dataset, actor), wanted), as_json)


@click.command()
@click.argument("dataset")
@RECORDS
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Not public before this day.")
@AS
@JSON
@click.pass_obj
def schedule(
    session: Session,
    dataset: str,
    records: tuple[str, ...],
    day: click.DateTime | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Let approved records wait for a day; without --on they go into the next release again.

    \b
    Example:
      hub review schedule administrative_penalty 0123456789abcdef --on 2026-12-01 --as li
    """
    wanted, at = chosen(records, False, (), None), desk(session, dataset, actor)
    if day is None:
        _told(session, reviewing.unschedule(at, wanted), as_json)
    else:
        _told(session, reviewing.schedule(at, wanted, f"{day:%Y-%m-%d}"), as_json)


def _with_reason(
    name: str, told: str, do: Callable[[Desk, Chosen, Reason], int], publish: bool = False
) -> click.Command:
    """A command that does something to named records for a reason; with `publish` the dataset's next
    release comes at once."""

    @click.command(name, help=told)
    @click.argument("dataset")
    @RECORDS
    @REASON
    @NOTE
    @AS
    @JSON
    @click.pass_obj
    def command(
        session: Session,
        dataset: str,
        records: tuple[str, ...],
        code: str,
        note: str | None,
        actor: str | None,
        as_json: bool,
    ) -> None:
        at = desk(session, dataset, actor)
        done = do(at, chosen(records, False, (), None), reason(code, note))
        if publish:
            work_now(session.site(), at.engine, "publish", {"datasets": [at.standard.dataset]})
        _told(session, done, as_json)

    return command


reject = _with_reason(
    "reject",
    """Refuse to publish records, with a reason; only another view asks for approval again.

    \b
    Example:
      hub review reject administrative_penalty 0123456789abcdef --as wang --reason business_secret
    """,
    reviewing.reject,
)
give_back = _with_reason(
    "return",
    """Return reviewed records to their reviewer, with a reason.

    \b
    Example:
      hub review return administrative_penalty 0123456789abcdef --as li --reason inaccurate
    """,
    reviewing.give_back,
)
withdraw = _with_reason(
    "withdraw",
    """Take records back, with a reason, and publish the dataset without them at once.

    \b
    Example:
      hub review withdraw administrative_penalty 0123456789abcdef --as li --reason decision_changed
    """,
    reviewing.withdraw,
    publish=True,
)

ACTS = (check, approve, schedule, reject, give_back, withdraw)
