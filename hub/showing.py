"""A disclosure as a reviewer sees it: the record beside its public view, and all that was decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, RowMapping, select

from exchange_schemas import clocks
from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.law import Law
from exchange_schemas.sealed import sealed_names
from exchange_schemas.standard import Standard
from hub import ledger
from hub.bulk import select_frame
from hub.chosen import matching
from hub.disclosures import public_view_of
from hub.states import PENDING, REVIEWED
from hub.tables import dataset
from hub.tables_of_review import decision, disclosure, move
from hub.translated import fields_as, records_as, with_versions
from publisher.scan import private_hits

WAITING = pl.Schema(
    {
        "record_id": pl.String,
        "seq": pl.Int64,
        "state": pl.String,
        "department": pl.String,
        "reviewed_by": pl.String,
        "publish_by": pl.String,
        "view_digest": pl.Binary,
    }
)


def pending(
    connection: Connection,
    catalogue: Catalogue,
    standard: Standard,
    condition: Mapping[str, Any] | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """The first disclosures that wait for a person, most urgent first: {record_id, name, document,
    seq, state, department, reviewed_by, publish_by, view_digest (hex)}.

    `name` and `document` are what the standard's roles show of a record, None where they say nothing.
    Raises Misdeclared (condition_invalid).
    """
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == standard.dataset))
    waiting = disclosure.c.dataset_id == number
    waiting &= disclosure.c.state.in_([PENDING, REVIEWED])
    rows = matching(connection, catalogue, standard, waiting, condition)
    order = select_frame(
        connection, select(*(disclosure.c[n] for n in WAITING)).where(waiting), WAITING
    )
    first = order.join(rows.select("record_id"), on="record_id", how="semi")
    first = first.sort("publish_by", "seq", nulls_last=True).head(limit)
    named = _names(connection, catalogue, standard, first.select("seq"))
    told = first.join(named, on="seq", how="left", maintain_order="left").with_columns(
        pl.col("view_digest").bin.encode("hex")
    )
    return told.select("record_id", "name", "document", *list(WAITING)[1:]).to_dicts()


def _names(
    connection: Connection, catalogue: Catalogue, standard: Standard, rows: pl.DataFrame
) -> pl.DataFrame:
    """seq, name and document of the records of some revisions."""
    roles = {"name": standard.roles.name, "document": standard.roles.document}
    shown = {told: field for told, field in roles.items() if field}
    seqs = with_versions(connection, standard.dataset, rows)
    parts = [pl.DataFrame(schema={"seq": pl.Int64, **dict.fromkeys(roles, pl.String)})]
    for (seq,) in rows.iter_rows():  # a page of them, each in a segment of its own perhaps
        for frame in ledger.content_frames(connection, standard.dataset, seq - 1, seq):
            part = seqs.join(frame, on="seq", maintain_order="left").filter(
                pl.col("json").fill_null("") != ""
            )
            found = fields_as(catalogue, standard, part, sorted(set(shown.values())))
            columns = {t: pl.col(f).cast(pl.String) for t, f in shown.items()}
            gaps = {t: pl.lit(None, pl.String) for t in roles if t not in shown}
            parts.append(found.select(pl.col(LINE).alias("seq"), **{**columns, **gaps}))
    return pl.concat(part.select(parts[0].columns) for part in parts)


def find(connection: Connection, name: str, record_id: str) -> RowMapping:
    """The disclosure with this permanent id; raises Refused (record_unknown)."""
    query = (
        select(disclosure)
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .where(dataset.c.name == name, disclosure.c.record_id == record_id)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refused(Issue("record_unknown", value=record_id, params={"dataset": name}))
    return row


def record(
    connection: Connection, catalogue: Catalogue, standard: Standard, record_id: str
) -> dict[str, Any]:
    """{record, view, state, view_digest, hits, difference, clocks, history, …}.

    `view` is empty where the record has no public view. `hits` are the places that show private
    data, `difference` what has changed since the view that was approved last. Raises Refused
    (record_unknown).
    """
    row = find(connection, standard.dataset, record_id)
    records = records_at(connection, catalogue, standard, row["seq"])
    view = public_view_of(standard, records)
    shown: dict[str, Any] = {
        name: value
        for name, value in _plain(row).items()
        if name not in {"dataset_id", "key", "view_digest", "approved_digest"}
    }
    return {
        "dataset": standard.dataset,
        **shown,
        "view_digest": bytes(row["view_digest"]).hex(),
        "record": content(connection, standard, row["seq"]),
        "view": orjson.loads(view["_json"][0]) if view.height else {},
        "hits": [_hit(issue) for issue in issues_of(private_hits(standard, view))],
        "difference": difference(connection, catalogue, standard, row, view),
        "clocks": clocks_of(catalogue, standard, row, records),
        "history": history(connection, row),
    }


def content(connection: Connection, standard: Standard, seq: int) -> dict[str, Any]:
    """The record as its department sent it in one revision, but for what is sealed; empty where that
    was a delete."""
    found = b""
    for _, line in ledger.contents(connection, standard.dataset, seq - 1, seq):
        found = line or b""
    told: dict[str, Any] = orjson.loads(found or b"{}")
    sealed = sealed_names(standard.fields)
    return {name: value for name, value in told.items() if name not in sealed}


def records_at(
    connection: Connection, catalogue: Catalogue, standard: Standard, seq: int
) -> pl.DataFrame:
    """The one record of a revision, as the current version of the standard has it; perhaps none."""
    text = orjson.dumps(content(connection, standard, seq), option=orjson.OPT_SORT_KEYS).decode()
    frame = with_versions(
        connection, standard.dataset, pl.DataFrame({"seq": [seq], "json": [text]})
    )
    return records_as(catalogue, standard, frame.filter(pl.col("json") != "{}")).rows


def difference(
    connection: Connection,
    catalogue: Catalogue,
    standard: Standard,
    row: RowMapping,
    view: pl.DataFrame,
) -> dict[str, dict[str, Any]]:
    """field → {before, now} of the public view, against the one that was approved last."""
    if row["approved_seq"] is None or row["approved_digest"] == row["view_digest"]:
        return {}
    earlier = records_at(connection, catalogue, standard, row["approved_seq"])
    before = public_view_of(standard, earlier)
    old = orjson.loads(before["_json"][0]) if before.height else {}
    new = orjson.loads(view["_json"][0]) if view.height else {}
    fields = [name for name in standard.fields if old.get(name) != new.get(name)]
    return {name: {"before": old.get(name), "now": new.get(name)} for name in fields}


def clocks_of(
    catalogue: Catalogue, standard: Standard, row: RowMapping, records: pl.DataFrame
) -> dict[str, Any]:
    """By when, and until when, the record is to be public: both ends where two rules give one.

    Of what isn't public yet the end is counted as if it were published today.
    """
    if records.is_empty():
        return {}
    law = catalogue.law()
    first = row["published_on"] or today().isoformat()
    dated = records.drop("published_on", strict=False).with_columns(
        pl.lit(date.fromisoformat(first)).alias("published_on")
    )
    due = clocks.publish_by(law, standard, records).row(0, named=True)
    until = clocks.public_until(law, standard, dated).row(0, named=True)
    told = {**due, **until, "published_on": row["published_on"], "counted_from": first}
    told |= _push(law, standard, records)
    return {name: None if value is None else str(value) for name, value in told.items()}


def _push(law: Law, standard: Standard, records: pl.DataFrame) -> dict[str, Any]:
    """Until when another province's party's registry has to have the record (order 45, article 10)."""
    province = records.get_column("party_home_province", default=None)
    if province is None or province[0] in (None, law.settings.home_province):
        return {}
    if not law.clocks_for("push_by", standard.dataset):
        return {}
    decided = records.select(pl.coalesce(standard.as_of)).item()
    day, rule = clocks.due(law, "push_by", standard.dataset, date.fromisoformat(decided[:10]))
    return {"push_by": day, "push_rule": rule}


def history(connection: Connection, row: RowMapping) -> list[dict[str, Any]]:
    """Every move, oldest first: {at, act, state_before, state, seq, actor, reason_code, reason,
    legal_basis, rule, secrecy, privacy, policy_id, sample_id}."""
    query = (
        select(
            decision.c.decided_at.label("at"),
            decision.c.act,
            move.c.state_before,
            move.c.state,
            move.c.seq,
            decision.c.actor,
            decision.c.reason_code,
            decision.c.reason,
            decision.c.legal_basis,
            decision.c.rule,
            decision.c.secrecy,
            decision.c.privacy,
            decision.c.policy_id,
            decision.c.sample_id,
        )
        .join(decision, decision.c.id == move.c.decision_id)
        .where(
            move.c.dataset_id == row["dataset_id"],
            move.c.record_id == row["record_id"],
        )
        .order_by(move.c.id)
    )
    return [_plain(one) for one in connection.execute(query).mappings()]


def _plain(row: RowMapping) -> dict[str, Any]:
    """With plain texts as keys: those of a row are SQLAlchemy's own kind."""
    return {str(name): value for name, value in row.items()}


def _hit(issue: Issue) -> dict[str, Any]:
    return {"field": issue.field, "value": issue.value, **issue.params}
