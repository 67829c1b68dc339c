"""The pages of subscriptions: what they take, whom they turn away, and what they keep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from publisher.portal.app import create_portal
from publisher.portal.settings import Settings
from publisher.portal.subscribing import ASKED_AN_HOUR
from publisher.subscribing import EMAIL, WEBHOOK, Topic, Wish, WishFolder, good_address

NEW = "/subscriptions/new"
ABOUT = {"dataset": "market_entity"}
OWN = {"Sec-Fetch-Site": "same-origin"}
GOOD = {"way": "email", "address": "li@example.cn"}


@pytest.fixture
def client(releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr("publisher.subscribing.FREE_BYTES", 0)
    settings = Settings(base_url="https://data.example.cn")
    folder = tmp_path / "subscriptions"
    portal = create_portal(releases, load_catalogue(), settings=settings, subscriptions=folder)
    return portal.test_client()


def dropped(tmp_path: Path) -> list[Wish]:
    folder = WishFolder(tmp_path / "subscriptions")
    return [folder.read(number) for number in folder.waiting()]


def test_a_wish_is_dropped_for_its_owner_only(client: FlaskClient, tmp_path: Path) -> None:
    topic = {"q": "荔乡", "kind": "罚款", "dataset": "administrative_penalty"}
    answer = client.post(NEW, query_string=topic, data=GOOD, headers=OWN)
    assert answer.status_code == 303
    assert "请打开其中的链接确认" in client.get(answer.headers["Location"]).text
    (wish,) = dropped(tmp_path)
    assert (wish.act, wish.way, wish.address) == ("subscribe", "email", "li@example.cn")
    assert wish.topic == Topic(dataset="administrative_penalty", words="荔乡", kind="罚款")
    (file,) = (tmp_path / "subscriptions").glob("*.json")
    assert file.stat().st_mode & 0o077 == 0


def test_the_form_says_what_the_address_is_for(client: FlaskClient) -> None:
    page = client.get(NEW, query_string=ABOUT)
    assert "不作他用" in page.text and "退订即删除" in page.text and "7 天内未确认" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    for nothing in ({}, {"dataset": "nothing"}, {"since": "2026-01-01"}):
        assert client.get(NEW, query_string=nothing).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)
def test_another_sites_page_cant_subscribe_anybody(
    client: FlaskClient, tmp_path: Path, headers: dict[str, str]
) -> None:
    for place in (NEW, "/subscriptions/"):
        answer = client.post(place, query_string=ABOUT, data=GOOD, headers=headers)
        assert answer.status_code == 403
    assert dropped(tmp_path) == []


def test_nobody_asks_too_often(client: FlaskClient, tmp_path: Path) -> None:
    for _ in range(ASKED_AN_HOUR):
        assert client.post(NEW, query_string=ABOUT, data=GOOD, headers=OWN).status_code == 303
    answer = client.post(NEW, query_string=ABOUT, data=GOOD, headers=OWN)
    assert answer.status_code == 429 and answer.headers["Retry-After"]
    assert len(dropped(tmp_path)) == ASKED_AN_HOUR


@pytest.mark.parametrize(
    "address",
    ["", "li", "li@", "@example.cn", "li@example", "a@b.cn,c@d.cn", "a@b.cn;c@d.cn", "<a@b.cn>",
     "李 <a@b.cn>", "a@b.cn\r\nBcc: c@d.cn", "a@b.cn\nX: y", '"a b"@c.cn', "a@[127.0.0.1]", "a@b..cn",
     "a(x)@b.cn", "x" * 65 + "@b.cn", "a@" + "b." * 130 + "cn"],
)  # fmt: skip
def test_only_one_mailbox_is_taken(client: FlaskClient, tmp_path: Path, address: str) -> None:
    data = {"way": "email", "address": address}
    answer = client.post(NEW, query_string=ABOUT, data=data, headers=OWN)
    assert answer.status_code == 422 and "电子邮箱" in answer.text
    assert not good_address(Wish("subscribe", EMAIL, address))
    assert dropped(tmp_path) == []


def test_a_forged_wish_is_refused(tmp_path: Path) -> None:
    folder = WishFolder(tmp_path / "wishes", free=0)
    number = folder.drop(Wish("subscribe", WEBHOOK, "https://example.cn/x", Topic(code="1")))
    told = json.loads((folder.path / f"{number}.json").read_text())
    assert folder.read(number).topic.code == "1"
    for change in ({"act": "delete"}, {"way": "email"}, {"topic": {}}, {"topic": {"sql": "x"}},
                   {"address": 5}, {"language": "fr"}):  # fmt: skip
        (folder.path / f"{number}.json").write_text(json.dumps(told | change))
        with pytest.raises(Exception, match="can't be read"):
            folder.read(number)


def test_without_an_address_of_the_portal_there_are_no_subscriptions(
    releases: Path, tmp_path: Path
) -> None:
    client = create_portal(releases, load_catalogue(), subscriptions=tmp_path / "s").test_client()
    assert client.get(NEW, query_string=ABOUT).status_code == 404
    assert "/subscriptions/" not in client.get("/datasets/market_entity").text
    assert "/subscriptions/" not in client.get("/search?q=荔乡").text
