"""Revisions of the ledger as a view shows them: the one path of pages and streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import polars_hash as plh

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.issue import ERRORS
from exchange_schemas.record import DIGEST, JSON, with_digest
from exchange_schemas.standard import Standard
from exchange_schemas.validate import Checked
from hub.exchange.views import View
from hub.translated import records_as
from publisher.view import view_frame, visible

PSEUDONYM_LENGTH = 32  # hex digits: 128 bits, as many as a UUID

#: One row for each revision. `operation` is upsert, delete (also for what the view may not have),
#: refused (it can't be translated: `refused` is a JSON list of "code:field") or erased (`was` says
#: what it was). `digest` (hex) and `record` (canonical JSON) are null but for an upsert; `standard` is
#: dataset@version of what is served, `translated_from` the kept version where that is another.
SHOWN = {
    "seq": pl.Int64,
    "operation": pl.String,
    "was": pl.String,
    "key": pl.String,
    "digest": pl.String,
    "recorded_at": pl.String,
    "standard": pl.String,
    "translated_from": pl.String,
    "refused": pl.String,
    "record": pl.String,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a dataset's records are looked at: as an audience, with which fields, under which keys."""

    dataset: str
    audience: str
    association: str | None = None
    fields: Sequence[str] | None = None
    salt: bytes | None = None

    def names(self, standard: Standard) -> list[str]:
        """The fields that it shows: of its audience's those that were granted."""
        found = list(standard.fields_for(self.audience))
        return found if self.fields is None else [name for name in found if name in self.fields]

    def as_kept(self, standard: Standard) -> bool:
        """Whether it shows every record of the standard just as the ledger keeps it."""
        fields = standard.fields.values()
        open_fields = all(f.visible_to(self.audience) for f in fields)
        masked = any(f.masked_for(self.audience) for f in fields)
        return self.audience == "government" and self.fields is None and open_fields and not masked


def look_of(view: View) -> Look:
    """How a stream's view looks at the ledger."""
    return Look(view.dataset, view.audience, view.association, view.fields, view.salt)


def shown(
    catalogue: Catalogue, look: Look, rows: pl.DataFrame, asked: str | None = None
) -> pl.DataFrame:
    """Rows of the ledger (`ledger_rows.LEDGER_ROWS`) as `SHOWN`, in order.

    `asked` is the version of the standard to show them in; None: as they are kept.
    """
    if look.salt is not None:
        rows = rows.with_columns(pseudonym(look.dataset, look.salt).alias("key"))
    parts = [
        _of_version(catalogue, look, str(version), asked, part)
        for (version,), part in rows.group_by("version", maintain_order=True)
    ]
    found = pl.concat([pl.DataFrame(schema=SHOWN), *parts])
    return found if len(parts) == 1 else found.sort("seq")


def pseudonym(dataset: str, salt: bytes) -> pl.Expr:
    """What a consumer with this salt knows in place of the column `key`, where that is private."""
    named = plh.concat_str(pl.lit(f"{dataset}\n"), pl.col("key"))
    digest: pl.Expr = named.chash.hmac_sha256(key=salt.hex())
    return digest.str.head(PSEUDONYM_LENGTH)


def _of_version(
    catalogue: Catalogue, look: Look, version: str, asked: str | None, rows: pl.DataFrame
) -> pl.DataFrame:
    target = catalogue.get(look.dataset, asked or version)
    if target.version == version and look.as_kept(target):
        seen = rows.with_columns(
            pl.when(pl.col("content").is_not_null()).then(pl.col("digest").bin.encode("hex")),
            pl.col("content").alias("record"),
            pl.lit(None, pl.String).alias("refused"),
        )
    else:
        seen = _viewed(catalogue, look, target, rows)
    other = pl.lit(version if target.version != version else None, pl.String)
    return seen.with_columns(
        _operation(),
        pl.when("erased").then("operation").alias("was"),
        pl.lit(f"{look.dataset}@{target.version}").alias("standard"),
        other.alias("translated_from"),
    ).select(list(SHOWN))


def _operation() -> pl.Expr:
    return (
        pl.when("erased")
        .then(pl.lit("erased"))
        .when(pl.col("refused").is_not_null())
        .then(pl.lit("refused"))
        .when(pl.col("record").is_null())
        .then(pl.lit("delete"))
        .otherwise("operation")
        .alias("operation")
    )


def _viewed(
    catalogue: Catalogue, look: Look, target: Standard, rows: pl.DataFrame
) -> pl.DataFrame:
    """`rows` with record, digest and refused; the record is null where the view may not have it,
    which is a delete for it."""
    alive = rows.filter(pl.col("content").is_not_null())
    found = records_as(catalogue, target, alive.rename({"content": "json"}))
    given = found.rows.filter(visible(target, look.audience, look.association))
    view = view_frame(target, given, look.audience, look.association)
    seen = with_digest(view, look.names(target)).select(
        pl.col(LINE).alias("seq"),
        pl.col(JSON).alias("record"),
        pl.col(DIGEST).bin.encode("hex").alias("digest"),
    )
    return (
        rows.drop("content", "digest")
        .join(seen, on="seq", how="left", maintain_order="left")
        .join(_refusals(found, alive), on="seq", how="left", maintain_order="left")
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
