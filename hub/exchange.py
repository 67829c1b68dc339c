"""Exchange: ledger entries as one consumer may see them, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
import polars_hash as plh
from sqlalchemy import Connection, insert

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import ERRORS, Issue
from exchange_schemas.record import DIGEST, JSON, with_digest
from exchange_schemas.standard import Standard
from exchange_schemas.validate import Checked
from hub import ledger
from hub.consumers import Consumer
from hub.instant import utc_now
from hub.ledger import Entry
from hub.tables import exchange_log
from hub.translated import records_as
from publisher.view import view_frame, visible

MAX_LIMIT = 5_000
PSEUDONYM_LENGTH = 32  # hex digits: 128 bits, as many as a UUID

ENTRY_COLUMNS = {
    "seq": pl.Int64,
    "operation": pl.String,
    "key": pl.String,
    "recorded_at": pl.String,
    "version": pl.String,
    "content": pl.String,  # the whole record as canonical JSON; null for a delete
}


@dataclass(frozen=True, slots=True)
class Page:
    """`body` is NDJSON, one entry per line; `last` is the cursor for the next page."""

    body: bytes
    entries: int
    last: int
    head: int


def page(
    connection: Connection,
    catalogue: Catalogue,
    consumer: Consumer,
    dataset: str,
    after: int,
    limit: int,
    version: str | None = None,
) -> Page:
    """At most `limit` entries with seq > `after`, in the consumer's view.

    `version` asks for records of one version of the standard: those of another are translated, or
    refused one by one. The same call gives the same bytes again while the grant and the standard stay
    as they are.
    """
    found = ledger.entries(connection, dataset, after, limit)
    head = ledger.head_seq(connection, dataset)
    if not found:
        return Page(b"", 0, after, head)
    lines = _lines(catalogue, consumer, dataset, _frame(found), version)
    body = "\n".join(lines) + "\n"
    return Page(body.encode(), len(found), found[-1].seq, head)


def log(connection: Connection, consumer: Consumer, dataset: str, after: int, sent: Page) -> None:
    """Keep what was handed over to whom; in the request itself, so that nothing goes unlogged."""
    row = {
        "consumer_id": consumer.id,
        "dataset_id": ledger.dataset_id(connection, dataset),
        "after_seq": after,
        "last_seq": sent.last,
        "entries": sent.entries,
        "at": utc_now(),
    }
    connection.execute(insert(exchange_log).values(row))


def key_is_private(catalogue: Catalogue, dataset: str, audience: str) -> bool:
    """Whether the dataset's keys may tell what the audience doesn't see, or sees only masked.

    Decided for the whole dataset, in all versions of its standard, not record by record: a
    delete has no record to look at, and a record's key must stay the same when its content
    changes.
    """
    current = catalogue.get(dataset)
    # The deletes that stand for records that it may not have would tell which there are.
    open_to_all = current.public and not current.public_when
    anothers = current.association is not None and not open_to_all
    if audience == "industry" and (anothers or current.industry_when):
        return True
    standards = [catalogue.get(dataset, version) for version in current.versions]
    return any(_hides(s, name, audience) for s in standards for part in s.key for name in part)


def _hides(standard: Standard, name: str, audience: str) -> bool:
    field = standard.fields.get(name)
    if field is None:
        return False
    return field.masked_for(audience) or not field.visible_to(audience)


def _frame(entries: list[Entry]) -> pl.DataFrame:
    rows = [
        (
            e.seq,
            e.operation,
            e.key,
            e.recorded_at,
            e.standard_version,
            e.content and e.content.decode(),
        )
        for e in entries
    ]
    return pl.DataFrame(rows, schema=ENTRY_COLUMNS, orient="row")


def check_version(catalogue: Catalogue, dataset: str, version: str, today: date) -> None:
    """Raises Misdeclared where a version is unknown, or was served until a day before `today`."""
    until = catalogue.get(dataset, version).version_days.get(version, (None, None))[1]
    if until is not None and until < today:
        words = {"dataset": dataset, "expected": until.isoformat()}
        raise Misdeclared(Issue("version_ended", value=version, params=words))


def _lines(
    catalogue: Catalogue, consumer: Consumer, dataset: str, rows: pl.DataFrame, asked: str | None
) -> pl.Series:
    if key_is_private(catalogue, dataset, consumer.audience):
        rows = rows.with_columns(pseudonym(dataset, consumer).alias("key"))
    parts = [
        _views(catalogue, dataset, str(version), asked, consumer, part)
        for (version,), part in rows.group_by("version", maintain_order=True)
    ]
    served = pl.concat(parts).sort("seq")
    return served.select(_line(dataset))["line"]


def pseudonym(dataset: str, consumer: Consumer) -> pl.Expr:
    """What the consumer knows in place of the column `key`, where that is private."""
    named = plh.concat_str(pl.lit(f"{dataset}\n"), pl.col("key"))
    digest: pl.Expr = named.chash.hmac_sha256(key=consumer.salt.hex())
    return digest.str.head(PSEUDONYM_LENGTH)


def _views(
    catalogue: Catalogue,
    dataset: str,
    version: str,
    asked: str | None,
    consumer: Consumer,
    rows: pl.DataFrame,
) -> pl.DataFrame:
    """`rows` of one version with `record` and `digest`, null for deletes and refusals, and where the
    audience may not have the record, which is a delete for it. `version` is the served one,
    `translated_from` the kept one where they differ, `refused` a JSON list."""
    target = catalogue.get(dataset, asked or version)
    alive = rows.filter(pl.col("content").is_not_null())
    found = records_as(catalogue, target, alive.rename({"content": "json"}))
    audience, association = consumer.audience, consumer.association
    given = found.rows.filter(visible(target, audience, association))
    view = view_frame(target, given, audience, association)
    shown = with_digest(view, target.fields_for(audience)).select(
        pl.col(LINE).alias("seq"),
        pl.col(JSON).alias("record"),
        pl.col(DIGEST).bin.encode("hex").alias("digest"),
    )
    other = pl.lit(version if target.version != version else None, pl.String)
    return (
        rows.drop("content")
        .join(shown, on="seq", how="left")
        .join(_refusals(found, alive), on="seq", how="left")
        .with_columns(version=pl.lit(target.version), translated_from=other)
    )


def _refusals(found: Checked, alive: pl.DataFrame) -> pl.DataFrame:
    """seq and `refused`, a JSON list of "code:field", of the records that couldn't be translated.

    Not their values: a consumer may not see the field that was wrong.
    """
    lost = alive.filter(~pl.col("seq").is_in(found.rows[LINE].implode())).select("seq")
    code = pl.concat_str(pl.col("code"), pl.lit(":"), pl.col("field").fill_null(""))
    why = (
        found.issues.filter(pl.col("code").is_in(ERRORS))
        .group_by(pl.col("line").alias("seq"))
        .agg(code.unique().sort().alias("why"))
    )
    quoted = pl.concat_str(pl.lit('["'), pl.col("why").list.join('","'), pl.lit('"]'))
    return lost.join(why, on="seq", how="left").select("seq", quoted.alias("refused"))


def _line(dataset: str) -> pl.Expr:
    """One line of NDJSON; the record's canonical JSON stands in it byte for byte."""
    refused = pl.col("refused").is_not_null()
    envelope = pl.struct(
        "seq",
        pl.when(refused)
        .then(pl.lit("refused"))
        .when(pl.col("record").is_null())
        .then(pl.lit("delete"))
        .otherwise("operation")
        .alias("operation"),
        "key",
        "digest",
        "recorded_at",
        pl.concat_str(pl.lit(f"{dataset}@"), pl.col("version")).alias("standard"),
    ).struct.json_encode()
    more = [
        pl.when(pl.col(name).is_null()).then(pl.lit("")).otherwise(pl.concat_str(*parts))
        for name, parts in {
            "translated_from": (
                pl.lit(',"translated_from":"'),
                pl.col("translated_from"),
                pl.lit('"'),
            ),
            "refused": (pl.lit(',"refused":'), pl.col("refused")),
            "record": (pl.lit(',"record":'), pl.col("record")),
        }.items()
    ]
    return pl.concat_str(envelope.str.head(-1), *more, pl.lit("}")).alias("line")
