"""A hub whose consumers answer for what they were given, over its real HTTP application."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, select, update
from werkzeug.test import Client, TestResponse

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from hub.consumers.consumer import Consumer, add_consumer, list_consumers
from hub.database import write
from hub.exchange.tables_of_receipts import receipt_range
from hub.exchange.views import View, view_for
from hub.grants.grant import grant_of
from hub.grants.tables import consumer_grant
from hub.tables import exchange_log
from hub.web.exchange import PREFIX
from tests.hub.exchange_hub import application
from tests.hub.ledger_data import MARKET, a_company, put

CATALOGUE = load_catalogue()


@dataclass
class Puller:
    """A consumer, as it sees the hub."""

    engine: Engine
    name: str
    key: str
    dataset: str = MARKET

    @cached_property
    def application(self) -> Any:
        """Made once: werkzeug compiles its routes, which several threads at once can't do in Python 3.11."""
        return application(self.engine)

    def ask(self, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"}
        address = f"{PREFIX}/v1/datasets/{self.dataset}/{path}"
        client = Client(self.application)
        if body is None:
            return client.get(address, headers=headers)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(address, data=data, headers=headers, content_type="application/json")

    def pull(self, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        page = self.ask(f"entries?after={after}&limit={limit}")
        assert page.status_code == 200, page.text
        return [json.loads(line) for line in page.text.split("\n")[:-1]]

    def say(self, *receipts: dict[str, Any], **more: Any) -> TestResponse:
        return self.ask("receipts", {"receipts": list(receipts), **more})

    def told(self, query: str = "") -> dict[str, Any]:
        answer = self.ask(f"receipts{query}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def consumer(self) -> Consumer:
        with self.engine.connect() as connection:
            return next(o for o in list_consumers(connection) if o.name == self.name)

    def view(self) -> View:
        with write(self.engine) as connection:
            grant = grant_of(connection, self.consumer(), self.dataset, today())
            assert grant is not None
            return view_for(connection, CATALOGUE, self.consumer(), grant)

    def ranges(self) -> list[tuple[int, int, str]]:
        has = receipt_range.c
        query = select(has.first_seq, has.last_seq, has.state).order_by(has.last_seq)
        with self.engine.connect() as connection:
            mine = query.where(has.consumer_id == self.consumer().id)
            return [tuple(row) for row in connection.execute(mine)]

    def owes_within(self, hours: int | None) -> None:
        mine = consumer_grant.c.consumer_id == self.consumer().id
        with write(self.engine) as connection:
            values = {"receipts_within_hours": hours}
            connection.execute(update(consumer_grant).where(mine).values(values))

    def given_at(self, at: str) -> None:
        """Set the time of all that it was given back."""
        mine = exchange_log.c.consumer_id == self.consumer().id
        with write(self.engine) as connection:
            connection.execute(update(exchange_log).where(mine).values(at=at))


def a_puller(
    engine: Engine, name: str = "省平台", audience: str = "government", dataset: str = MARKET
) -> Puller:
    """A new consumer with a grant of the dataset."""
    with write(engine) as connection:
        return Puller(engine, name, add_consumer(connection, name, audience, (dataset,)), dataset)


def companies(engine: Engine, count: int, **more: Any) -> None:
    """The first `count` companies, as their department says them."""
    put(engine, MARKET, [a_company(n, **more) for n in range(1, count + 1)])


def taken(first: int, last: int) -> dict[str, Any]:
    return {"first": first, "last": last, "state": "taken"}


def refused(
    first: int, last: int, code: str = "uscc.unknown", reason: str | None = "查无此主体"
) -> dict[str, Any]:
    told = {"first": first, "last": last, "state": "refused", "code": code}
    return told | ({"reason": reason} if reason else {})


def erased(first: int, last: int) -> dict[str, Any]:
    return {"first": first, "last": last, "state": "erased"}
