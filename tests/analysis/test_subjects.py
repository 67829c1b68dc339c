"""Every record finds its subject: by code, by number, by name; and bringing up to date is building anew."""

from __future__ import annotations

from typing import Any

import polars as pl

from exchange_schemas.identifiers import org_expected, uscc_check_digit
from hub import people
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES, NAMING_SUBJECTS
from hub.analysis.inputs import Inputs
from hub.current import current_fields
from hub.database import write
from hub.exchange.erasure import Order, erase
from hub.subjects import index
from hub.subjects.building import build, datasets_of
from hub.subjects.linked import linked
from hub.subjects.parties import parties_of
from tests.analysis.conftest import Place
from tests.hub.ledger_data import put

SUBJECTS = "market_subject"


def code(number: int) -> str:
    """A right credit code, with a right organisation code in it."""
    organisation = f"MA{number:06d}"
    body = f"91440902{organisation}{org_expected(pl.Series([organisation + '0']))[0]}"
    return body + uscc_check_digit(body)


def entity(number: int, **more: Any) -> dict[str, Any]:
    return {
        "subject_name": f"茂名市红荔第{number}食品有限公司", "uscc": code(number), "legal_rep_name": f"陈某{number}",
        "division_code": "440902", "established_on": "2020-01-01", "reg_state": "存续", "domicile": f"茂南区光华路{number}号", **more,
    }  # fmt: skip


def penalty(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "authority_uscc": "11440900000000019J", "doc_no": f"茂市监处罚〔2026〕{number}号", "subject_name": name,
        "subject_type": "legal_or_unincorporated", "decided_on": "2026-03-01", **more,
    }  # fmt: skip


def complaint(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "ticket_no": f"T{number}",
        "respondent_name": name,
        "received_at": "2026-03-02T08:00:00+08:00",
        **more,
    }


def compute(place: Place) -> dict[str, int]:
    found = computing.compute(place.site, place.engine, [ANALYSES["subjects"]])
    counts = found["subjects"][SUBJECTS]
    assert counts["rejected"] == 0
    return {name: counts[name] for name in ("added", "changed", "gone")}


def records(place: Place) -> dict[str, dict[str, Any]]:
    standard = place.catalogue.get(SUBJECTS)
    with place.engine.connect() as connection:
        rows = current_fields(connection, SUBJECTS, standard.dtypes).to_dicts()
    return {
        row["subject_id"]: {n: v for n, v in row.items() if v not in (None, [])} for row in rows
    }


def whose(place: Place, dataset: str) -> dict[str, str]:
    found = linked(Inputs(place.site, place.engine, place.catalogue), dataset).collect()
    return dict(zip(found["_key"], found["subject"], strict=True))


def built_anew(place: Place) -> dict[str, list[dict[str, Any]]]:
    """Every layer of the index, and the records, as they would be built from nothing."""
    inputs = Inputs(place.site, place.engine, place.catalogue)
    made, rows = build(inputs, index.read_folder(place.site.path / "scratch"))
    return {**layers(made), "records": ordered(rows)}


def layers(one: index.Index) -> dict[str, list[dict[str, Any]]]:
    return {name: ordered(one.frame(name).select(list(index.LAYERS[name][0]))) for name in index.LAYERS}  # fmt: skip


def ordered(rows: pl.DataFrame) -> list[dict[str, Any]]:
    return sorted(rows.to_dicts(), key=repr)


def same_as_anew(place: Place) -> None:
    anew = built_anew(place)
    told = anew.pop("records")
    assert layers(index.read(place.site)) == anew
    shown = {
        row["subject_id"]: {n: v for n, v in row.items() if v not in (None, [])} for row in told
    }
    assert shown == records(place)


def test_the_analysis_reads_every_dataset_that_names_subjects(place: Place) -> None:
    assert datasets_of(place.catalogue) == list(NAMING_SUBJECTS)


def test_only_fields_with_numbers_of_that_kind_lead_to_a_subject(place: Place) -> None:
    """Another kind of number, such as the central bank's, would name a subject that isn't there."""
    for name in NAMING_SUBJECTS:
        standard = place.catalogue.get(name)
        for party in parties_of(standard):
            kinds = ((party.code, "uscc"), (party.reg_no, "reg-no"), (party.org_code, "org-code"))
            for field, kind in kinds:
                if field in standard.fields:
                    assert standard.fields[field].schema["format"] == kind, (name, field)


def test_one_subject_one_file(place: Place) -> None:
    put(place.engine, "market_entity", [
        entity(1, reg_no="440902000000011", former_names=["茂名市旧荔食品有限公司"]), entity(2), entity(3),
    ])  # fmt: skip
    put(place.engine, "administrative_penalty", [
        penalty(1, "茂名市红荔第1食品有限公司", uscc=entity(1)["uscc"]),
        penalty(2, "茂名市红荔第１食品有限责任公司", reg_no="440902000000011"),
        penalty(3, "某公司", org_code=entity(2)["uscc"][8:17]),
        penalty(4, "陈某", subject_type="natural", cert_no="440981199001010011"),
        penalty(5, "陈某", subject_type="natural", cert_no="440981199001010011"),
    ])  # fmt: skip
    put(place.engine, "complaint_report", [
        complaint(1, "茂名市红荔第3食品有限公司"), complaint(2, "茂名市旧荔食品有限公司"),
        complaint(3, "茂名市红荔第3食品有限公司河东分公司"), complaint(4, "红荔第3食品"),
    ])  # fmt: skip
    compute(place)
    mine = [one for _, one in sorted(whose(place, "administrative_penalty").items())]
    assert mine[:3] == [entity(1)["uscc"], entity(1)["uscc"], entity(2)["uscc"]]
    assert all(one.startswith("PER-") for one in mine[3:]) and mine[3] != mine[4]
    theirs = whose(place, "complaint_report")
    assert (theirs["T1"], theirs["T2"]) == (entity(3)["uscc"], entity(1)["uscc"])
    assert theirs["T3"].startswith("NAM-")  # a branch is not its parent
    told = records(place)
    first = told[entity(1)["uscc"]]
    assert first["records"] == [
        "administrative_penalty=2",
        "complaint_report=1",
        "market_entity=1",
    ]
    assert first["record_count"] == 4
    assert set(first["former_names"]) >= {"茂名市旧荔食品有限公司"}
    assert first["linked_by"] == ["code=2", "name=1", "reg_no=1"]
    assert "cert_no" not in str(told) and "440981199001010011" not in str(told)
    assert compute(place) == {"added": 0, "changed": 0, "gone": 0}
    same_as_anew(place)


def test_bringing_up_to_date_is_building_anew(place: Place) -> None:
    put(place.engine, "market_entity", [entity(n) for n in range(1, 30)])
    put(
        place.engine,
        "complaint_report",
        [complaint(n, entity(n)["subject_name"]) for n in range(1, 40)],
    )
    put(place.engine, "administrative_penalty", [penalty(1, "x", reg_no="440902000000011"), penalty(2, "y", org_code=code(3)[8:17])])  # fmt: skip
    compute(place)
    put(place.engine, "market_entity", [
        entity(31),  # whom a complaint has named for long
        entity(5, subject_name="茂名市换了名字的食品有限公司"),
        entity(6, reg_no="440902000000011"),
    ], [entity(7)])  # fmt: skip
    put(
        place.engine,
        "complaint_report",
        [complaint(8, "茂名市换了名字的食品有限公司")],
        [complaint(9, "")],
    )
    compute(place)
    same_as_anew(place)
    assert whose(place, "complaint_report")["T31"] == entity(31)["uscc"]
    assert whose(place, "complaint_report")["T8"] == entity(5)["uscc"]
    put(place.engine, "market_entity", [entity(6)], [entity(31)])
    compute(place)
    same_as_anew(place)
    assert compute(place) == {"added": 0, "changed": 0, "gone": 0}


def test_erased_content_isnt_kept(place: Place) -> None:
    put(place.engine, "market_entity", [entity(1)])
    compute(place)
    with place.engine.connect() as connection:
        index.forget(place.site, connection)
    assert not index.read(place.site).built
    assert compute(place) == {"added": 0, "changed": 0, "gone": 0}
    assert index.read(place.site).built


def test_an_index_that_was_read_before_an_erasure_doesnt_count(place: Place) -> None:
    put(place.engine, "market_entity", [entity(1)])
    made, _ = build(Inputs(place.site, place.engine, place.catalogue), index.read(place.site))
    put(place.engine, "market_entity", [], [entity(1)])
    with write(place.engine) as connection:
        people.grant(connection, "li", "market_regulation", "approver", "tests")
    why = ("保存期满", "个人信息保护法 第四十七条")
    order = Order("market_entity", "li", *why, keys=[str(code(1))])
    erase(place.site, place.engine, place.catalogue, order)
    with place.engine.connect() as connection:
        assert not made.keep(place.site, connection)
    assert not index.read(place.site).built
    assert list(made.folder.glob("*.parquet")) == []
