"""`hub feed suggest`: a first declaration for a file that nobody has declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from adapters.suggest.draft import draft, feed_name
from adapters.suggest.rules import Suggested
from adapters.suggest.suggestion import Ranked, Suggestion, rank
from adapters.suggest.suggestion import suggest as make_suggestion
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import show_json, show_table

_SHOWN = 30  # characters of a sample value


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dataset", help="Dataset whose standard the file is meant for.")
@click.option("--to", "target", type=click.Path(path_type=Path),
              help="Where to write the declaration; by default beside you, named as the file.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def suggest(
    session: Session, file: Path, dataset: str | None, target: Path | None, as_json: bool
) -> None:
    """Look at a sample of a file and write a first declaration for it.

    Without --dataset it says which standards suit the file best, and writes nothing.

    \b
    Example:
      hub feed suggest 登记.csv --dataset market_entity --to site/feeds/town.yml
    """
    if dataset is None:
        _show_ranked(session, file, as_json)
        return
    place = target or Path(f"{feed_name(Path(file.name.partition('.')[0]), dataset)}.yml")
    if place.exists():
        raise Misdeclared(Issue("suggest_target_exists", value=str(place)))
    found = make_suggestion(file, session.catalogue().get(dataset))
    text = draft(found, place)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    if as_json:
        show_json(_suggestion_json(found, place, session.locale))
        return
    columns = ("Column", "Field", "Confidence", "Reason", "Sample")
    show_table(session, columns, _rows(session, found), file.name)
    for name in found.missing:
        title = _title(session, found, name)
        click.echo(session.text("Missing: {field}, which is required.").format(field=title))
    click.echo(session.text("Written: {path}").format(path=place))
    click.echo(session.text("Try it: hub feed preview {path}").format(path=place))


def _show_ranked(session: Session, file: Path, as_json: bool) -> None:
    sample, ranked = rank(file, session.catalogue())
    if as_json:
        show_json({"format": dict(sample.format), "datasets": [_ranked_json(r) for r in ranked]})
        return
    columns = ("Dataset", "Title", "Score", "Columns", "Required fields")
    rows = [
        (
            one.standard.dataset,
            one.standard.title if session.locale == "zh_CN" else one.standard.title_en,
            f"{one.score:.2f}",
            str(one.columns),
            f"{one.required}/{one.required_all}",
        )
        for one in ranked
    ]
    show_table(session, columns, rows, "Standards that suit the file best")
    click.echo(session.text("Name one of them with --dataset."))


def _rows(session: Session, found: Suggestion) -> list[tuple[str, ...]]:
    """One line for each column and each field that it gives; those without a field last."""
    lines = [_row(session, found, one) for one in found.rules]
    words = session.text("not recognised")
    return lines + [(name, "", "", words, _sample(found, name)) for name in found.unknown]


def _row(session: Session, found: Suggestion, one: Suggested) -> tuple[str, ...]:
    reason = one.reason.text(session.locale)
    many = len(one.columns) > 2
    column = f"{one.columns[0]} … ({len(one.columns)})" if many else " | ".join(one.columns)
    title = _title(session, found, one.field)
    return (column, title, f"{one.confidence:.2f}", reason, _sample(found, one.columns[0]))


def _title(session: Session, found: Suggestion, name: str) -> str:
    field = found.standard.fields[name]
    return f"{name} {field.title}" if session.locale == "zh_CN" else name


def _sample(found: Suggestion, column: str) -> str:
    cells = found.profiles[column].cells
    return cells[0][:_SHOWN] if cells else ""


def _suggestion_json(found: Suggestion, place: Path, locale: str) -> dict[str, Any]:
    return {
        "written": str(place),
        "dataset": found.standard.dataset,
        "format": dict(found.sample.format),
        "nulls": list(found.nulls),
        "fields": [
            {
                "field": one.field,
                "columns": list(one.columns),
                "rule": one.rule,
                "confidence": one.confidence,
                "reason": one.reason.text(locale),
            }
            for one in found.rules
        ],
        "unknown": list(found.unknown),
        "missing": list(found.missing),
    }


def _ranked_json(one: Ranked) -> dict[str, Any]:
    return {
        "dataset": one.standard.dataset,
        "score": one.score,
        "columns": one.columns,
        "required": one.required,
        "required_all": one.required_all,
    }
