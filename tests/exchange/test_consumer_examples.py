"""`docs/examples/`: programs in other languages, run against a real listening exchange."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.consumers.consumer import consumer_named, list_consumers
from hub.consumers.key_handing import hand_out
from hub.database import write
from publisher.signers import key_id
from publisher.signing_keys import site_signer
from tests.exchange.served_stream import Served, served
from tests.hub.exchange_hub import application, listening, site_of
from tests.hub.ledger_data import MARKET, a_company, put

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
needs_java = pytest.mark.skipif(
    shutil.which("java") is None or shutil.which("javac") is None, reason="there is no JDK"
)
needs_zstd = pytest.mark.skipif(
    shutil.which("zstd") is None or shutil.which("curl") is None, reason="no zstd, or no curl"
)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    """600 companies, two sealed segments of 256, odd characters and deletes in the tail."""
    found = served(f"sqlite:///{tmp_path / 'hub.sqlite'}", monkeypatch)
    odd = a_company(7, domicile='官渡路\u2028\u007f\t"\\8号 😀')
    put(found.engine, MARKET, [odd], gone=[a_company(8), a_company(9)])
    return found


@pytest.fixture
def environment(hub: Served) -> Iterator[dict[str, str]]:
    with listening(application(hub.engine)) as url:
        yield {**os.environ, "HUB": url, "HUB_CONSUMER_KEY": hub.key}


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def a_pem(hub: Served, folder: Path) -> tuple[str, str]:
    """(id, file) of a new key of the consumer, made with openssl as the guide says."""
    private, public = folder / "consumer.pem", folder / "consumer.pub.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    with write(hub.engine) as connection:
        who = consumer_named(connection, list_consumers(connection)[0].name)
        keys = site_of(hub.engine).keys
        handed = hand_out(connection, keys, who, "ed25519", public.read_text(), "operator")
    return handed.keyid, str(private)


@needs_java
def test_java_pulls_and_proves_everything(
    hub: Served, environment: dict[str, str], tmp_path: Path
) -> None:
    number, pem = a_pem(hub, tmp_path)
    signer = site_signer(hub.site.keys, hub.site.releases, {})
    mine = {**environment, "KEY_ID": number, "SIGN_KEY": pem}
    del mine["HUB_CONSUMER_KEY"]
    java = ["java", str(EXAMPLES / "Consume.java"), MARKET]
    done = run([*java, key_id(signer.public_key)], mine)
    assert done.returncode == 0, done.stderr
    note = hub.ask("checkpoint").text.split("\n")
    assert done.stdout == f"603 entries, 601 upserts, root {note[2]}\n"
    other = run([*java, "0" * 64], mine)
    assert other.returncode != 0
    assert "isn't signed by a key of the hub" in other.stderr


@needs_zstd
def test_the_shell_pulls_segments_and_pages_and_goes_on(
    hub: Served, environment: dict[str, str], tmp_path: Path
) -> None:
    command = ["sh", str(EXAMPLES / "consume.sh"), MARKET, str(tmp_path / "received")]
    done = run(command, environment)
    assert done.returncode == 0, done.stderr
    told, digest = done.stdout.splitlines()
    assert told == "603 entries"
    assert digest.startswith("digest right: ")
    files = sorted(path.name for path in (tmp_path / "received").iterdir())
    assert files == [
        "000000000000001-000000000000256.ndjson.zst",
        "000000000000257-000000000000512.ndjson.zst",
        "000000000000513-000000000000603.ndjson",
    ]
    put(hub.engine, MARKET, [a_company(n) for n in range(2_000, 2_200)])
    hub.ask("entries?after=603&limit=1")
    assert run(command, environment).stdout.splitlines()[0] == "803 entries"
    hub.seal()  # 513 to 768, in the midst of the second page
    done = run(command, environment)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "803 entries")
    assert len(list((tmp_path / "received").iterdir())) == 4
    (tmp_path / "received" / "000000000000257-000000000000512.ndjson.zst").unlink()
    assert run(command, environment).stdout.splitlines()[0] == "803 entries"
