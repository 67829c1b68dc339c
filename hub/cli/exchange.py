"""`hub exchange`: what consumers were given, what they said of it, and who has what."""

from __future__ import annotations

import click

from hub.cli.exchange_erase import erase
from hub.cli.exchange_holders import holders
from hub.cli.exchange_pages import pages, report
from hub.cli.exchange_receipts import overdue, receipts
from hub.cli.exchange_refusals import answer, refusals
from hub.cli.exchange_returns import close_return, returns
from hub.cli.exchange_streams import checkpoint, seal, snapshot, status


@click.group()
def exchange() -> None:
    """The exchange with consumers: receipts, refusals, who has a record, pages for staff."""


for command in (
    receipts,
    refusals,
    answer,
    overdue,
    holders,
    pages,
    report,
    returns,
    close_return,
):
    exchange.add_command(command)
for command in (status, seal, snapshot, checkpoint, erase):
    exchange.add_command(command)
