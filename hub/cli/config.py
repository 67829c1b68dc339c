"""`hub config`: what the settings are, where each comes from, and whether they are right."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import click

from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.settings.effective import ENVIRONMENT, FILE, UNSET, Effective, Settings
from hub.settings.nearest import unknown_names
from hub.settings.portal_file import with_portal_file
from hub.settings.setting import Secrecy

SAID = "option"  # of the command itself
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def config() -> None:
    """The settings: from hub.toml of the site and, before it, the environment."""


@config.command()
@click.option("--all", "everything", is_flag=True, help="Also those that nobody has set.")
@JSON
@click.pass_context
def show(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """Settings as they hold, and where each comes from; secrets only as set or not set.

    \b
    Example:
      hub --site ./site config show --all
    """
    session: Session = ctx.obj
    settings = _settings(ctx)
    values = with_portal_file(_here(session, settings), session.site_path)
    if as_json:
        show_json([_as_json(one) for one in values])
        return
    shown = [one for one in values if everything or one.source != UNSET]
    rows = [
        (one.setting.title, _value(session, one), _source(session, settings, one),
         session.text(one.setting.meaning))
        for one in shown
    ]  # fmt: skip
    show_table(session, ("Setting", "Value", "From", "Meaning"), rows, "Settings")
    show_issues(settings.issues)


@config.command()
@JSON
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Check hub.toml and the environment; exit code 1 where the hub wouldn't start.

    \b
    Example:
      hub --site ./site config check
    """
    session: Session = ctx.obj
    settings = _settings(ctx)
    found = [*settings.issues, *_warnings(session)]
    if as_json:
        show_json({"file": settings.file, "issues": [issue_json(one) for one in found]})
    elif not found:
        place = str(settings.file or session.text("no hub.toml"))
        click.echo(session.text("The settings are right ({place}).").format(place=place))
    else:
        show_issues(found)
    if settings.issues:
        sys.exit(1)


def _settings(ctx: click.Context) -> Settings:
    """As they were read before they were laid under the environment."""
    settings: Settings = ctx.meta["hub.settings"]
    return settings


def _here(session: Session, settings: Settings) -> list[Effective]:
    """With the site and the language of this command, which its options may have named."""
    told = {"HUB_SITE": str(session.site_path), "HUB_LANG": session.locale}
    return [
        replace(one, source=SAID, value=told[name], shown=told[name])
        if (name := one.setting.name) in told and one.value != told[name]
        else one
        for one in settings.values
    ]


def _warnings(session: Session) -> list[Issue]:
    return unknown_names(os.environ, session.site_path)


def _value(session: Session, one: Effective) -> str:
    if one.setting.secrecy is Secrecy.WHOLE:
        return session.text("not set" if one.value is None else "set")
    return session.text("not set") if one.shown is None else one.shown


def _source(session: Session, settings: Settings, one: Effective) -> str:
    if one.source == ENVIRONMENT:
        return one.setting.name
    if one.source == FILE and settings.file is not None:
        return ":".join(str(part) for part in (settings.file.name, one.line) if part)
    return session.text(one.source)


def _as_json(one: Effective) -> dict[str, object]:
    whole = one.setting.secrecy is Secrecy.WHOLE
    return {
        "setting": one.setting.title,
        "environment": one.setting.name,
        "value": one.value is not None if whole else one.shown,
        "source": one.source,
        "line": one.line,
        "secret": one.setting.secrecy is not Secrecy.NONE,
        "default": one.setting.default,
        "allowed": one.setting.kind.allowed("zh_CN"),
        "allowed_en": one.setting.kind.allowed("en"),
        "meaning": one.setting.meaning,
    }
