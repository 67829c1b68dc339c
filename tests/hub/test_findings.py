"""Findings are counted whole; errors are all kept, warnings as far as they are of use."""

from exchange_schemas.issue import Issue, issues_frame
from hub.findings import KEPT_WARNINGS, Findings, errors_of


def test_all_errors_are_kept_and_a_thousand_warnings_of_a_kind() -> None:
    findings = Findings()
    for start in range(0, 3 * KEPT_WARNINGS, 500):
        lines = range(start, start + 500)
        findings.add(issues_frame([Issue("expected", n, "reg_state") for n in lines]))
        findings.add(issues_frame([Issue("required", n, "uscc") for n in lines]))
    findings.add_issue(Issue("total_differs", value="14", params={"found": "6"}))
    assert findings.counts == {
        ("expected", "reg_state"): 3 * KEPT_WARNINGS,
        ("required", "uscc"): 3 * KEPT_WARNINGS,
        ("total_differs", ""): 1,
    }
    kept = findings.frame
    assert kept["code"].value_counts().sort("code").rows() == [
        ("expected", KEPT_WARNINGS),
        ("required", 3 * KEPT_WARNINGS),
        ("total_differs", 1),
    ]
    assert kept["line"][0] is None
    assert errors_of(kept).height == 3 * KEPT_WARNINGS
    assert findings.count_frame.rows() == [
        ("expected", "reg_state", 3_000),
        ("required", "uscc", 3_000),
        ("total_differs", "", 1),
    ]
