"""Views: fields by tier, masks by condition, and nothing shown in doubt."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.standard import AUDIENCES, DEPARTMENT, Mask, Standard
from publisher.masks import RULES
from publisher.view import view_frame, visible
from tests.publisher.samples import PENALTIES, field, standard

RECORD = {
    "subject_name": "张三丰", "subject_type": "natural", "doc_no": "茂市监罚〔2024〕3号",
    "decided_on": "2024-01-02", "kinds": ["警告"], "cert_no": "440981199001011234",
    "informer": "李四",
}  # fmt: skip


def view_record(of: Standard, record: dict[str, object], audience: str) -> dict[str, object]:
    """One record's view; what the audience doesn't see has no key."""
    row = {name: record.get(name) for name in of.fields}
    shown = view_frame(of, pl.DataFrame([row], schema=of.dtypes), audience).row(0, named=True)
    return {name: value for name, value in shown.items() if value is not None}


def frame(*records: dict[str, object]) -> pl.DataFrame:
    rows = [{name: record.get(name) for name in PENALTIES.fields} for record in records]
    return pl.DataFrame(rows, schema=PENALTIES.dtypes)


def test_each_audience_sees_the_fields_of_its_tier_in_order() -> None:
    names = list(PENALTIES.fields)
    assert view_frame(PENALTIES, frame(RECORD), "public").columns == names[:-2]
    assert view_frame(PENALTIES, frame(RECORD), "industry").columns == names[:-2]
    assert view_frame(PENALTIES, frame(RECORD), "government").columns == names[:-1]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_nobody_sees_a_sealed_field(audience: str) -> None:
    assert "informer" not in view_record(PENALTIES, RECORD, audience)


def test_a_mask_is_for_its_audiences_and_where_its_condition_holds() -> None:
    company = {**RECORD, "subject_name": "高州酒业", "subject_type": "legal"}
    both = frame(RECORD, company)
    assert view_frame(PENALTIES, both, "public")["subject_name"].to_list() == [
        "张某某",
        "高州酒业",
    ]
    assert view_frame(PENALTIES, both, "government")["subject_name"][0] == "张三丰"


def test_an_unknown_condition_masks() -> None:
    unknown = {**RECORD, "subject_type": None}
    assert view_record(PENALTIES, unknown, "public")["subject_name"] == "张某某"


def test_a_condition_may_be_a_field_that_the_audience_does_not_see() -> None:
    hidden = replace(PENALTIES.fields["subject_type"], tier="government")
    changed = replace(PENALTIES, fields={**PENALTIES.fields, "subject_type": hidden})
    shown = view_record(changed, RECORD, "public")
    assert shown["subject_name"] == "张某某"
    assert "subject_type" not in shown


def test_a_mask_without_conditions_and_masks_of_lists() -> None:
    always = Mask("person_name", ("public",), {})
    people = standard(
        field("owner", "业主", masks=(always,)),
        field("partners", "合伙人", "list", masks=(always,)),
        field("cards", "证件", "list", masks=(Mask("id_number", ("public",), {}),)),
    )
    record = {"owner": "张三", "partners": ["李四", "欧阳修"], "cards": ["1", "2"]}
    shown = view_record(people, record, "public")
    assert shown == {"owner": "张某", "partners": ["李某", "欧阳某"], "cards": []}


def test_of_several_masks_the_first_that_applies_counts_and_free_text_elsewhere() -> None:
    removed = Mask("removed", ("public",), {"subject_type": ("natural",)})
    free = Mask("free_text", ("public", "industry"), {})
    texts = standard(
        PENALTIES.fields["subject_type"],
        field("facts", "违法事实", masks=(removed, free)),
        field("basis", "依据", "list", masks=(free,)),
    )
    said = "电话13800138000。"
    rows = [
        {"subject_type": kind, "facts": said, "basis": [said, "无"]}
        for kind in ("natural", "legal", None)
    ]
    frame_ = pl.DataFrame(rows, schema=texts.dtypes)
    left = "电话〔手机号略〕。"
    assert view_frame(texts, frame_, "public")["facts"].to_list() == [None, left, None]
    assert view_frame(texts, frame_, "industry")["facts"].to_list() == [left] * 3
    assert view_frame(texts, frame_, "government")["facts"].to_list() == [said] * 3
    assert view_frame(texts, frame_, "public")["basis"].to_list() == [[left, "无"]] * 3


def test_the_department_has_all_but_what_is_sealed_and_no_mask() -> None:
    everybody = replace(
        PENALTIES.fields["subject_name"],
        masks=(Mask("person_name", (*AUDIENCES, DEPARTMENT), {}),),
    )
    masked = replace(PENALTIES, fields={**PENALTIES.fields, "subject_name": everybody})
    seen = view_frame(masked, frame(RECORD), DEPARTMENT)
    assert seen.columns == [name for name in PENALTIES.fields if name != "informer"]
    assert seen["subject_name"].to_list() == ["张三丰"]


OWN, OTHER = "51440900MJ0001010D", "51440900MJ0001029A"


def members(**more: object) -> Standard:
    return standard(
        field("org", "行业组织"), field("level", "等级"), field("calls", "电话", tier="industry"),
        association="org", **more,
    )  # fmt: skip


LISTED = pl.DataFrame(
    [(org, level, "0668-2812345") for org in (OWN, OTHER, None) for level in ("一般", "严重")],
    schema=["org", "level", "calls"],
    orient="row",
)


@pytest.mark.parametrize("asks", [OWN, OTHER, None])
def test_an_association_has_its_own_records_and_what_is_public(asks: str | None) -> None:
    levels = {"public_when": {"level": ("严重",)}, "industry_when": {"level": ("一般", "严重")}}
    listed = members(**levels)
    given = LISTED.filter(visible(listed, "industry", asks))
    assert {(o, n) for o, n, _ in given.rows() if n == "一般"} == (
        {(asks, "一般")} if asks else set()
    )
    assert given.filter(pl.col("level") == "严重").height == 3
    seen = view_frame(listed, given, "industry", asks)
    assert set(seen.filter(pl.col("calls").is_not_null())["org"]) == ({asks} if asks else set())


def test_records_of_associations_that_are_not_public_are_their_own_only() -> None:
    closed = members(public=False)
    assert LISTED.filter(visible(closed, "industry", OWN))["org"].unique().to_list() == [OWN]
    assert LISTED.filter(visible(closed, "industry")).is_empty()
    for audience in ("government", DEPARTMENT):
        assert LISTED.filter(visible(closed, audience)).height == LISTED.height


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_unknown_rule_shows_nothing_to_anybody(audience: str) -> None:
    wrong = Mask("persn_name", ("public",), {})
    mistaken = standard(field("owner", "业主", masks=(wrong,)))
    with pytest.raises(Misdeclared) as caught:
        view_frame(mistaken, pl.DataFrame({"owner": ["张三"]}), audience)
    assert caught.value.issue.code == "mask_unknown"
    assert "persn_name" in caught.value.issue.message()


def test_internal_columns_pass_unchanged() -> None:
    internal = {"_line": [7], "_key": ["k|1"], "_json": ["{}"]}
    rows = frame(RECORD).with_columns(pl.DataFrame(internal))
    shown = view_frame(PENALTIES, rows, "public")
    assert_frame_equal(shown.select("_line", "_key", "_json"), pl.DataFrame(internal))


def test_a_record_is_seen_as_a_frame_is() -> None:
    shown = view_record(PENALTIES, RECORD, "public")
    row = view_frame(PENALTIES, frame(RECORD), "public").row(0, named=True)
    assert shown == {name: value for name, value in row.items() if value is not None}


def test_every_mask_of_the_shipped_standards_exists() -> None:
    catalogue = load_catalogue()
    for dataset in catalogue.datasets():
        shipped = catalogue.get(dataset)
        for name, told in shipped.fields.items():
            for mask in told.masks:
                assert mask.rule in RULES, (dataset, name)
                assert set(mask.when) <= set(shipped.fields), (dataset, name)
                assert set(mask.audiences) <= set(AUDIENCES), (dataset, name)
        empty = pl.DataFrame(schema=shipped.dtypes)
        for audience in AUDIENCES:
            assert view_frame(shipped, empty, audience).columns == list(
                shipped.fields_for(audience)
            )
