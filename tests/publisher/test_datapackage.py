"""datapackage.json and dictionary.csv describe the files that stand beside them."""

import csv
import io
import json
from pathlib import Path

import frictionless

from publisher import dictionary
from publisher.dictionary import COLUMNS
from tests.publisher.samples import PENALTIES, changed, field, released


def test_the_package_is_valid_and_its_rows_keep_its_schema(tmp_path: Path) -> None:
    made = released(tmp_path)
    report = frictionless.validate(str(made.path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "fieldName", "message"])
    resource = frictionless.Package(str(made.path / "datapackage.json")).get_resource(
        "records-csv"
    )
    rows = resource.read_rows()
    assert [row["record_id"] for row in rows] == ["b2", "c3", "a1", "d4"]
    assert rows[1]["kinds"] == ['警告；"严重"', "罚款,并处"]
    assert str(rows[3]["fine_wan"]) == "1234567.123456"


def test_it_notices_a_row_that_breaks_the_schema(tmp_path: Path) -> None:
    made = released(tmp_path, changed(subject_type="somebody"))
    report = frictionless.validate(str(made.path / "datapackage.json"))
    assert report.flatten(["fieldName", "type"]) == [["subject_type", "constraint-error"]]


def test_it_says_what_whose_and_when(tmp_path: Path) -> None:
    made = released(tmp_path)
    package = json.loads((made.path / "datapackage.json").read_bytes())
    assert package["name"] == "penalty-sample"
    assert package["title"] == "行政处罚样例"
    assert "仅供试验" in package["description"]
    assert package["contributors"] == [{"title": "市市场监督管理局", "role": "publisher"}]
    assert package["created"] == made.created_at
    assert package["version"] == "1.0.0"
    for resource in package["resources"]:
        file = made.file(resource["path"])
        assert file is not None
        assert (resource["bytes"], resource["hash"]) == (file.bytes, f"sha256:{file.sha256}")


def test_the_dictionary_says_what_codes_mean(tmp_path: Path) -> None:
    reason = field("reason", "原因", codelist="list_reasons", schema={"enum": ["1", "2"]})
    kinds = field(
        "kinds", "类别", "list", codelist="subject_types", schema={"items": {"enum": ["natural"]}}
    )
    dictionary.write({"reason": reason, "kinds": kinds}, tmp_path / "d.csv")
    rows = list(csv.DictReader((tmp_path / "d.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0]["可取的值"] == "1＝未按期公示年度报告；2＝未按责令的期限公示信息"
    assert rows[1]["可取的值"] == "natural＝自然人"


def test_masked_fields_promise_nothing(tmp_path: Path) -> None:
    package = json.loads((released(tmp_path).path / "datapackage.json").read_bytes())
    fields = {f["name"]: f for f in package["resources"][0]["schema"]["fields"]}
    assert "constraints" not in fields["subject_name"]
    assert fields["subject_type"]["constraints"] == {
        "required": True,
        "enum": ["legal", "natural"],
    }
    assert fields["record_id"]["constraints"] == {"required": True, "unique": True}


def test_the_dictionary_explains_every_column(tmp_path: Path) -> None:
    made = released(tmp_path)
    content = (made.path / "dictionary.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    names = ["record_id", *PENALTIES.fields_for("public"), "salt"]
    assert [row["字段"] for row in rows] == names
    header = (made.path / "records.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",") == names
    by_name = {row["字段"]: row for row in rows}
    assert by_name["subject_type"]["可取的值"] == "legal；natural"
    assert by_name["subject_name"]["脱敏"] == "只保留姓氏（相对人类别为natural时）"
    assert by_name["facts"]["说明"] == "已脱敏"
    assert by_name["decided_on"]["类型"] == "日期"
    assert by_name["doc_no"]["必填"] == "是"
