"""The values of cells of an .xlsx as text: numbers, days and times by the style of their cell.

The text is that of `cell_text`; here it is made for all cells at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.cell_text import PRECISE, number_text, texts
from adapters.workbook_styles import DAY, DURATION

#: Digits as a person types them, and no more of them than Excel keeps.
_TYPED = (
    r"^(?:0|-?[1-9][0-9]{0,14}|-?(?:0|[1-9][0-9]{0,6})\.[0-9]{0,7}[1-9]"
    r"|-?[1-9][0-9]{7,10}\.[0-9]{0,3}[1-9])$"
)
_EPOCH_1900, _EPOCH_1904 = 25_569, 24_107  # days from the workbook's day 0 to 1970-01-01
_LAST = 2_958_466  # days from 1900 to after 9999-12-31
_DAY_MS = 86_400_000

Texts = tuple[pl.Series, NDArray[np.intp]]  # and which of them are numbers that lost digits


def number_texts(written: pl.Series) -> Texts:
    """Numbers, as a person would type them; what isn't one stays as it is."""
    odd = (~written.str.contains(_TYPED)).arg_true()
    if not len(odd):
        return written, np.empty(0, dtype=np.intp)
    numbers = written.gather(odd).cast(pl.Float64, strict=False)
    shortest = numbers.cast(pl.String).str.strip_suffix(".0")  # as Excel writes out 17 digits
    fine = (shortest.str.contains(_TYPED) & (numbers.abs() < PRECISE)).fill_null(value=False)
    left = (~fine).arg_true()
    exact = [
        written[odd[place]] if value is None else number_text(value)
        for place, value in zip(left, numbers.gather(left), strict=True)
    ]
    lost = odd.gather((numbers.abs() >= PRECISE).fill_null(value=False).arg_true())
    made = shortest.scatter(left, exact) if exact else shortest
    return written.scatter(odd, made), lost.to_numpy().astype(np.intp)


def moment_texts(written: pl.Series, style: int, from_1904: bool) -> Texts:
    """Days, moments, times of day or durations, all of one kind of style.

    A number that is no day, as it is too large or below 0, stays a number.
    """
    serial = written.cast(pl.Float64, strict=False)
    if style == DURATION:
        known = serial.is_not_null() & serial.is_between(-_LAST, _LAST)
        return _only(written, known, serial, lambda days: texts(map(_duration, days.to_list())))
    known = (serial.is_between(0, _LAST, closed="left")).fill_null(value=False)
    epoch = _EPOCH_1904 if from_1904 else _EPOCH_1900

    def shown(days: pl.Series) -> pl.Series:
        if style == DAY and (days >= 60).all() and (days == days.floor()).all():
            return (days.cast(pl.Int32) - epoch).cast(pl.Date).cast(pl.String)
        # before March 1900 Excel counts a day that never was
        early = pl.col("d") < (0 if from_1904 else 60)
        since = (pl.col("d") * _DAY_MS).round().cast(pl.Int64) + (
            early.cast(pl.Int64) - epoch
        ) * _DAY_MS
        moment = since.cast(pl.Datetime("ms"))
        time = pl.col("d") < 1
        whole = pl.col("d") == pl.col("d").floor()
        plain = whole if style == DAY else pl.lit(value=False)
        exact = moment.dt.millisecond() == 0
        return (
            pl.DataFrame({"d": days})
            .select(
                pl.when(time)
                .then(moment.dt.to_string("%H:%M:%S"))
                .when(plain)
                .then(moment.dt.to_string("%Y-%m-%d"))
                .when(exact)
                .then(moment.dt.to_string("%Y-%m-%dT%H:%M:%S"))
                .otherwise(moment.dt.to_string("%Y-%m-%dT%H:%M:%S%.3f"))
            )
            .to_series()
        )

    return _only(written, known, serial, shown)


def _only(
    written: pl.Series,
    known: pl.Series,
    serial: pl.Series,
    shown: Callable[[pl.Series], Iterable[str]],
) -> Texts:
    """`shown` for those that are known, numbers for the others."""
    known = known.fill_null(value=False)
    made = pl.Series(shown(serial.filter(known)), dtype=pl.String)
    if known.all():
        return made, np.empty(0, dtype=np.intp)
    others = (~known).arg_true()
    left, lost = number_texts(written.gather(others))
    whole = written.scatter(known.arg_true(), made).scatter(others, left)
    return whole, others.to_numpy().astype(np.intp)[lost]


def _duration(days: float) -> timedelta:
    return timedelta(milliseconds=round(days * _DAY_MS))
