"""The dictionary's pages: complete, well-formed, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree, html

from exchange_schemas.codes import code_lists, load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.references import load_references
from publisher.dictionary_site import write_site
from tests.publisher.schema_cases import CATALOGUE, STANDARDS

LINKS = "//@href | //@src"


def pages(site: Path) -> dict[Path, html.HtmlElement]:
    return {path: html.parse(path).getroot() for path in sorted(site.rglob("*.html"))}


def text(site: Path, place: str) -> str:
    return " ".join(" ".join(html.parse(site / place).getroot().itertext()).split())


def test_every_link_leads_to_a_file_and_a_place_in_it(site: Path) -> None:
    found = pages(site)
    anchors = {path: set(page.xpath("//@id")) for path, page in found.items()}
    addresses = {reference.url for reference in load_references().values()}
    followed = 0
    for path, page in found.items():
        for link in map(str, page.xpath(LINKS)):
            parts = urlsplit(link)
            if link == "data:,":  # no icon
                continue
            if parts.scheme or parts.netloc:
                assert link in addresses, (path, link)
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file() and target.is_relative_to(site), (path, link)
            if parts.fragment:
                assert unquote(parts.fragment) in anchors[target], (path, link)
            followed += 1
    assert followed > 1000


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = [src for page in pages(site).values() for src in page.xpath("//@src")]
    loaded += [
        href
        for page in pages(site).values()
        for href in page.xpath("//link[not(@rel='icon')]/@href")
    ]
    assert {Path(str(src)).name for src in loaded} == {"site.css", "filter.js"}
    for path in (site / "assets").iterdir():
        assert not re.search(r"https?:|url\(|@import|fetch|import\(", path.read_text("utf-8")), (
            path
        )


def test_the_markup_is_sound(site: Path) -> None:
    # libxml2 knows HTML 4, so the elements that came later are errors of its own (801).
    for path in pages(site):
        parser = etree.HTMLParser()
        etree.parse(str(path), parser)
        errors = [
            e.message for e in parser.error_log if e.type != etree.ErrorTypes.HTML_UNKNOWN_TAG
        ]
        assert errors == [], path
        ids = html.parse(path).getroot().xpath("//@id")
        assert len(ids) == len(set(ids)), path


def test_every_standard_and_every_code_list_has_its_page(site: Path) -> None:
    index = text(site, "index.html")
    for standard in STANDARDS:
        page = text(site, f"standards/{standard.dataset}.html")
        assert standard.title in index and standard.owner in index
        assert all(
            field.title in page and field.name in page for field in standard.fields.values()
        )
        for version in standard.versions:
            for suffix in (".schema.json", ".table-schema.json", ".xsd", ".xlsx"):
                assert (site / "files" / f"{standard.dataset}-{version}{suffix}").stat().st_size
    for name in code_lists():
        page = text(site, f"codes/{name}.html")
        assert all(code.title in page for code in load_codes(name).codes.values())
    assert {path.stem for path in (site / "standards").iterdir()} == set(CATALOGUE.datasets())
    assert {path.stem for path in (site / "codes").iterdir()} == set(code_lists())


@pytest.mark.parametrize(
    "words",
    [
        "行政处罚决定 Administrative penalty decisions",
        "市物价局 Municipal Price Bureau 提供部门 Supplies records 至 2018-12-31",
        "处罚机关统一社会信用代码 或 处罚机关 ＋ 行政处罚决定书文号 ＋",
        "处罚类别含有“罚款”时，须填罚款金额（万元）。",
        "公示日期应当在处罚决定日期之后 7 个工作日以内。",
        "行政相对人类别为“个体工商户”时，统一社会信用代码应当以 92 开头。",
        "行政相对人名称应当与数据集“商事主体登记信息”中统一社会信用代码相同的记录一致。",
        "脱敏：只保留姓氏（行政相对人类别为自然人时）",
        "Version 1, valid from 2015-12-01 to 2027-12-31",
        "版本 1 2015-12-01 至 2027-12-31",
        "发改办财金〔2018〕424号",
    ],
)
def test_what_the_page_of_a_standard_says(site: Path, words: str) -> None:
    assert words in text(site, "standards/administrative_penalty.html")


def test_no_rule_is_left_without_words(site: Path) -> None:
    bare = [
        (path.stem, code.text_content())
        for path, page in pages(site).items()
        for code in page.xpath("//ol[@class='rules']/li/code")
    ]
    assert bare == []


def test_a_code_list_tells_days_and_successors(site: Path) -> None:
    assert "price 市物价局 Municipal Price Bureau 2018-12-31 市发改局 、 市市场监督管理局" in text(
        site, "codes/departments.html"
    )


def test_every_code_list_says_in_chinese_what_it_is_for(site: Path) -> None:
    rows = html.parse(site / "codes.html").getroot().xpath("//tbody/tr")
    said = {row[0].text_content(): row[1].text_content() for row in rows}
    assert set(said) == set(code_lists())
    assert [name for name, words in said.items() if not re.search(r"[一-鿿]", words)] == []


def test_writing_it_again_replaces_it_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_site(CATALOGUE, folder)
    stale = folder / "standards" / "given_up.html"
    stale.touch()
    assert write_site(CATALOGUE, folder, "某市") == len(pages(folder))
    assert not stale.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert "<b>某市</b>" in (folder / "index.html").read_text(encoding="utf-8")


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("mine", encoding="utf-8")
    with pytest.raises(Misdeclared) as found:
        write_site(CATALOGUE, tmp_path)
    assert found.value.issue.code == "dictionary_folder_taken"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
