"""What follows for a disclosure from the newest revision of its record: the next state, column-wise.

Nothing here reads or writes anything. `known` is the disclosure as it stands, `shown` what the
record's newest revision looks like in public.
"""

from __future__ import annotations

import polars as pl

from hub.states import (
    BLOCKED,
    CLEARED,
    EXPIRED,
    PENDING,
    PUBLIC,
    RECEIVED,
    REFUSED,
    REJECTED,
    REPAIRED,
    REVIEWED,
    SHOWABLE,
    WITHDRAWN,
)

#: A disclosure's columns that a new revision may change, besides the state.
KNOWN = pl.Schema(
    {
        "key": pl.String,
        "record_id": pl.String,
        "department": pl.String,
        "author": pl.String,
        "view_digest": pl.Binary,
        "state": pl.String,
        "decision_id": pl.Int64,
        "why": pl.String,
        "reviewed_by": pl.String,
        "secrecy": pl.Int64,
        "privacy": pl.Int64,
        "approved_by": pl.String,
        "policy_id": pl.Int64,
        "publish_on": pl.String,
        "published_on": pl.String,
        "release": pl.Int64,
    }
)

#: What the newest revision of a record looks like. `digest` is null where it has no public view:
#: `gone` (the department has it no more), `never` (the rule that forbids it), or not to be disclosed.
#: `blocked` says why a view can't be shown.
SHOWN = pl.Schema(
    {
        "key": pl.String,
        "seq": pl.Int64,
        "gone": pl.Boolean,
        "digest": pl.Binary,
        "blocked": pl.String,
        "never": pl.String,
        "new_department": pl.String,
        "new_author": pl.String,
        "publish_by": pl.String,
        "publish_rule": pl.String,
        "public_until": pl.String,
        "until_rule": pl.String,
    }
)

NO_VIEW = bytes(32)  # in place of a digest: there is no public view

# The reason codes of `take_back`.
GONE, FORBIDDEN, CHANGED, NOT_PUBLIC = (
    "source_gone", "rule_forbids", "decision_changed", "not_public",
)  # fmt: skip
REVOKED_RULES = "-withdrawn@"  # in the names of rules on decisions that were revoked

_REVIEWS = ("reviewed_by", "secrecy", "privacy", "approved_by", "policy_id")
_STANDING = (PENDING, REVIEWED, REJECTED, WITHDRAWN, *SHOWABLE)


def _state() -> pl.Expr:
    return pl.col("state")


def next_states(asked: pl.DataFrame, today: str) -> pl.DataFrame:
    """`asked` (`SHOWN` and `KNOWN` by key) with `state` as it becomes, `before`, `act` and `reason`.

    `act` is null where the state stays; where the disclosure is new, `before` is null. Rows of which
    there never was anything to say aren't returned. `today` is an ISO day.
    """
    frame = asked.filter(~pl.col("gone") | pl.col("record_id").is_not_null())
    frame = frame.with_columns(before=_state()).with_columns(state=_next(today))
    same = pl.col("state") == pl.col("before")
    frame = frame.with_columns(
        act=pl.when(same.fill_null(value=False)).then(None).otherwise(_act()),
        reason=pl.when(_state() == WITHDRAWN).then(_reason()),
        stands=_stands(),
    )
    return _settled(frame)


def _same_view() -> pl.Expr:
    same: pl.Expr = (pl.col("digest") == pl.col("view_digest")).fill_null(value=False)
    return same


def _stands() -> pl.Expr:
    """Whether what people decided of the view counts for the new revision too."""
    kept = _same_view() & pl.col("blocked").is_null() & pl.col("never").is_null()
    return kept & (pl.col("state") == pl.col("before")).fill_null(value=False)


def _next(today: str) -> pl.Expr:
    shown = pl.col("digest").is_not_null()
    over = (pl.col("public_until") < today).fill_null(value=False)
    fine = shown & ~over & pl.col("blocked").is_null() & pl.col("never").is_null()
    was_public = _state().is_in([*PUBLIC, *CLEARED])
    taken = pl.when(was_public | (_state() == WITHDRAWN)).then(pl.lit(WITHDRAWN))
    return (
        pl.when(_state() == REPAIRED)  # it ends the disclosure of the record, not of one view
        .then(_state())
        .when((_state() == EXPIRED) & ~fine)  # only a term that lasts again is asked for
        .then(_state())
        .when(pl.col("gone"))
        .then(pl.lit(WITHDRAWN))
        .when(pl.col("never").is_not_null())
        .then(taken.otherwise(pl.lit(REFUSED)))
        .when(pl.col("blocked").is_not_null())
        .then(pl.lit(BLOCKED))
        .when(~shown)
        .then(taken.otherwise(pl.lit(RECEIVED)))
        .when(_same_view() & _state().is_in(list(_STANDING)))
        .then(_state())
        .otherwise(pl.lit(PENDING))
    )


def _act() -> pl.Expr:
    """Which act of `hub.states` leads to the new state."""
    voided = pl.col("before").is_in([REVIEWED, *SHOWABLE])
    acts = {WITHDRAWN: "take_back", REFUSED: "refuse", BLOCKED: "block", RECEIVED: "receive"}
    named = pl.lit("ask")
    for state, act in acts.items():
        named = pl.when(_state() == state).then(pl.lit(act)).otherwise(named)
    return pl.when((_state() == PENDING) & voided).then(pl.lit("void")).otherwise(named)


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("gone"))
        .then(pl.lit(GONE))
        .when(pl.col("never").str.contains(REVOKED_RULES, literal=True))
        .then(pl.lit(CHANGED))
        .when(pl.col("never").is_not_null())
        .then(pl.lit(FORBIDDEN))
        .otherwise(pl.lit(NOT_PUBLIC))
    )


def _settled(frame: pl.DataFrame) -> pl.DataFrame:
    """The other columns: what was decided of another view doesn't count any more."""
    stands = pl.col("stands")
    ended = _state().is_in([EXPIRED, REPAIRED])
    return frame.with_columns(
        view_digest=pl.coalesce("digest", pl.lit(NO_VIEW)),
        department=pl.col("new_department"),
        # Who handed in what the public doesn't see has no part in the view that was approved.
        author=pl.when(stands).then("author").otherwise("new_author"),
        why=pl.when(stands | ended)
        .then("why")
        .otherwise(pl.coalesce("blocked", "never", pl.lit(None, pl.String))),
        release=pl.when(stands | (_state() == WITHDRAWN)).then("release"),
        publish_on=pl.when(stands).then("publish_on"),
        **{name: pl.when(stands).then(name) for name in _REVIEWS},
    )
