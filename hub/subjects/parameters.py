"""How much each agreement says: the parameters of the Fellegi-Sunter model that matches records without codes.

`m` is the share of true pairs that have the level, `u` that of pairs of two subjects. They are fixed and not
trained at each run, so that a record's match depends on nothing but the records that it could be. They were set
by hand on 20,000 pairs made of the real registration files, with the ways of writing of
tests/hub/subjects_truth.py; tests/hub/test_subject_matching.py measures what they give.
"""

from __future__ import annotations

from dataclasses import dataclass

#: One in so many pairs of a record and a subject is true: a register of a prefecture has some 10⁶ subjects.
PRIOR = 1e-6
AUTOMATIC = 0.99  # from this probability on a record is linked by itself
MARGIN = 7.0  # … if it weighs so many bits more than the second one: 128 times as probable
DOUBTFUL = 0.30  # from this on a person is asked
CANDIDATES = 3  # of one record, that a person is shown at most


@dataclass(frozen=True, slots=True)
class Level:
    """`name` stands in reasons; `sql` is a condition on two rows, None for all that is left."""

    name: str
    sql: str | None
    m: float
    u: float


#: Comparison → its levels, of which the first that holds counts; where a side is empty nothing is said.
LEVELS: dict[str, tuple[Level, ...]] = {
    "name": (
        Level("whole", "norm_l = norm_r AND whole_l AND whole_r", 0.45, 3e-9),
        Level("same", "norm_l = norm_r AND length(norm_l) >= 8", 0.17, 1e-8),
        Level("short", "norm_l = norm_r", 0.03, 3e-7),
        Level("core", "core_l = core_r AND branch_l = branch_r", 0.20, 1.5e-6),
        Level(
            "letter",  # one character is another, is missing or too many; of a company, not of an outlet
            "NOT branch_l AND NOT branch_r AND length(core_l) >= 5 AND length(core_r) >= 5"
            " AND damerau_levenshtein(core_l, core_r) <= 1",
            0.06,
            2e-6,
        ),
        Level(
            "close",
            "branch_l = branch_r AND length(core_l) >= 4 AND length(core_r) >= 4"
            " AND jaro_winkler_similarity(core_l, core_r) >= 0.90",
            0.07,
            6e-5,
        ),
        Level("other", None, 0.02, 0.99998),
    ),
    "representative": (
        Level("same", "rep_l = rep_r", 0.90, 3e-4),
        Level("other", None, 0.10, 0.9997),
    ),
    "address": (
        Level("same", "address_l = address_r", 0.55, 1e-5),
        Level("close", "jaro_winkler_similarity(address_l, address_r) >= 0.92", 0.30, 1e-3),
        Level("other", None, 0.15, 0.999),
    ),
    "division": (
        Level("county", "county_l = county_r", 0.93, 0.15),
        Level("city", "city_l = city_r", 0.05, 0.35),
        Level("other", None, 0.02, 0.50),
    ),
}
#: What has to be there on both sides for a comparison to say anything.
NEEDS = {"name": "norm", "representative": "rep", "address": "address", "division": "county"}
