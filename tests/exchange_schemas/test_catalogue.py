"""Standards as they are read from their folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.standard import Mask, Roles
from tests.exchange_schemas.conftest import FIXTURES


def test_the_newest_version_is_meant_unless_one_is_named(catalogue: Catalogue) -> None:
    assert catalogue.datasets() == ["lapsed_licence", "licence"]
    assert catalogue.get("licence").version == "2"
    old = catalogue.get("licence", "1")
    assert (old.version, old.versions) == ("1", ("1", "2"))
    assert "years" not in old.fields


def test_what_the_declaration_says(catalogue: Catalogue) -> None:
    licence = catalogue.get("licence")
    assert (licence.department, licence.owner) == ("trade", "市商务局")
    assert licence.key == (("uscc", "reg_no", "cert_no"), ("licence_no",))
    assert licence.roles == Roles("holder", "uscc", "licence_no", "granted_on")
    assert licence.public and licence.disclaimer is None and licence.derivation is None


def test_blocks_are_merged_and_their_fields_can_be_adapted(catalogue: Catalogue) -> None:
    holder = catalogue.get("licence").fields["holder"]
    assert holder.title == "许可证持有人"
    assert holder.title_en == "Holder"
    assert holder.schema["maxLength"] == 20
    assert holder.required and not holder.expected
    assert holder.masks == (Mask("person_name", ("public",), {"kind": ("person",)}),)
    assert "$ref" not in str(catalogue.get("licence").schema)


def test_fields_have_types_and_tiers(catalogue: Catalogue) -> None:
    licence = catalogue.get("licence")
    kinds = {name: field.kind for name, field in licence.fields.items()}
    assert kinds["granted_on"] == "date"
    assert kinds["fee"] == "decimal"
    assert (kinds["years"], kinds["lapsed"], kinds["goods"]) == ("integer", "boolean", "list")
    assert "fee" in licence.fields_for("industry")
    assert "fee" not in licence.fields_for("public")
    assert "cert_no" not in licence.fields_for("government")


def test_derived_standards(catalogue: Catalogue) -> None:
    (derived,) = catalogue.derived_from("licence")
    assert derived.dataset == "lapsed_licence"
    assert derived.derivation and derived.derivation.where == {"lapsed": "true"}
    assert catalogue.derived_from("lapsed_licence") == []


def test_unknown_names_are_answered_with_the_known_ones(catalogue: Catalogue) -> None:
    with pytest.raises(Misdeclared) as caught:
        catalogue.get("license")
    assert caught.value.issue.code == "dataset_unknown"
    assert "lapsed_licence, licence" in caught.value.issue.message("en")
    with pytest.raises(Misdeclared) as caught:
        catalogue.get("licence", "3")
    assert caught.value.issue.code == "version_unknown"
    assert caught.value.issue.message("zh_CN") == "数据集 licence 没有版本 3，可选：1, 2"


BREAKS = [
    ("standard.yml", "dataset: licence", "dataset: [licence"),
    ("standard.yml", "dataset: licence", "data: licence"),
    ("standard.yml", "title: {zh: 许可证, en: Licences}\n", ""),
    ("standard.yml", "roles: {name:", "roles: {names:"),
    ("v2.schema.json", '"type": "object",', '"type": "object"'),
    ("v2.schema.json", '"block:holder"', '"block:nobody"'),
    ("v2.schema.json", '"x-tier": "industry"', '"x-tier": "secret"'),
    ("v2.schema.json", '"x-title-en": "Fee", ', ""),
]


@pytest.mark.parametrize(("name", "old", "new"), BREAKS)
def test_a_broken_declaration_names_its_file(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    root = tmp_path / "standards"
    shutil.copytree(FIXTURES, root)
    path = root / "trade" / "licence" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Misdeclared) as caught:
        load_catalogue(root).get("licence")
    issue = caught.value.issue
    assert issue.code == "standard_invalid"
    assert str(root) in issue.params["place"]


def test_two_folders_for_one_dataset(tmp_path: Path) -> None:
    root = tmp_path / "standards"
    shutil.copytree(FIXTURES, root)
    shutil.copytree(FIXTURES / "trade" / "licence", root / "elsewhere" / "licence")
    with pytest.raises(Misdeclared, match="declared in"):
        load_catalogue(root)
