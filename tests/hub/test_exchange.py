"""The exchange API: what each consumer is given, and nobody else."""

import hashlib
import hmac
import json
import logging
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, select, update

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.record import digest
from hub.consumers.consumer import revoke
from hub.database import write
from hub.exchange.private_keys import key_is_private
from hub.exchange.tables import exchange_block
from hub.tables import consumer, exchange_log
from tests.hub.exchange_hub import a_key, ask, entries_path
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, made, put

OPENAPI = json.loads(files("hub.web").joinpath("openapi.json").read_bytes())


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def entries(engine: Engine, dataset: str, key: str, query: str = "") -> list[dict]:
    response = ask(engine, entries_path(dataset, query), key)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in response.text.split("\n")[:-1]]


def valid(document: object, schema: str) -> None:
    root = {"$ref": f"#/components/schemas/{schema}", "components": OPENAPI["components"]}
    Draft202012Validator(root).validate(document)


def test_every_entry_is_given_in_order_with_its_digest(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1), a_company(2)])
    put(engine, MARKET, [a_company(2, domicile='茂名市\n官渡路 "8" 号')], gone=[a_company(1)])
    found = entries(engine, MARKET, a_key(engine))
    assert [(e["seq"], e["operation"], e["key"]) for e in found] == [
        (1, "upsert", a_company(1)["uscc"]),
        (2, "upsert", a_company(2)["uscc"]),
        (3, "upsert", a_company(2)["uscc"]),
        (4, "delete", a_company(1)["uscc"]),
    ]
    assert found[0]["record"] == a_company(1)
    assert found[2]["record"]["domicile"] == '茂名市\n官渡路 "8" 号'
    assert found[3]["digest"] is None
    assert "record" not in found[3]
    for entry in found:
        valid(entry, "Entry")
        assert list(entry)[:6] == ["seq", "operation", "key", "digest", "recorded_at", "standard"]
        assert entry["standard"] == f"{MARKET}@1"
        assert entry["recorded_at"] == "2026-11-23T01:00:01.000Z"
    assert all(digest(e["record"]).hex() == e["digest"] for e in found[:3])


def test_the_digest_is_of_the_bytes_as_served(engine: Engine) -> None:
    put(engine, PENALTY, [a_penalty(1, "张三丰")])
    key = a_key(engine)
    line = ask(engine, entries_path(PENALTY), key).data.removesuffix(b"\n")
    record = line.partition(b',"record":')[2][:-1]
    assert hashlib.sha256(record).hexdigest() == json.loads(line)["digest"]


def test_pages_join_without_gap_or_overlap_and_repeat_to_the_byte(engine: Engine) -> None:
    put(engine, MARKET, [a_company(n) for n in range(2_345)])
    key = a_key(engine)
    after, seqs = 0, []
    while True:
        path = entries_path(MARKET, f"?after={after}&limit=1000")
        page = ask(engine, path, key)
        assert page.data == ask(engine, path, key).data
        assert page.headers["X-Head-Seq"] == "2345"
        after = int(page.headers["X-Last-Seq"])
        found = [json.loads(line)["seq"] for line in page.text.split("\n")[:-1]]
        seqs += found
        if not found:
            break
        assert after == found[-1]
    assert seqs == list(range(1, 2_346))
    assert len(entries(engine, MARKET, key)) == 1_000
    beyond = ask(engine, entries_path(MARKET, "?after=9000"), key)
    assert (beyond.data, beyond.headers["X-Last-Seq"]) == (b"", "9000")


def test_an_empty_ledger_is_an_empty_page(engine: Engine) -> None:
    page = ask(engine, entries_path(MARKET), a_key(engine))
    assert (page.status_code, page.data) == (200, b"")
    assert (page.headers["X-Last-Seq"], page.headers["X-Head-Seq"]) == ("0", "0")


def test_each_audience_has_its_view(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1)])
    put(engine, PENALTY, [a_penalty(1, "张三丰")])
    government, industry = a_key(engine), a_key(engine, "industry")
    assert entries(engine, MARKET, government)[0]["record"]["phone"] == "0668-0000001"
    assert "phone" not in entries(engine, MARKET, industry)[0]["record"]
    assert entries(engine, PENALTY, government)[0]["record"] == a_penalty(1, "张三丰")
    (masked,) = entries(engine, PENALTY, industry)
    assert digest(masked["record"]).hex() == masked["digest"]
    everything = json.dumps(masked, ensure_ascii=False)
    assert "张三丰" not in everything
    assert a_penalty(1, "张三丰")["cert_no"] not in everything
    assert masked["record"]["doc_no"] == a_penalty(1, "")["doc_no"]


def test_keys_that_would_tell_a_masked_name_are_pseudonyms(engine: Engine) -> None:
    man = a_penalty(1, "张三丰")
    put(engine, PENALTY, [man, a_penalty(1, "李四")])
    put(engine, PENALTY, [{**man, "doc_no": man["doc_no"], "penalty_kinds": ["警告"]}])
    put(engine, PENALTY, [], gone=[man])
    one, other = a_key(engine, "industry"), a_key(engine, "industry", (PENALTY,))
    found = entries(engine, PENALTY, one)
    keys = [entry["key"] for entry in found]
    assert keys[0] == keys[2] == keys[3] != keys[1]
    assert all(len(key) == 32 and int(key, 16) for key in keys)
    theirs = [entry["key"] for entry in entries(engine, PENALTY, other)]
    assert not set(keys) & set(theirs)
    with engine.connect() as connection:
        salt = connection.scalar(
            select(consumer.c.salt).where(consumer.c.id == int(one.split(".")[0]))
        )
    plain = entries(engine, PENALTY, a_key(engine))[0]["key"]
    assert "张三丰" in plain
    expected = hmac.digest(salt.hex().encode(), f"{PENALTY}\n{plain}".encode(), "sha256").hex()
    assert keys[0] == expected[:32]


def test_a_key_without_private_parts_stays_as_it_is(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1)])
    assert entries(engine, MARKET, a_key(engine, "industry"))[0]["key"] == a_company(1)["uscc"]
    catalogue = load_catalogue()
    assert key_is_private(catalogue, PENALTY, "industry")
    assert not key_is_private(catalogue, PENALTY, "government")


def test_every_exchange_is_logged(engine: Engine) -> None:
    put(engine, MARKET, [a_company(n) for n in range(7)])
    key = a_key(engine)
    entries(engine, MARKET, key, "?limit=5")
    entries(engine, MARKET, key, "?after=5")
    entries(engine, MARKET, key, "?after=7")  # nothing is given
    ask(engine, entries_path(MARKET))
    with engine.connect() as connection:
        rows = connection.execute(select(exchange_log).order_by(exchange_log.c.id)).all()
    assert [(r.after_seq, r.last_seq, r.entries) for r in rows] == [
        (0, 5, 5),
        (5, 7, 2),
    ]
    assert {r.consumer_id for r in rows} == {int(key.split(".")[0])}


def test_what_cannot_be_logged_is_not_given(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1)])
    key = a_key(engine)
    exchange_log.drop(engine)
    response = ask(engine, entries_path(MARKET), key)
    assert response.status_code >= 500
    assert a_company(1)["subject_name"] not in response.text


def test_the_list_has_what_is_granted(engine: Engine) -> None:
    put(engine, MARKET, [a_company(1)])
    key = a_key(engine, datasets=(MARKET,))
    response = ask(engine, "/exchange/v1/datasets", key)
    assert response.mimetype == "application/json"
    (described,) = json.loads(response.data)["datasets"]
    valid(described, "Dataset")
    assert (described["dataset"], described["head_seq"]) == (MARKET, 1)
    assert ask(engine, described["entries"], key).status_code == 200


@pytest.mark.parametrize(
    ("path", "keyed", "method", "status", "code"),
    [
        ("/exchange/v1/datasets", False, "GET", 401, "key_refused"),
        (entries_path(MARKET), False, "GET", 401, "key_refused"),
        (entries_path("nothing"), False, "GET", 401, "key_refused"),
        (entries_path(PENALTY), True, "GET", 403, "not_granted"),
        (entries_path("nothing"), True, "GET", 404, "dataset_unknown"),
        ("/exchange/v1/nothing", True, "GET", 404, "address_unknown"),
        (entries_path(MARKET), True, "POST", 405, "method_refused"),
        (entries_path(MARKET, "?after=-1"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?after=x"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?after=1&after=2"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?after=9223372036854775808"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, f"?after={'9' * 5000}"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?after=%EF%BC%91"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?limit=0"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?limit=5001"), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?limit="), True, "GET", 400, "parameter_wrong"),
        (entries_path(MARKET, "?since=5"), True, "GET", 400, "parameter_unknown"),
    ],
)
def test_problems_are_told_in_both_languages(
    engine: Engine, path: str, keyed: bool, method: str, status: int, code: str
) -> None:
    key = a_key(engine, datasets=(MARKET,)) if keyed else None
    response = ask(engine, path, key, method)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    problem = json.loads(response.data)
    valid(problem, "Problem")
    assert (problem["status"], problem["code"]) == (status, code)
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert problem["detail"] != problem["detail_en"]
    assert "{" not in problem["detail"] + problem["detail_en"]


def test_a_revoked_consumer_and_other_schemes_get_nothing(engine: Engine) -> None:
    key = a_key(engine)
    assert ask(engine, entries_path(MARKET), key).status_code == 200
    with write(engine) as connection:
        revoke(connection, f"government {(MARKET, PENALTY)}")
    assert ask(engine, entries_path(MARKET), key).status_code == 401


def test_the_largest_cursor_is_taken(engine: Engine) -> None:
    page = ask(engine, entries_path(MARKET, f"?after={2**63 - 1}&limit=5000"), a_key(engine))
    assert (page.status_code, page.headers["X-Last-Seq"]) == (200, str(2**63 - 1))


def test_neither_keys_nor_records_reach_a_log(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    put(engine, PENALTY, [a_penalty(1, "张三丰")])
    key = a_key(engine)
    entries(engine, PENALTY, key)
    ask(engine, entries_path(PENALTY), key + "x")
    with write(engine) as connection:  # what can't be read makes the hub fail
        connection.execute(update(exchange_block).values(lines="张三丰".encode()))
    assert ask(engine, entries_path(PENALTY), key).status_code == 500
    assert "while answering" in caplog.text
    for private in (key.partition(".")[2], "张三丰", a_penalty(1, "")["cert_no"]):
        assert private not in caplog.text


def test_who_may_see_no_field_gets_no_record(engine: Engine) -> None:
    """Of cases handed to the police the industry sees nothing; its cursor goes on all the same."""
    case = {"transfer_no": "YS2026-1", "subject_name": "某某商行", "uscc": "91440902MA0000015X"}
    put(engine, "case_transfer", [case])
    key = a_key(engine, "industry", ("case_transfer",))
    answer = ask(engine, entries_path("case_transfer"), key)
    assert answer.status_code == 200
    (entry,) = [json.loads(line) for line in answer.text.splitlines()]
    assert (entry["seq"], entry["operation"], entry["digest"]) == (1, "delete", None)
    assert "YS2026-1" not in answer.text
