"""Guangdong's ExchangeMessage: one record per fields, each message once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.format_exchange_message import _one_document
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk, Read

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
FIRST = {"CF_WSH": "茂市监处罚〔2023〕12号", "CF_XDR_MC": "高州市甲食品厂", "BZ": ""}
SECOND = {"CF_WSH": "茂市监处罚〔2023〕13号", "CF_XDR_MC": "乙 & 丙"}


def message(*records: dict[str, str], flow: str | None = "f-1", body: bool = True) -> str:
    """A message as the provincial platform sends it."""
    named = "" if flow is None else f"<flow>{flow}</flow>"
    rows = "".join(
        "<fields>"
        + "".join(f"<{k}>{v.replace('&', '&amp;')}</{k}>" for k, v in record.items())
        + "</fields>\n"
        for record in records
    )
    whole = f"<Body>{rows}</Body>" if body else ""
    return (
        "<ExchangeMessage>\n<Header><sender>440900</sender><receiver>440000</receiver>"
        f"<cc><receiver>x</receiver></cc>{named}<item>i-1</item><sn>7</sn>"
        f"<securityType>1</securityType></Header>\n{whole}</ExchangeMessage>\n"
    )


def read(desk: Desk, text: str | bytes, case: str = "keep", **told: Any) -> Read:
    fields = {"subject_name": "CF_XDR_MC", "business_scope": {"from": "BZ", "optional": True}}
    format_ = {"kind": "exchange_message", "case": case}
    return desk.read(text, "d.xml", **{"format": format_, "fields": fields, **told})


def codes(found: Read) -> list[tuple[str, int | None, str | None]]:
    return [
        (i.code, i.line, i.value)
        for i in found.issues
        if i.code not in ("column_unknown", "header_only")
    ]


def test_one_message(desk: Desk) -> None:
    found = read(desk, DECLARATION + message(FIRST, SECOND))
    assert found.rows.columns == ["_line", "CF_WSH", "CF_XDR_MC", "BZ"]
    assert found.rows.rows() == [
        (4, FIRST["CF_WSH"], "高州市甲食品厂", None),
        (5, SECOND["CF_WSH"], "乙 & 丙", None),
    ]
    assert codes(found) == []


def test_the_header_is_there_where_the_feed_names_it(desk: Desk) -> None:
    fields = {"subject_name": "CF_XDR_MC", "business_scope": "@flow", "domicile": "@sender"}
    found = read(desk, message(FIRST), fields=fields, ignore={"@sn": "不用"})
    assert found.rows.columns == ["_line", "CF_WSH", "CF_XDR_MC", "BZ", "@sender", "@flow", "@sn"]
    assert found.rows.row(0)[-3:] == ("440900", "f-1", "7")


def test_lower_case_tags(desk: Desk) -> None:
    lower = message({"cf_xdr_mc": "甲", "cf_wsh": "1"}) + message({"CF_XDR_MC": "乙"}, flow="f-2")
    found = read(desk, lower, case="upper")
    assert found.rows["CF_XDR_MC"].to_list() == ["甲", "乙"]
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, message({"CF_XDR_MC": "甲", "cf_xdr_mc": "乙"}), case="upper")
    assert caught.value.issue.code == "column_duplicate"


@pytest.mark.parametrize(
    "join",
    [
        lambda one, two: one + two,
        lambda one, two: DECLARATION + one + DECLARATION + two,
        lambda one, two: f"{DECLARATION}<list><x>1</x><item>{one}</item>{two}</list>",
        lambda one, two: DECLARATION + f'<l xmlns="urn:gd">{one}<!-- <?xml -->{two}</l>',
    ],
)
def test_many_messages_in_one_file(desk: Desk, join: Any) -> None:
    found = read(desk, join(message(FIRST), message(SECOND, flow="f-2")))
    assert found.rows["CF_XDR_MC"].to_list() == [FIRST["CF_XDR_MC"], SECOND["CF_XDR_MC"]]
    assert codes(found) == []


def test_a_message_that_comes_twice_counts_once(desk: Desk) -> None:
    found = read(
        desk, message(FIRST, SECOND) + message(SECOND, flow="f-2") + message(FIRST, SECOND)
    )
    assert found.rows.height == 3
    assert codes(found) == [("message_repeated", 10, "f-1")]
    assert found.unreadable == 0


def test_another_content_under_the_same_flow(desk: Desk) -> None:
    found = read(desk, message(FIRST) + message(SECOND, SECOND))
    assert found.rows["CF_XDR_MC"].to_list() == [FIRST["CF_XDR_MC"]]
    assert codes(found) == [("message_differs", 5, "f-1")]
    assert found.unreadable == 2


def test_a_message_without_flow_or_body(desk: Desk) -> None:
    text = message(FIRST, flow=None) + message(SECOND) + message(flow="f-2", body=False)
    found = read(desk, text + message(flow="f-3") + message(FIRST, flow="  "))
    assert found.rows["CF_XDR_MC"].to_list() == [SECOND["CF_XDR_MC"]]
    assert codes(found) == [
        ("message_without_flow", 1, None),
        ("message_without_body", 9, "f-2"),
        ("message_without_body", 12, "f-3"),
        ("message_without_flow", 15, None),
    ]
    assert found.unreadable == 4
    assert all("{" not in issue.message("zh_CN") for issue in found.issues)


def test_messages_larger_than_a_block(desk: Desk) -> None:
    many = [{"CF_XDR_MC": f"企业{n}" * 20, "CF_WSH": str(n)} for n in range(9000)]
    text = "".join(message(*many[n : n + 3000], flow=str(n)) for n in (0, 3000, 6000))
    fields = {"subject_name": "CF_XDR_MC", "business_scope": "@flow"}
    found = read(desk, text + message(*many[:3000], flow="0"), fields=fields)
    assert found.rows["CF_WSH"].to_list() == [str(n) for n in range(9000)]
    assert found.rows["@flow"].unique(maintain_order=True).to_list() == ["0", "3000", "6000"]
    assert codes(found) == [("message_repeated", 9010, "0")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "file_empty"),
        ("<list/>", "xml_place_missing"),
        (message(FIRST)[:-20], "xml_invalid"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + message(FIRST), "xml_doctype"),
        (message(FIRST) + "<!DOCTYPE a>" + message(SECOND), "xml_invalid"),
        (message({"CF_XDR_MC": "<![CDATA[甲"}), "xml_invalid"),
    ],
)
def test_what_stops_the_run(desk: Desk, text: str, code: str) -> None:
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, text)
    assert caught.value.issue.code == code
    assert "{" not in caught.value.issue.message("zh_CN")


PIECES = ["<a>甲</a>", '<?xml version="1.0"?>', "<![CDATA[<?xml ?>]]>", "<!-- <?xml ?> -->", "\n"]


@given(st.lists(st.sampled_from(PIECES)), st.integers(1, 40))
def test_only_declarations_go_wherever_a_block_ends(pieces: list[str], size: int) -> None:
    text = "".join(pieces).encode()
    blocks = (text[start : start + size] for start in range(0, len(text), size))
    found = b"".join(_one_document(blocks, "d.xml")).decode()
    kept = "".join(piece for piece in pieces if piece != PIECES[1])
    assert found.partition("<messages>")[2] == f"{kept}</messages>"
