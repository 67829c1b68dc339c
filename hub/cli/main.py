"""The `hub` command."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext, suppress
from copy import copy
from importlib import import_module
from inspect import cleandoc
from pathlib import Path

import click

from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.language import DEFAULT_LOCALE, LOCALES, translate
from hub.cli.acted import noted
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json
from hub.cli.short_help import docstring
from hub.monitoring.starting import start_program
from hub.settings.laid import laid

# Name of the command → module and attribute that has it; imported only when called,
# so that `hub --help` and completion stay quick.
COMMANDS = {
    "init": "hub.cli.init:init",
    "upgrade": "hub.cli.upgrade:upgrade",
    "config": "hub.cli.config:config",
    "doctor": "hub.cli.doctor:doctor",
    "standard": "hub.cli.standard:standard",
    "feed": "hub.cli.feed:feed",
    "quarantine": "hub.cli.quarantine:quarantine",
    "account": "hub.cli.account:account",
    "audit": "hub.cli.audit:audit",
    "people": "hub.cli.people:people",
    "review": "hub.cli.review:review",
    "clocks": "hub.cli.clocks:clocks",
    "filing": "hub.cli.filing:filing",
    "consent": "hub.cli.consent:consent",
    "publish": "hub.cli.publish:publish",
    "ckan": "hub.cli.ckan:ckan",
    "subscription": "hub.cli.subscription:subscription",
    "report": "hub.cli.report:report",
    "scoreboard": "hub.cli.scoreboard:scoreboard",
    "serve": "hub.cli.serve:serve",
    "portal": "hub.cli.portal:portal",
    "worker": "hub.cli.worker:worker",
    "beat": "hub.cli.beat:beat",
    "storage": "hub.cli.storage:storage",
    "transfer": "hub.cli.transfer:transfer",
    "analysis": "hub.cli.analysis:analysis",
    "credit": "hub.cli.credit:credit",
    "price": "hub.cli.price:price",
    "document": "hub.cli.document:document",
    "finance": "hub.cli.finance:finance",
    "risk": "hub.cli.risk:risk",
    "association": "hub.cli.association:association",
    "plan": "hub.cli.plan:plan",
    "subject": "hub.cli.subject:subject",
    "complaint": "hub.cli.complaint:complaint",
    "trace": "hub.cli.trace:trace",
    "consumer": "hub.cli.consumer:consumer",
    "grant": "hub.cli.grant:grant",
    "consume": "hub.cli.consume:consume",
    "exchange": "hub.cli.exchange:exchange",
    "target": "hub.cli.target:target",
    "keys": "hub.cli.keys:keys",
    "verify": "hub.cli.verify:verify",
    "status": "hub.cli.status:status",
    "alert": "hub.cli.alerts:alert",
    "backup": "hub.cli.backup:backup",
    "restore": "hub.cli.restore:restore",
    "move": "hub.cli.move:move",
    "demo": "hub.cli.demo:demo",
}

# These tell what is wrong with the settings, so they begin without them.
TOLERANT = ("config", "doctor")
AS_JSON = "hub.as_json"  # of the context's `meta`: errors are JSON too


class Hub(click.Group):
    """Loads commands when named, and turns a `HubError` into a bilingual message and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return noted(speak(command, _locale(ctx)), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        rows = []
        for name, place in COMMANDS.items():
            text, _ = split_help(docstring(*place.split(":")))
            told = click.Command(name, help=translate("hub", _locale(ctx), text))
            rows.append((name, told.get_short_help_str(limit)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[AS_JSON] = "--json" in args  # the command's own option; an error may come first
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HubError as error:
            _show_error(error.issue, ctx.meta[AS_JSON])
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from hub.misfortune import issue_of  # keeps `hub --help` quick

            if (issue := issue_of(error)) is None:
                raise
            _show_error(issue, ctx.meta[AS_JSON])
        sys.exit(1)


def speak(command: click.Command, locale: str) -> click.Command:
    """A copy of the command with its help texts in `locale`, down to its subcommands."""
    spoken = copy(command)
    if command.help:
        text, example = split_help(command.help)
        spoken.help = translate("hub", locale, text)
        if example:
            title = translate("hub", locale, "Example:")
            spoken.help += f"\n\n\b\n{title}\n{example}"
    spoken.params = [_spoken_option(option, locale) for option in command.params]
    if isinstance(spoken, click.Group):
        spoken.commands = {name: speak(one, locale) for name, one in spoken.commands.items()}
    return spoken


def _spoken_option(option: click.Parameter, locale: str) -> click.Parameter:
    spoken = copy(option)
    if isinstance(spoken, click.Option) and spoken.help:
        spoken.help = translate("hub", locale, spoken.help)
    return spoken


def split_help(text: str) -> tuple[str, str]:
    """A help text, which is a message id, and the lines of its example, which nobody translates."""
    prose, _, example = cleandoc(text).partition("\b\nExample:\n")
    return prose.strip(), example


def _locale(ctx: click.Context) -> str:
    return str(ctx.params.get("lang") or DEFAULT_LOCALE)


def _show_error(issue: Issue, as_json: bool) -> None:
    if as_json:
        show_json({"error": issue_json(issue)})
    else:
        show_issues([issue])


@click.group(cls=Hub, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--site",
    "site",
    type=click.Path(path_type=Path),
    default=Path("site"),
    envvar="HUB_SITE",
    show_default=True,
    help="Folder of the site.",
)
@click.option(
    "--lang",
    type=click.Choice(LOCALES),
    default=DEFAULT_LOCALE,
    envvar="HUB_LANG",
    is_eager=True,
    show_default=True,
    help="Language of tables and help.",
)
@click.pass_context
def hub(ctx: click.Context, site: Path, lang: str) -> None:
    """The exchange hub of a city's market-regulation records.

    \b
    Example:
      hub --site ./site feed run sample_registration
    """
    strict = ctx.invoked_subcommand not in TOLERANT
    ctx.meta["hub.settings"] = ctx.with_resource(laid(site, os.environ, strict=strict))
    with nullcontext() if strict else suppress(Misdeclared):
        start_program(site, str(ctx.invoked_subcommand))
    ctx.obj = Session(site, lang)
