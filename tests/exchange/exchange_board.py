"""A hub with three consumers in different states, for pages and pictures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select, update

from hub import people
from hub.database import write
from hub.exchange import refusal_answers
from hub.tables import exchange_log
from tests.exchange.receipt_hub import (
    CATALOGUE,
    Puller,
    a_puller,
    companies,
    erased,
    refused,
    taken,
)
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, put

OWNER = CATALOGUE.get(MARKET).department


def filled(engine: Engine) -> dict[str, Puller]:
    """What three consumers took, refused and left open of two datasets."""
    companies(engine, 900)
    put(engine, PENALTY, [a_penalty(n, f"张{n}三") for n in range(1, 61)])
    province, affairs = a_puller(engine, "省市场监管数据平台"), a_puller(engine, "市民政局")
    tax = a_puller(engine, "市税务局")
    people_of = a_puller(engine, "行业协会", "industry", PENALTY)
    province.pull(limit=1000)
    province.say(taken(1, 300), refused(301, 302), taken(303, 800), erased(7, 7))
    province.say(refused(650, 650, "subject_name.length", "名称 <b>超长</b> & 含特殊字符"))
    affairs.pull(limit=500)
    affairs.say(taken(1, 200))
    affairs.owes_within(24)
    people_of.pull()
    people_of.say(taken(1, 58), refused(59, 60, "name.masked", None))
    put(engine, MARKET, [a_company(5, domicile="官渡路9号")])
    province.pull(after=900)
    _spread(engine)
    with write(engine) as connection:
        people.grant(connection, "li", OWNER, "handler", "operator")
        number = refusal_answers.listing(connection, CATALOGUE)[0]["id"]
        refusal_answers.answer(
            connection, CATALOGUE, number, "li", "与登记档案一致，主体于 2019 年迁入。"
        )
    return {"province": province, "affairs": affairs, "tax": tax, "industry": people_of}


def _spread(engine: Engine) -> None:
    """The log as if it were of several days."""
    with write(engine) as connection:
        for (number,) in connection.execute(select(exchange_log.c.id)).all():
            then = datetime.now(UTC) - timedelta(days=3 * int(number), hours=1)
            at = then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            mine = exchange_log.c.id == number
            connection.execute(update(exchange_log).where(mine).values(at=at))
