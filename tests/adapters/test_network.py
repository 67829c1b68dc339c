"""No connection goes where it mustn't, however the address is written or reached."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from adapters import network
from adapters.addresses import is_public
from adapters.network import asking, checked_addresses, open_socket, pool, server_of, session
from adapters.source import Ask
from exchange_schemas.errors import HubError, Misdeclared, SourceFaltering, SourceUnreadable
from tests.services.ftps_server import make_certificate
from tests.services.http_server import Web, http_server

OUTSIDE = Ask({}, Path())
INSIDE = Ask({}, Path(), internal=True)

# Ways to write loopback, private, link-local and metadata addresses, and hosts that are such.
HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0", "0.0", "2130706433", "0x7f000001",
    "0x7f.1", "0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.1", "017700000001", "localhost", "localhost.",
    "LOCALHOST", "127.0.0.1.", "10.0.0.1", "10.255.255.255", "167772161", "0x0a000001", "012.0.0.1",
    "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.1", "0xc0a80001", "3232235521",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.0.1",
    "100.64.0.1", "100.100.100.200", "100.127.255.255", "168.63.129.16", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:192.168.0.1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2002:a00:1::1]", "[2002:a9fe:a9fe::]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[fe80::1]",
    "[fe80::a9fe:a9fe]", "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]",
    "[ff05::2]", "[100::1]", "[2001:10::1]", "[0000::0001]", "[::ffff:0:127.0.0.1]",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "114.114.114.114",
    "2606:4700::1111",
    "2400:3200::1",
    "::ffff:8.8.8.8",
]


@pytest.fixture
def canary() -> Iterator[Web]:
    with http_server() as web:
        web.say("/", "secret")
        yield web


def urls(port: str) -> list[str]:
    plain = [f"http://{host}:{port}/" for host in HOSTS]
    with_user = [f"http://public.example@{host}:{port}/" for host in HOSTS]
    return [*plain, *with_user]


def test_a_hundred_and_twenty_ways_to_the_inside(canary: Web) -> None:
    port = canary.url.rpartition(":")[2]
    asked = urls(port)
    assert len(asked) >= 120
    for url in asked:
        with pytest.raises((HubError, requests.RequestException)) as caught, asking(url):
            session(OUTSIDE).get(url)
        if isinstance(caught.value, HubError):
            assert caught.value.issue.code in ("address_refused", "host_unknown", "http_url"), url
        with pytest.raises(HubError), asking(url):
            pool(OUTSIDE).request("GET", url)
    assert canary.asked == []


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_every_address_gets_an_answer(address: Any) -> None:
    assert is_public(str(address)) in (True, False)
    if address.is_private:
        assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_looked_at(address: Any) -> None:
    for carrier in (f"::ffff:{address}", f"64:ff9b::{address}"):
        assert not is_public(carrier) or is_public(str(address))


def test_an_administrator_may_allow_it(canary: Web) -> None:
    assert session(INSIDE).get(canary.url + "/").text == "secret"
    assert pool(INSIDE).request("GET", canary.url + "/").data == b"secret"


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the resolver answers, one list for each time it is asked."""
    answers: list[list[str]] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, **options)
        found = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return answers


def test_a_name_with_one_inner_address_is_refused(answering: list[list[str]]) -> None:
    answering.append(["8.8.8.8", "127.0.0.1"])
    with pytest.raises(Misdeclared) as caught:
        open_socket("rebinding.example", 80, False, 1)
    assert caught.value.issue.code == "address_refused"
    assert caught.value.issue.params["address"] == "127.0.0.1"


def test_a_name_that_answers_otherwise_the_second_time(
    answering: list[list[str]], canary: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is resolved once, and that answer is connected to."""
    answering += [["8.8.8.8"], ["127.0.0.1"]]
    reached: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _self, target: reached.append(target))
    open_socket("rebinding.example", int(canary.url.rpartition(":")[2]), False, 1).close()
    assert reached == [("8.8.8.8", int(canary.url.rpartition(":")[2]))]
    assert len(answering) == 1 and canary.asked == []


@pytest.mark.parametrize("hops", range(1, 7))
def test_redirects_are_looked_at_and_bounded(hops: int) -> None:
    with http_server() as web:
        for hop in range(hops):
            target = f"{web.url}/{hop + 1}"
            web.say(f"/{hop}", status=302, Location=target)
        web.say(f"/{hops}", "end")
        if hops <= INSIDE.limits.redirects:
            assert session(INSIDE).get(f"{web.url}/0").text == "end"
            assert pool(INSIDE).request("GET", f"{web.url}/0").data == b"end"
        else:
            with pytest.raises(SourceUnreadable), asking(web.url):
                session(INSIDE).get(f"{web.url}/0")
            with pytest.raises(SourceFaltering), asking(web.url):
                pool(INSIDE).request("GET", f"{web.url}/0")


def test_a_redirect_to_the_inside(monkeypatch: pytest.MonkeyPatch, canary: Web) -> None:
    """The first server is allowed, as a public one would be; where it sends us isn't."""
    with http_server() as web:
        web.say("/", status=302, Location=canary.url + "/")
        port = web.url.rpartition(":")[2]
        real = network.checked_addresses

        def only_the_first(host: str, asked: int, internal: bool) -> Any:
            return real(host, asked, internal or str(asked) == port)

        monkeypatch.setattr(network, "checked_addresses", only_the_first)
        with pytest.raises(Misdeclared), asking(web.url):
            session(OUTSIDE).get(web.url + "/")
        with pytest.raises(Misdeclared), asking(web.url):
            pool(OUTSIDE).request("GET", web.url + "/")
    assert len(web.asked) == 2 and canary.asked == []


@pytest.mark.parametrize("status", [307, 308])
def test_a_body_is_not_sent_on_to_another_server(canary: Web, status: int) -> None:
    with http_server() as web:
        web.say("/", status=status, Location=canary.url + "/")
        with pytest.raises(SourceUnreadable) as caught, asking(web.url):
            session(INSIDE).post(web.url + "/", data={"key": "geheim"})
        assert caught.value.issue.code == "link_foreign"
        web.say("/own", status=status, Location=web.url + "/end")
        web.say("/end", "x")
        assert session(INSIDE).post(web.url + "/own", data={"key": "geheim"}).text == "x"
        assert web.asked[-1].form == {"key": "geheim"}
    assert canary.asked == []


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://a.example/x", "http://a.example:80"),
        ("HTTPS://A.Example./x?y", "https://a.example:443"),
        ("http://u:p@a.example:8080", "http://a.example:8080"),
        ("http://evil.example\\@a.example/x", "http://evil.example:80"),
        ("http://a.example#@evil.example/", "http://a.example:80"),
        ("file:///etc/passwd", ""),
        ("http://[::1/", ""),
        ("", ""),
    ],
)
def test_the_server_that_a_request_goes_to(url: str, server: str) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize("name", ["feeds.example", "other.example"])
def test_the_certificate_is_of_the_name_and_not_of_the_address(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path, "DNS:feeds.example")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, port, **options: real("127.0.0.1", port, **options)
    )
    with http_server(tls=tls) as web:
        web.say("/", "x")
        url = web.url.replace("127.0.0.1", name) + "/"
        if name == "feeds.example":
            assert session(INSIDE).get(url, verify=str(certificate)).text == "x"
            return
        with pytest.raises(SourceUnreadable) as caught, asking(url):
            session(INSIDE).get(url, verify=str(certificate))
        assert caught.value.issue.code == "http_certificate"
        assert name in caught.value.issue.params["reason"]
        assert web.asked == []


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*make_certificate(tmp_path, "IP:127.0.0.1"))
    with http_server(tls=tls) as web:
        with pytest.raises(SourceUnreadable) as caught, asking(web.url):
            session(INSIDE).get(web.url)
        assert (caught.value.issue.code, web.asked) == ("http_certificate", [])


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SourceFaltering) as caught:
            open_socket("127.0.0.1", taken.getsockname()[1], True, 1)
    assert caught.value.issue.code == "source_unreachable"


def test_no_such_name() -> None:
    with pytest.raises(SourceFaltering) as caught:
        checked_addresses("no-such-host.invalid", 80, True)
    assert caught.value.issue.code == "host_unknown"


@pytest.mark.parametrize(
    "url", ["ftp://x/", "file:///etc/passwd", "gopher://x", "http://", "data:,x"]
)
def test_other_schemes(url: str) -> None:
    with pytest.raises(Misdeclared), asking(url):
        session(INSIDE).get(url)


def test_no_proxy_and_no_password_of_the_environment(
    canary: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert session(INSIDE).get(canary.url + "/").text == "secret"
