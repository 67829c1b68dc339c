"""`hub standard`: the data standards, to look at and to check."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from exchange_schemas.check import check_standard
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub.activation import in_force
from hub.cli.context import Session
from hub.cli.field_row import depending, field_json, field_row, title
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.standard_diff import diff
from hub.cli.standard_export import catalogue, export, site
from hub.cli.standard_impact import activate, impact
from hub.cli.standard_new import new
from hub.cli.standard_samples import samples
from hub.cli.standard_template import template
from hub.site import Site

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def standard() -> None:
    """The data standards."""


for command in (new, samples, diff, impact, activate, template, export, catalogue, site):
    standard.add_command(command)


@standard.command("list")
@JSON
@click.pass_obj
def list_standards(session: Session, as_json: bool) -> None:
    """List the datasets that have a standard, and since when this site has one of its own.

    \b
    Example:
      hub standard list
    """
    own = in_force(Site(session.site_path))
    catalogue = session.catalogue()
    standards = [catalogue.get(name) for name in catalogue.datasets()]
    if as_json:
        show_json([{**_summary(one), "activation": own.get(one.dataset)} for one in standards])
        return
    rows = [
        (
            one.dataset,
            title(session, one),
            _owner(session, one),
            one.version,
            len(one.fields),
            session.text("yes" if one.public else "no"),
            *([_activated(own.get(one.dataset))] if own else ()),
        )
        for one in standards
    ]
    columns = ("Dataset", "Title", "Owner", "Version", "Fields", "Public")
    last = (session.text("Activated here"),) if own else ()
    show_table(session, (*columns, *last), rows, "Data standards")


@standard.command()
@click.argument("dataset")
@click.option("--version", help="Version of the standard; the newest if left out.")
@JSON
@click.pass_obj
def show(session: Session, dataset: str, version: str | None, as_json: bool) -> None:
    """Show one standard as a table of fields.

    \b
    Example:
      hub standard show administrative_penalty
    """
    chosen = session.catalogue().get(dataset, version)
    if as_json:
        fields = [field_json(field) for field in chosen.fields.values()]
        show_json({**_summary(chosen), "fields": fields, "schema": chosen.schema})
        return
    some = depending(chosen.schema)
    rows = [field_row(session, field, some) for field in chosen.fields.values()]
    columns = ("Field", "Title", "Type", "Needed", "Tier", "Official name", "Limits")
    show_table(session, columns, rows, f"{title(session, chosen)} {chosen.version}")
    key = " + ".join("|".join(part) for part in chosen.key)
    click.echo(f"{session.text('Key')}: {key}")
    click.echo(f"{session.text('Owner')}: {_owner(session, chosen)}")


@standard.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@JSON
@click.pass_obj
def check(session: Session, path: Path | None, as_json: bool) -> None:
    """Check the files and samples of the standard in folder PATH, or of all standards.

    \b
    Example:
      hub standard check exchange_schemas/standards/market_regulation/market_entity
    """
    folders = [path] if path else list(session.catalogue().folders.values())
    issues = [issue for folder in folders for issue in check_standard(folder)]
    if as_json:
        show_json({"checked": len(folders), "issues": [issue_json(issue) for issue in issues]})
    else:
        show_issues(issues)
        text = session.text("Checked standards: {checked}. Issues: {issues}.")
        click.echo(text.format(checked=len(folders), issues=len(issues)))
    if _failed(issues):
        sys.exit(1)


def _failed(issues: list[Issue]) -> bool:
    return any(issue.severity == "error" for issue in issues)


def _activated(told: dict[str, Any] | None) -> str:
    return f"{told['activated_at'][:10]} {told['activated_by']}" if told else ""


def _owner(session: Session, one: Standard) -> str:
    return one.owner_en if session.locale == "en" else one.owner


def _summary(one: Standard) -> dict[str, Any]:
    return {
        "dataset": one.dataset,
        "version": one.version,
        "versions": list(one.versions),
        "title": one.title,
        "title_en": one.title_en,
        "owner": one.owner,
        "owner_en": one.owner_en,
        "department": one.department,
        "cycle": one.cycle,
        "public": one.public,
        "key": [list(part) for part in one.key],
        "derived_from": one.derivation.dataset if one.derivation else None,
    }
