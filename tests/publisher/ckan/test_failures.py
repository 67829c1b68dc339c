"""What can go wrong with a CKAN: each of a type, none without an end, none that tells the token."""

from __future__ import annotations

import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina

from exchange_schemas.errors import HubError, TargetUnavailable
from publisher.ckan import failures
from publisher.ckan.client import Client
from publisher.ckan.target import CkanTarget
from tests.publisher.ckan.pushed import Place
from tests.publisher.samples import ROWS
from tests.services.ckan_server import Ckan
from tests.services.http_server import Said, Web, http_server
from tests.services.relay import Relay
from tests.services.server import free_port

ACTION = "/api/action/package_show"
TOKEN = "sehr-geheim-und-lang"
CKAN_SAYS = '{"success": false, "error": {"__type": "%s", "message": "不存在 %s"}}'

Make = Callable[..., Place]


@pytest.fixture(autouse=True)
def quickly() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def web() -> Iterator[Web]:
    with http_server() as running:
        yield running


def client(url: str, **told: object) -> Client:
    return Client(CkanTarget("test", url, TOKEN, **told))  # type: ignore[arg-type]


def ask(url: str, **told: object) -> HubError:
    with pytest.raises(HubError) as caught:
        client(url, **told).call("package_show", id="x")
    error = caught.value
    assert error.issue.code == failures.CODES[type(error)]
    for told_to_people in (error.issue.message("zh_CN"), error.issue.message("en"), str(error)):
        assert TOKEN not in told_to_people and "不存在" not in told_to_people
    return error


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        # by CKAN's own type, whatever the language of its message
        (Said(CKAN_SAYS.encode() % (b"Not Found Error", b""), 404), failures.Absent),
        (Said(CKAN_SAYS.encode() % (b"Authorization Error", b""), 403), failures.Denied),
        (Said(CKAN_SAYS.encode() % (b"Validation Error", b""), 409), failures.Conflict),
        (Said(CKAN_SAYS.encode() % (b"Search Index Error", b""), 500), failures.IndexDown),
        (Said(CKAN_SAYS.encode() % (b"Search Error", b""), 409), failures.IndexDown),
        # by the status, where a proxy answers
        (Said(b"<html>", 401), failures.Denied),
        (Said(b"<html>", 403), failures.Denied),
        (Said(b"<html>", 413), failures.TooLarge),
        (Said(b"<html>", 429), failures.Busy),
        (Said(b"<html>", 500), failures.Busy),
        (Said(b"", 502), failures.Busy),
        (Said(b"<html>", 503), failures.Busy),
        (Said(b"", 301, {"Location": "/elsewhere"}), failures.Strange),
        (Said(b"<html>a page</html>"), failures.Strange),
        (Said(b'{"success": true}'), failures.Strange),
        (Said(b'{"success": false, "error": "of another kind"}', 400), failures.Strange),
        (Said(b"[1, 2]"), failures.Strange),
        (Said(b'{"success": true, "result": {}}', cut=5), failures.Unreachable),
    ],
)  # fmt: skip
def test_every_answer_has_its_type(web: Web, said: Said, kind: type[HubError]) -> None:
    web.in_turn(ACTION, said)
    error = ask(web.url)
    assert type(error) is kind
    tried = 2 if kind in (failures.Busy, failures.Unreachable) else 1
    assert len(web.asked) == tried


def test_nobody_there() -> None:
    assert type(ask(f"http://127.0.0.1:{free_port()}")) is failures.Unreachable


def test_no_answer_in_time(web: Web) -> None:
    def later(_asked: object) -> Said:
        time.sleep(3)
        return Said(b"{}")

    web.answers[ACTION] = later
    begun = time.monotonic()
    assert type(ask(web.url, seconds=1)) is failures.Slow
    assert time.monotonic() - begun < 2


def test_an_answer_that_comes_byte_by_byte(web: Web) -> None:
    """Each byte within the time-out of the connection, all of them not within that of the call."""
    web.in_turn(ACTION, Said(b" " * 1000, slow=0.05))
    begun = time.monotonic()
    assert type(ask(web.url, seconds=1)) is failures.Slow
    assert time.monotonic() - begun < 3


def test_a_fault_that_passes_is_not_told(web: Web) -> None:
    web.in_turn(ACTION, Said(b"", 502), Said(b'{"success": true, "result": {"id": "x"}}'))
    assert client(web.url).call("package_show", id="x") == {"id": "x"}


def test_what_may_not_be_done_twice_is_tried_once(web: Web) -> None:
    web.say("/api/action/resource_create", b"", 502)
    with pytest.raises(failures.Busy):
        client(web.url).once("resource_create", name="x")
    assert len(web.asked) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(path), "-out", str(path.with_suffix(".crt"))],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def test_a_certificate_that_nobody_knows_gets_no_token(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with http_server(tls=tls) as web:
        web.say(ACTION, '{"success": true, "result": {}}')
        assert type(ask(web.url)) is failures.Strange
        assert web.asked == []
        assert client(web.url, ca=str(certificate.with_suffix(".crt"))).call("package_show") == {}


# --- with a real CKAN ---


def test_a_wrong_token(ckan: Ckan, place: Make) -> None:
    here = place(files="none")
    here.target = CkanTarget("test", ckan.url, TOKEN, prefix="wrong-")
    with pytest.raises(failures.Denied) as caught:
        here.push(here.release())
    assert TOKEN not in str(caught.value) and TOKEN not in repr(here.target)


def test_without_its_index_a_ckan_still_deletes(place: Make, ckan: Ckan) -> None:
    """What was taken back leaves the table at once; the rest waits until the index is there again."""
    here = place(files="none")
    here.push(here.release())
    second = here.release(ROWS[1:])
    kept = dict(ckan.solr.answers)
    ckan.solr.answers.clear()
    try:
        with pytest.raises(TargetUnavailable) as caught:
            here.push(second)
        assert type(caught.value) is failures.IndexDown
        assert sorted(here.rows()) == ["b2", "c3", "d4"]
    finally:
        ckan.solr.answers.update(kept)
    shown = here.shown()
    assert shown is not None and shown["version"] == "1"
    here.push(second)
    assert here.wrong(second) == []


def test_a_file_that_is_too_large_for_the_server(place: Make, tmp_path: Path) -> None:
    """CKAN says so in its own way, and not by 413."""
    here = place(files="none")
    here.push(here.release())
    (tmp_path / "large").write_bytes(b"x" * (11 << 20))
    with pytest.raises(failures.TooLarge):
        Client(here.target).upload("resource_create", tmp_path / "large", "large.csv",
                                   package_id=here.name)  # fmt: skip


@pytest.mark.parametrize("said", [Said(b"", 413), Said(b"<html>too large</html>", 413)])
def test_calls_too_large_for_the_server_are_made_smaller(
    place: Make, line: Relay, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.ckan.table.LEAST", 1)
    here = place(files="none")

    def instead(asked: object) -> Said | None:
        large = asked.body.count(b'"record_id"') > 2  # type: ignore[attr-defined]
        return said if large and asked.path.endswith("upsert") else None  # type: ignore[attr-defined]

    line.instead = instead
    release = here.release()
    assert here.push(release).hidden and here.wrong(release) == []
