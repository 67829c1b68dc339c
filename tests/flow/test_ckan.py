"""From a decision to every surface: the worker pushes to a CKAN, and what is taken back is gone there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ckanapi
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from werkzeug.test import Client as Browser

from exchange_schemas.catalogue import load_catalogue
from hub import disclosures
from hub.cli.main import hub
from hub.tables import job
from hub.web.server import create_application
from hub.worker import Worker
from publisher.library import Library
from tests.flow.conftest import Desk, row
from tests.reviewing import appoint, approve_all, review_all
from tests.services.ckan_server import Ckan
from tests.services.relay import CUT, relay

DATASET = "market_entity"
PACKAGE = f"flow-{DATASET}"


def cli(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(desk.site.path), *words])


def told(desk: Desk, *words: str) -> Any:
    done = cli(desk, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def settings(desk: Desk, url: str, **more: Any) -> None:
    target = {"url": url, "token": "${HUB_CKAN_TOKEN}", "prefix": "flow-", "title": "省平台",
              "datasets": [DATASET], "files": "none", **more}  # fmt: skip
    desk.site.ckan_settings.write_text(json.dumps({"targets": {"province": target}}))


@pytest.fixture
def stocked(desk: Desk, ckan: Ckan, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A site that released three records."""
    monkeypatch.setenv("HUB_CKAN_TOKEN", ckan.token)
    settings(desk, ckan.url)
    appoint(desk.engine)
    deliver(desk, 1, 2, 3)
    return desk


def deliver(desk: Desk, *numbers: int) -> None:
    desk.write(*(row(number) for number in numbers))
    desk.run(desk.feed(), accept=True)
    disclosures.refresh(desk.engine, load_catalogue())
    review_all(desk.engine, DATASET, "wang")
    approve_all(desk.engine, DATASET, "li")
    told(desk, "publish", DATASET)


def worked(desk: Desk) -> list[tuple[str, str]]:
    """Kind and state of each job of a CKAN, after a worker did what was queued."""
    Worker(desk.site, desk.engine, every=1, scheduling=False).run_once()
    with desk.engine.connect() as connection:
        query = select(job.c.kind, job.c.state).where(job.c.kind == "ckan").order_by(job.c.id)
        return [(kind, state) for kind, state in connection.execute(query)]


def in_ckan(ckan: Ckan) -> list[str]:
    """The record ids that anybody reads there."""
    public = ckanapi.RemoteCKAN(ckan.url).action
    (table,) = public.package_show(id=PACKAGE)["resources"]
    found = public.datastore_search(resource_id=table["id"])["records"]
    return sorted(one["record_id"] for one in found)


def records(desk: Desk) -> list[str]:
    library = Library(desk.site.releases, load_catalogue())
    return sorted(one["record_id"] for one in library.preview(DATASET, 100))


def page(desk: Desk, language: str = "zh") -> str:
    answer = Browser(create_application(desk.site)).get(
        "/retractions", query_string={"lang": language}
    )
    assert answer.status_code == 200
    return answer.text


def holders(desk: Desk, record: str) -> list[dict[str, Any]]:
    found = told(desk, "review", "holders", DATASET, record)["holders"]
    return [one for one in found if one["consumer"].startswith("ckan:")]


def test_from_a_decision_to_every_surface(stocked: Desk, ckan: Ckan, tmp_path: Path) -> None:
    desk = stocked
    assert worked(desk) == [("ckan", "done")]
    before = records(desk)
    assert in_ckan(ckan) == before and len(before) == 3
    (status,) = told(desk, "ckan", "status")
    assert (status["current"], status["release"], status["failure"]) == (1, 1, None)
    assert told(desk, "ckan", "push") == {} and told(desk, "ckan", "verify") == {DATASET: []}

    gone, (held,) = before[0], holders(desk, before[0])
    assert (held["consumer"], held["decided_at"]) == ("ckan:province", None)
    done = cli(desk, "review", "withdraw", DATASET, gone, "--reason", "other", "--as", "li")
    assert done.exit_code == 0, done.output
    # our own surfaces at once, and the page says who still holds it
    assert gone not in records(desk) and gone in in_ckan(ckan)
    (held,) = holders(desk, gone)
    assert held["decided_at"] and held["confirmed_at"] is None
    shown = page(desk)
    assert gone in shown and "省平台" in shown and shown.count("尚未确认") == 1
    assert "not confirmed yet" in page(desk, "en")

    assert set(worked(desk)) == {("ckan", "done")}
    assert in_ckan(ckan) == records(desk) == before[1:]
    (held,) = holders(desk, gone)
    assert held["confirmed_at"] > held["decided_at"]
    assert "尚未确认" not in page(desk) and "茂名测试" not in page(desk)

    # the whole dataset, by hand; it comes back by hand only
    assert told(desk, "ckan", "retract", DATASET, "--yes")["purged"] is True
    with pytest.raises(ckanapi.NotFound):
        ckanapi.RemoteCKAN(ckan.url, apikey=ckan.token).action.package_show(id=PACKAGE)
    assert told(desk, "ckan", "push") == {} and told(desk, "ckan", "verify") == {}
    assert told(desk, "ckan", "push", DATASET)[DATASET]["written"] == 2
    assert in_ckan(ckan) == before[1:]
    told(desk, "ckan", "retract", DATASET, "--yes")


def test_a_ckan_that_is_away_is_tried_again(stocked: Desk, ckan: Ckan) -> None:
    desk = stocked
    with relay(ckan.url) as line:
        settings(desk, line.url, prefix="away-")
        line.instead = lambda _asked: CUT
        assert worked(desk) == [("ckan", "queued")]
        (status,) = told(desk, "ckan", "status")
        assert (status["release"], status["failure"], status["failures"]) == (
            None,
            "ckan_unreachable",
            1,
        )
        failed = cli(desk, "ckan", "push", DATASET, "--json")
        assert failed.exit_code == 1 and ckan.token not in failed.output
        assert json.loads(failed.stdout)["error"]["code"] == "ckan_unreachable"
        line.heal()
        assert told(desk, "ckan", "push", DATASET)[DATASET]["written"] == 3
        (status,) = told(desk, "ckan", "status")
        assert (status["release"], status["failure"], status["failures"]) == (1, None, 0)
        assert_found_and_put_right(desk, ckan)


def assert_found_and_put_right(desk: Desk, ckan: Ckan) -> None:
    """A record that somebody deleted there: `verify` tells, and the next push compares everything."""
    admin = ckanapi.RemoteCKAN(ckan.url, apikey=ckan.token).action
    (table,) = admin.package_show(id=f"away-{DATASET}")["resources"]
    filters = {"record_id": records(desk)[0]}
    admin.datastore_records_delete(resource_id=table["id"], filters=filters, force=True)
    found = cli(desk, "ckan", "verify", "--json")
    assert found.exit_code == 1
    assert [one["code"] for one in json.loads(found.stdout)[DATASET]] == ["ckan_differs"] * 2
    assert told(desk, "ckan", "status")[0]["failure"] == "ckan_differs"
    assert told(desk, "ckan", "push", DATASET)[DATASET]["written"] == 1
    assert told(desk, "ckan", "verify") == {DATASET: []}
    told(desk, "ckan", "retract", DATASET, "--yes")


def test_settings_that_are_wrong_stop_no_release(
    stocked: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = stocked
    for text, code in (
        ("targets: {a: {url: 'https://x', token: geheim}}", "secret_in_file"),
        ("targets: {a: {url: 'http://x.example', token: '${HUB_CKAN_TOKEN}'}}", "ckan_settings"),
        ("targets: {a: {url: 'https://x', token: '${NIRGENDS}'}}", "secret_missing"),
        (
            "targets: {a: {url: 'https://x', token: '${HUB_CKAN_TOKEN}', speed: 3}}",
            "ckan_settings",
        ),
        ("targets: [", "ckan_settings"),
        (
            "targets: {a: {url: 'https://x', token: '${HUB_CKAN_TOKEN}', datasets: [marked_entity]}}",
            "dataset_unknown",
        ),
    ):
        desk.site.ckan_settings.write_text(text)
        failed = cli(desk, "ckan", "status", "--json")
        assert json.loads(failed.stdout)["error"]["code"] == code
        assert "geheim" not in failed.output
    deliver(desk, 1, 2, 3, 4)
    assert len(records(desk)) == 4
