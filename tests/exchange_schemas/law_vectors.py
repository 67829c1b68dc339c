"""What each rule of law gives for some records, counted by hand in the State Council's calendars.

Every rule of the packaged law is here at least once; `test_law` holds that.
"""

from __future__ import annotations

from datetime import date
from typing import Any

Record = dict[str, Any]
PENALTY, LICENCE = "administrative_penalty", "administrative_license"
HERE, ELSEWHERE = "440000", "450000"
ORDINARY, SUMMARY = "普通程序", "简易程序"
BOTH = "暂扣或者吊销许可证、暂扣或者吊销执照"
ENDLESS = date.max


def _day(text: str) -> date:
    return date.fromisoformat(text)


def penalty(decided_on: str, *kinds: str, **more: Any) -> Record:
    """A penalty of the ordinary procedure, with a fine unless kinds are named."""
    return {
        "decided_on": decided_on, "penalty_kinds": list(kinds or ["罚款"]), "procedure": ORDINARY,
        **more,
    }  # fmt: skip


# id of the rule, dataset, record, the day; None: the rule doesn't hold
_PUBLISH: list[tuple[str, str, Record, str | None]] = [
    # holidays 1 to 8 October 2025, and a Saturday worked on the 11th
    ("dual-publicity", PENALTY, penalty("2025-09-29"), "2025-10-15"),
    ("dual-publicity", LICENCE, {"decided_on": "2025-09-29"}, "2025-10-15"),
    # over the end of the year; Sunday 4 January 2026 was worked
    ("dual-publicity", PENALTY, penalty("2025-12-31"), "2026-01-12"),
    ("dual-publicity", PENALTY, penalty("2018-07-24"), None),
    ("dual-publicity", PENALTY, penalty("2018-07-25"), "2018-08-03"),
    # into the provisional year, and beyond the calendar
    ("dual-publicity", PENALTY, penalty("2027-02-03"), "2027-02-18"),
    ("dual-publicity", PENALTY, penalty("2027-12-22"), "2027-12-31"),
    ("dual-publicity", PENALTY, penalty("2027-12-23"), None),
    ("penalty-20-days", PENALTY, penalty("2021-08-31"), None),
    ("penalty-20-days", PENALTY, penalty("2021-09-01", party_home_province=HERE), "2021-09-29"),
    ("penalty-20-days", PENALTY, penalty("2021-09-01"), "2021-09-29"),
    ("penalty-20-days", PENALTY, penalty("2021-09-01", party_home_province=ELSEWHERE), None),
    ("penalty-20-days", PENALTY, {**penalty("2021-09-01"), "procedure": SUMMARY}, None),
    ("penalty-other-province", PENALTY, penalty("2021-09-01", party_home_province=ELSEWHERE),
     "2021-09-29"),
    ("penalty-other-province", PENALTY, penalty("2021-09-01", party_home_province=HERE), None),
    ("penalty-other-province", PENALTY, penalty("2021-09-01"), None),
    ("annual-report-20-days", "entity_annual_report", {"reported_on": "2026-06-30"}, "2026-07-28"),
    ("annual-report-20-days", "annual_report_website", {"reported_on": "2014-09-30"}, None),
    # over a 29 February; Friday 9 and Sunday 18 February 2024 were worked
    ("registration-20-days", "market_entity", {"approved_on": "2024-02-08"}, "2024-03-13"),
    ("registration-20-days", "market_entity", {"established_on": "2024-02-08"}, None),
    ("abnormal-20-days", "abnormal_operation_list", {"listed_on": "2025-01-27"}, "2025-03-03"),
    ("announced-20-days", "food_sampling_result",
     {"sampled_on": "2024-08-01", "announced_on": "2024-09-13"}, "2024-10-17"),
    ("announced-20-days", "food_sampling_result", {"sampled_on": "2024-08-01"}, None),
    ("price-alert-20-days", "price_alert",
     {"issued_at": "2026-09-20T09:00:00+08:00", "released_on": "2026-09-24"}, "2026-10-29"),
    # the holiday that was made longer in 2020
    ("ip-case-20-days", "ip_enforcement_case",
     {"filed_on": "2019-11-01", "closed_on": "2020-01-20"}, "2020-02-25"),
    ("open-government-20-days", "normative_document", {"issued_on": "2023-12-29"}, "2024-01-29"),
    ("open-government-20-days", "normative_document", {"issued_on": "2008-04-30"}, None),
    ("open-government-20-days", "price_alert", {"issued_at": "2023-12-29T23:59:00+08:00"},
     "2024-01-29"),
]  # fmt: skip
PUBLISH = [(rule, name, one, day and _day(day)) for rule, name, one, day in _PUBLISH]

# id of the rule, dataset, the event, the day; None: no such rule on that day
_DUE: list[tuple[str, str, str, str | None]] = [
    ("push-to-registry", PENALTY, "2021-09-01", "2021-09-15"),
    ("push-to-registry", PENALTY, "2021-08-31", None),
    ("penalty-withdraw", PENALTY, "2026-09-30", "2026-10-10"),
    ("penalty-withdraw", PENALTY, "2021-07-14", None),
    ("other-withdraw", "market_entity", "2026-12-31", "2027-01-06"),
    ("answer-party", "market_entity", "2026-09-30", "2026-11-03"),
    ("third-party-consent", PENALTY, "2019-05-14", None),
    ("third-party-consent", PENALTY, "2019-05-15", "2019-06-05"),
    ("repair-decision", PENALTY, "2026-02-13", "2026-03-12"),
    ("nil-report-monthly", PENALTY, "2024-01-31", "2024-02-10"),
    ("nil-report-monthly", PENALTY, "2026-12-31", "2027-01-10"),
    ("nil-report-monthly", PENALTY, "2026-12-01", "2027-01-10"),
]
DUE = [(rule, name, _day(start), day and _day(day)) for rule, name, start, day in _DUE]

CRITICISM = ("通报批评",)
# id of the rule, dataset, record, first public day, last public day; None: doesn't hold
_UNTIL: list[tuple[str, str, Record, str, str | None]] = [
    ("penalty-three-months", PENALTY, penalty("2026-01-05", *CRITICISM), "2026-01-15", "2026-04-15"),
    ("penalty-three-months", PENALTY, penalty("2025-11-20", *CRITICISM), "2025-11-30", "2026-02-28"),
    ("penalty-three-months", PENALTY, penalty("2023-11-20", *CRITICISM), "2023-11-30", "2024-02-29"),
    ("penalty-three-months", PENALTY, penalty("2021-08-31", *CRITICISM), "2021-09-30", None),
    ("penalty-three-months", PENALTY, penalty("2021-09-01", *CRITICISM), "2021-09-30", "2021-12-30"),
    ("penalty-three-months", PENALTY, penalty("2026-01-05", fine_wan="0.01"), "2026-01-15", None),
    ("penalty-three-months", PENALTY, penalty("2026-01-05", "通报批评", "没收违法所得"),
     "2026-01-15", None),
    ("penalty-three-years", PENALTY, penalty("2024-02-20"), "2024-02-29", "2027-02-28"),
    ("penalty-three-years", PENALTY, penalty("2021-09-01"), "2021-09-10", "2024-09-10"),
    ("penalty-three-years", PENALTY, penalty("2021-08-31"), "2021-09-10", None),
    ("penalty-three-years", PENALTY, penalty("2023-05-01", restriction_until="2030-01-01"),
     "2023-05-10", "2030-01-01"),
    ("penalty-three-years", PENALTY, penalty("2023-05-01", restriction_until="2026-05-10"),
     "2023-05-10", "2026-05-10"),
    ("penalty-three-years", PENALTY, penalty("2023-05-01", restriction_until="2024-01-01"),
     "2023-05-10", "2026-05-10"),
    ("penalty-before-order-45", PENALTY, penalty("2021-08-31"), "2021-09-30", "2024-09-30"),
    ("penalty-before-order-45", PENALTY, penalty("2021-09-01"), "2021-09-30", None),
    ("credit-site-general", PENALTY, penalty("2020-02-20", severity_class="一般"),
     "2020-02-29", "2021-02-28"),
    ("credit-site-general", PENALTY, penalty("2019-06-30", severity_class="一般"),
     "2019-07-05", None),
    ("credit-site-serious", PENALTY, penalty("2021-08-31", severity_class="严重"),
     "2021-09-05", "2024-09-05"),
    ("credit-site-serious", PENALTY, penalty("2021-09-01", severity_class="严重"),
     "2021-09-05", None),
    # from the document, whenever it was published
    ("credit-minor", PENALTY, penalty("2026-04-01", severity_class="轻微"),
     "2026-05-05", "2026-07-01"),
    ("credit-minor", PENALTY, penalty("2026-03-31", severity_class="轻微"), "2026-05-05", None),
    ("credit-minor", PENALTY, penalty("2026-11-30", *CRITICISM), "2026-12-05", "2027-02-28"),
    ("credit-general", PENALTY, penalty("2026-04-01"), "2026-04-10", "2027-04-01"),
    ("credit-general", PENALTY, penalty("2028-02-29"), "2028-03-01", "2029-02-28"),
    ("credit-general", PENALTY, penalty("2026-03-31"), "2026-04-10", None),
    ("credit-serious", PENALTY, penalty("2026-04-01", "吊销许可证件"), "2026-04-10", "2029-04-01"),
    ("credit-serious", PENALTY, penalty("2026-04-01", severity_class="严重"),
     "2026-04-10", "2029-04-01"),
    ("serious-list-three-years", "unfair_competition_list", {"listed_on": "2024-02-29"},
     "2024-03-05", "2027-02-28"),
    ("serious-list-three-years", "unfair_competition_list",
     {"listed_on": "2024-02-29", "removed_on": "2025-06-01"}, "2024-03-05", "2025-06-01"),
    ("serious-list-three-years", "unfair_competition_list",
     {"listed_on": "2024-02-29", "public_until": "2028-06-01"}, "2024-03-05", "2027-02-28"),
    ("serious-list-three-years", "unfair_competition_list", {"listed_on": "2021-08-31"},
     "2024-03-05", None),
    ("quality-list-three-years", "quality_blacklist", {"listed_on": "2021-09-01"},
     "2021-09-05", "2024-09-01"),
    ("lists-before-order-44", "quality_blacklist", {"listed_on": "2021-08-31"},
     "2021-09-05", "2024-08-31"),
    ("lists-before-order-44", "quality_blacklist", {"listed_on": "2021-09-01"},
     "2021-09-05", None),
    ("association-list-until-removed", "industry_blacklist",
     {"listed_on": "2025-01-01", "removed_on": "2025-03-01", "public_until": "2025-02-01"},
     "2025-01-05", "2025-02-01"),
    ("abnormal-until-removed", "abnormal_operation_list", {"listed_on": "2025-01-01"},
     "2025-01-05", "endless"),
    ("abnormal-until-removed", "abnormal_operation_list",
     {"listed_on": "2025-01-01", "removed_on": "2025-03-01"}, "2025-01-05", "2025-03-01"),
    ("warning-until-expired", "consumer_warning",
     {"issued_on": "2025-01-01", "expires_on": "2025-03-01", "withdrawn_on": "2025-02-01"},
     "2025-01-05", "2025-02-01"),
]  # fmt: skip
UNTIL = [
    (rule, name, one, _day(begin), ENDLESS if end == "endless" else end and _day(end))
    for rule, name, one, begin, end in _UNTIL
]

# id of the rule, record, the class that the rules give it
SEVERITY: list[tuple[str, Record, str | None]] = [
    ("severity-serious", penalty("2026-04-01", "罚款", "限制从业"), "严重"),
    ("severity-serious", penalty("2026-04-01", "警告", "责令关闭", procedure=SUMMARY), "严重"),
    ("severity-minor", penalty("2026-04-01", "罚款", procedure=SUMMARY), "轻微"),
    ("severity-minor", penalty("2026-04-01", "警告", "通报批评"), "轻微"),
    ("severity-general", penalty("2026-04-01", "通报批评", "罚款"), "一般"),
    ("severity-general", penalty("2026-04-01", fine_wan="99999"), "一般"),
    ("severity-general", penalty("2026-03-31"), None),
]

# id of the rule, dataset, record, first public day, first day on which repair may be asked for
_LEAST: list[tuple[str, str, Record, str, str | None]] = [
    ("repair-after-six-months", PENALTY, penalty("2026-03-31"), "2026-04-10", "2026-10-11"),
    ("repair-after-six-months", PENALTY, penalty("2025-08-20"), "2025-08-31", "2026-03-01"),
    ("repair-minor", PENALTY, penalty("2026-04-01", *CRITICISM), "2026-04-10", "2026-04-01"),
    ("repair-general", PENALTY, penalty("2026-04-01"), "2026-04-10", "2026-07-02"),
    ("repair-serious", PENALTY, penalty("2028-02-29", "吊销许可证件"), "2028-03-10", "2029-03-01"),
    ("repair-lists", "quality_blacklist", {"listed_on": "2025-01-01"}, "2025-01-05", "2026-01-02"),
]
LEAST = [
    (rule, name, one, _day(begin), day and _day(day)) for rule, name, one, begin, day in _LEAST
]

# id of the rule, the kinds of penalty that are never repaired
HEAVY: list[tuple[str, list[str], str]] = [
    ("repair-heavy-kinds", ["罚款", kind], kind)
    for kind in (
        "责令停产停业",
        "限制开展生产经营活动",
        "限制从业",
        "降低资质等级",
        "吊销许可证件",
    )
] + [("repair-heavy-kinds-2018", [BOTH], BOTH)]

# id of the rule, dataset, a record that it forbids, the like of which it doesn't
NEVER: list[tuple[str, str, Record, Record]] = [
    *(("penalty-withdrawn", PENALTY, penalty("2025-01-02", status=state),
       penalty("2025-01-02", status="正常")) for state in ("撤销", "确认违法", "无效")),
    ("penalty-warning-only", PENALTY, penalty("2025-01-02", "警告"),
     penalty("2025-01-02", "警告", "罚款")),
    ("penalty-summary", PENALTY, penalty("2025-01-02", procedure=SUMMARY), penalty("2025-01-02")),
    ("penalty-minor", PENALTY, penalty("2026-04-01", severity_class="轻微"),
     penalty("2026-03-31", severity_class="轻微")),
    ("penalty-minor", PENALTY, penalty("2026-04-01", severity_class="轻微"),
     penalty("2026-04-01", *CRITICISM)),
    ("penalty-use-scope", PENALTY, penalty("2016-01-04", use_scope="1"), penalty("2016-01-04")),
    ("licence-use-scope", LICENCE, {"use_scope": "2"}, {"use_scope": "0"}),
    ("unfair-competition-not-serious", "unfair_competition_list", {"level": "重点监控"},
     {"level": "严重"}),
    ("quality-list-watched", "quality_blacklist", {"level": "重点监控"}, {"level": "一般"}),
    ("association-list-not-serious", "industry_blacklist", {"level": "一般"}, {"level": "严重"}),
    *(("food-warning-of-a-city", "consumer_warning",
       {"food_content": content, "authority_check": "有权发布"},
       {"food_content": "日常监督管理信息", "authority_check": "有权发布"})
      for content in ("风险警示", "总体情况", "重大事故", None)),
    ("warning-without-authority", "consumer_warning",
     {"food_content": "不涉及食品安全", "authority_check": "未核对"},
     {"food_content": "不涉及食品安全", "authority_check": "有权发布"}),
    ("food-sample-of-risk-monitoring", "food_sampling_result", {"verdict": "问题/风险"},
     {"verdict": "不合格"}),
    ("food-item-not-failed", "food_sampling_item", {"verdict": "合格"}, {"verdict": "不合格"}),
    ("product-sample-not-final", "product_sampling_result",
     {"result_state": None, "verdict": "不合格"}, {"result_state": "已确认", "verdict": "不合格"}),
    ("product-sample-no-verdict", "product_sampling_result",
     {"result_state": "已确认", "verdict": "问题/风险"},
     {"result_state": "已确认", "verdict": "合格"}),
    ("product-item-not-failed", "product_sampling_item",
     {"result_state": "已确认", "verdict": "合格"}, {"result_state": "已确认", "verdict": "不合格"}),
    ("ip-case-open", "ip_enforcement_case",
     {"case_state": "调查中", "secrecy_review": "可以公开"},
     {"case_state": "已结案", "secrecy_review": "删去后公开"}),
    ("ip-case-secret", "ip_enforcement_case",
     {"case_state": "已结案", "secrecy_review": "未审查"},
     {"case_state": "已结案", "secrecy_review": "可以公开"}),
    ("price-alert-not-released", "price_alert", {"release_decision": "暂不发布"},
     {"release_decision": "发布"}),
    *(("document-without-procedure", "normative_document",
       {"legality_review": "通过", "collective_decision": "通过",
        "consultation": "已公开征求意见", step: "未进行"},
       {"legality_review": "通过", "collective_decision": "通过",
        "consultation": "依法不公开征求意见"})
      for step in ("legality_review", "collective_decision", "consultation")),
    ("validity-without-procedure", "document_validity", {"procedure": "欠缺"}, {"procedure": "齐备"}),
]  # fmt: skip
