"""Strict decoding: what is in the encoding comes out whole, anything else is named by its offset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.text import utf8_blocks
from exchange_schemas.errors import SourceUnreadable

TEXT = st.text(st.characters(exclude_characters="\0\ufeff", exclude_categories=["Cs"]))
ENCODINGS = ("utf-8", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be")


def encode(text: str, encoding: str) -> bytes:
    return text.encode({"gbk": "gb18030", "gb2312": "gb18030"}.get(encoding, encoding))


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def fault(data: bytes, encoding: str, size: int = 7) -> SourceUnreadable:
    with pytest.raises(SourceUnreadable) as caught:
        list(utf8_blocks(iter(cut(data, size)), encoding, "f.csv"))
    return caught.value


@given(TEXT, st.sampled_from(ENCODINGS), st.integers(1, 9))
def test_any_text_comes_through_any_encoding_in_blocks_of_any_size(
    text: str, encoding: str, size: int
) -> None:
    blocks = list(utf8_blocks(iter(cut(encode(text, encoding), size)), encoding, "f.csv"))
    assert b"".join(blocks).decode() == text
    for block in blocks:
        block.decode()  # no block ends inside a character


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_the_text(encoding: str) -> None:
    data = "\ufeff名称".encode(encoding.replace("utf-16", "utf-16-le", 1).replace("-le-le", "-le"))
    assert b"".join(utf8_blocks(iter([data]), encoding, "f.csv")).decode() == "名称"


@given(TEXT, st.integers(1, 9))
def test_the_offset_and_line_of_the_first_wrong_byte_are_named(text: str, size: int) -> None:
    before = text.encode()
    issue = fault(before + b"\xff" + "后".encode(), "utf-8", size).issue
    assert issue.code == "bytes_invalid"
    assert issue.params == {"offset": str(len(before)), "encoding": "utf-8"}
    assert issue.value == "FF"
    assert issue.line == text.count("\n") + 1


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_a_character_that_is_cut_off_at_the_end_is_a_fault(size: int) -> None:
    issue = fault("甲乙".encode()[:-1], "utf-8", size).issue
    assert (issue.code, issue.params["offset"], issue.value) == ("bytes_invalid", "3", "E4 B9")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_gb18030_names_the_offset_too(size: int) -> None:
    before = "名称\n甲".encode("gb18030")
    issue = fault(before + b"\xff" + b"\n", "gb18030", size).issue
    assert (issue.line, issue.params["offset"], issue.value) == (2, str(len(before)), "FF")


def test_an_export_called_gb2312_may_have_later_characters() -> None:
    assert (
        b"".join(utf8_blocks(iter(["㐀€𠮷".encode("gb18030")]), "gb2312", "f")).decode() == "㐀€𠮷"
    )


def test_gb18030_declared_as_utf8_is_refused() -> None:
    assert fault("企业名称".encode("gb18030"), "utf-8").issue.params["offset"] == "0"


def test_a_utf8_mark_under_another_declaration_is_refused() -> None:
    # EF BB BF are three legal bytes of a GB 18030 text: only the mark gives the file away
    issue = fault("\ufeff名称".encode(), "gb18030").issue
    assert (issue.code, issue.value, issue.params["offset"]) == ("bytes_invalid", "EF BB BF", "0")


def test_a_nul_byte_shows_that_the_file_is_no_such_text() -> None:
    issue = fault("a,b\n1,2\n".encode("utf-16-le"), "utf-8").issue
    assert (issue.code, issue.line) == ("byte_nul", 1)
    assert fault(b"a\nb\nc\0\nd\n", "utf-8", 3).issue.line == 3
