"""What a run found wrong: counted whole, kept row by row as far as people can use it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from exchange_schemas.issue import ERRORS, Issue, empty_issues, issues_frame
from hub.kept import own

# Issues that reject a row are all kept, because somebody must correct each. Of the others the
# first thousand of each code and field are kept and all are counted.
KEPT_WARNINGS = 1_000


def errors_of(issues: pl.DataFrame) -> pl.DataFrame:
    """The issues that reject their row."""
    return issues.filter(pl.col("code").is_in(ERRORS))


@dataclass(slots=True)
class Findings:
    """`counts` maps (code, field or "") to how often it was found."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: list[pl.DataFrame] = field(default_factory=list)

    def add(self, issues: pl.DataFrame) -> None:
        """Take the issues of a batch (`ISSUE_COLUMNS`)."""
        if issues.is_empty():
            return
        earlier = Counter(self.counts)
        tally = issues.group_by(pl.col("code"), pl.col("field").fill_null("")).len()
        for code, name, count in tally.iter_rows():
            self.counts[code, name] += count
        warnings = issues.filter(~pl.col("code").is_in(ERRORS))
        room = [
            part.head(max(0, KEPT_WARNINGS - earlier[code, name or ""]))
            for (code, name), part in warnings.group_by("code", "field", maintain_order=True)
        ]
        self.kept.append(own(pl.concat([errors_of(issues), *room])))

    def add_issue(self, issue: Issue) -> None:
        """Take one issue about the run as a whole."""
        self.add(issues_frame([issue]))

    @property
    def frame(self) -> pl.DataFrame:
        """The kept issues in order of their lines (`ISSUE_COLUMNS`)."""
        return pl.concat([empty_issues(), *self.kept]).sort("line", nulls_last=False)

    @property
    def count_frame(self) -> pl.DataFrame:
        """code, field, count."""
        rows = [(code, name, count) for (code, name), count in sorted(self.counts.items())]
        schema = {"code": pl.String, "field": pl.String, "count": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    @property
    def by_code(self) -> dict[str, int]:
        """How often each code was found, in any field."""
        total: Counter[str] = Counter()
        for (code, _), count in sorted(self.counts.items()):
            total[code] += count
        return dict(total)
