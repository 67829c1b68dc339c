"""Signatures by RFC 9421: its own examples, another library's reading, and what isn't let pass."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    algorithms,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Refused
from hub.request_signature.algorithms import CLASSES, OneKey
from hub.request_signature.profile import COVERED, MAX_AGE, SKEW, TAG, WITH_BODY, Message
from hub.request_signature.sign import RequestKey, shared_key, signed, signing_key
from hub.request_signature.verify import (
    Claims,
    check_age,
    check_body,
    is_signed,
    read_claims,
)
from publisher.signers import Ed25519Signer, Sm2Signer, signed_by

URL = "https://hub.example.cn/exchange/v1/datasets/market_entity/entries?after=0&limit=5"
SECRET = bytes(range(32))
ED, SM = Ed25519Signer(SECRET), Sm2Signer(bytes([1] * 32))
KEYS: dict[str, tuple[RequestKey, bytes]] = {
    "hmac": (shared_key("7-1", SECRET), SECRET),
    "ed25519": (signing_key("7-2", ED), ED.public_key),
    "sm2": (signing_key("7-3", SM), SM.public_key),
}

# RFC 9421 appendix B.1.4 and B.1.5: the keys of its examples.
TEST_ED25519 = base64.b64decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")
TEST_SHARED = base64.b64decode(
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
)
# Appendix B.2: the request that is signed.
EXAMPLE = {
    "host": "example.com",
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrI"
    "iYllu7BNNyealdVLvRwEmTHWXvJwew==:",
    "content-length": "18",
}


def small(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def refused(headers: dict[str, str], has_body: bool = False) -> str:
    with pytest.raises(Refused) as error:
        read_claims(headers, has_body)
    assert error.value.issue.code == "signature_incomplete"
    return str(error.value.issue.params["reason"])


class Example(HTTPMessageVerifier):
    """Of 2021, so its age doesn't count."""

    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:
        pass


@pytest.mark.parametrize(
    ("kind", "key", "given", "signature"),
    [
        (  # B.2.5
            "hmac",
            TEST_SHARED,
            (
                'sig-b25=("date" "@authority" "content-type");created=1618884473'
                ';keyid="test-shared-secret"'
            ),
            "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
        ),
        (  # B.2.6
            "ed25519",
            Ed25519Signer(TEST_ED25519).public_key,
            (
                'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
                ';created=1618884473;keyid="test-key-ed25519"'
            ),
            (
                "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQ"
                "v5lIp5WPpBKRCw==:"
            ),
        ),
    ],
)
def test_the_examples_of_the_standard(kind: str, key: bytes, given: str, signature: str) -> None:
    """With the classes that the hub checks with; and so not with one character less."""
    headers = {**EXAMPLE, "signature-input": given, "signature": signature}
    message = Message("POST", "https://example.com/foo?param=Value&Pet=dog", headers)
    verifier = Example(signature_algorithm=CLASSES[kind], key_resolver=OneKey(key))
    assert verifier.verify(message, max_age=None)
    headers["date"] = headers["date"].replace("55", "54")
    with pytest.raises(InvalidSignature):
        verifier.verify(message, max_age=None)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("body", [b"", b'{"a":1}'])
def test_what_is_signed_is_found_right_by_its_key_alone(kind: str, body: bytes) -> None:
    key, public = KEYS[kind]
    method = "POST" if body else "GET"
    headers = small(signed(method, URL, body, key))
    claims = read_claims(headers, bool(body))
    assert (claims.keyid, claims.kind) == (key.keyid, kind)
    assert set(claims.covered) == {*COVERED, *(WITH_BODY if body else ())}
    assert abs(claims.created - time.time()) < 5
    check_body(headers, body)
    message = Message(method, URL, headers)
    assert is_signed(message, claims, public)
    assert not is_signed(message, claims, public[:-1] + bytes([public[-1] ^ 1]))
    for other in (
        Message("PUT", URL, headers),
        Message(method, URL + "0", headers),
        Message(method, URL.replace("entries", "Entries"), headers),
        Message(method, URL.replace("hub.", "hub2."), headers),
    ):
        assert not is_signed(other, claims, public)


@pytest.mark.parametrize("kind", KEYS)
def test_the_base_is_as_the_standard_writes_it(kind: str) -> None:
    """Written out by hand, as a consumer in any other language would."""
    key, public = KEYS[kind]
    body = b'{"a":1}'
    headers = signed("POST", URL, body, key, "application/json", 1_800_000_000)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    params = headers["Signature-Input"].removeprefix("hub=")
    base = (
        '"@method": POST\n'
        '"@authority": hub.example.cn\n'
        '"@path": /exchange/v1/datasets/market_entity/entries\n'
        '"@query": ?after=0&limit=5\n'
        '"content-type": application/json\n'
        f'"content-digest": sha-256=:{digest}:\n'
        f'"@signature-params": {params}'
    ).encode()
    signature = base64.b64decode(headers["Signature"].removeprefix("hub=:").removesuffix(":"))
    if kind == "hmac":
        assert signature == hmac.digest(SECRET, base, "sha256")
    else:
        assert signed_by(kind, public, base, signature)


def test_every_signature_has_a_nonce_of_its_own() -> None:
    key = KEYS["hmac"][0]
    nonces = {read_claims(small(signed("GET", URL, b"", key)), False).nonce for _ in range(50)}
    assert len(nonces) == 50


@given(
    path=st.text("abc/%20.~_-", max_size=12),
    query=st.text("ab=&%2F+?/", max_size=12).filter(lambda text: "%2" not in text[-2:]),
    body=st.binary(max_size=30),
)
@settings(max_examples=100, deadline=None)
def test_another_library_reads_them_alike(path: str, query: str, body: bytes) -> None:
    """Both ways: it checks ours with a key of its own kind, and we check its."""
    place = f"https://hub.example.cn/{path.replace('%', '%20')}?{query.replace('%', '%2F')}"
    place = place.replace("%2020", "%20").replace("%2F2F", "%2F")
    method = "POST" if body else "GET"
    own = small(signed(method, place, body, KEYS["ed25519"][0], media_type="a/b"))
    theirs = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Resolver())
    found = theirs.verify(Message(method, place, own), expect_tag=TAG, body=body or None)
    assert found[0].parameters["keyid"] == "7-2"
    made = Message(method, place, {"content-type": "a/b"} if body else {})
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Resolver())
    signer.sign(
        made, key_id="7-2", tag=TAG, nonce="n" * 16, label="other",
        covered_component_ids=(*reversed(COVERED), *(WITH_BODY if body else ())),
        body=body or None,
    )  # fmt: skip
    headers = small(made.headers)
    claims = read_claims(headers, bool(body))
    check_body(headers, body)
    assert is_signed(Message(method, place, headers), claims, ED.public_key)


class _Resolver(OneKey):
    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(SECRET)

    def resolve_public_key(self, key_id: str) -> object:
        return self._private.public_key()

    def resolve_private_key(self, key_id: str) -> object:
        return self._private


def test_what_is_missing_is_named() -> None:
    whole = small(signed("POST", URL, b"{}", KEYS["hmac"][0]))
    for name in (*COVERED, *WITH_BODY):
        less = whole["signature-input"].replace(f'"{name}" ', "").replace(f' "{name}")', ")")
        assert refused({**whole, "signature-input": less}, True) == name
    for name in ("created", "nonce", "keyid", "alg", "tag"):
        parts = whole["signature-input"].split(";")
        less = ";".join(part for part in parts if not part.startswith(name))
        assert refused({**whole, "signature-input": less}, True) == name
    assert refused({"signature": whole["signature"]}) == "Signature-Input"
    assert refused({"signature-input": whole["signature-input"]}) == "Signature"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('tag="exchange"', 'tag="other"'),
        ('alg="hmac-sha256"', 'alg="rsa-v1_5-sha256"'),
        ('alg="hmac-sha256"', "alg=hmac-sha256"),
        ('keyid="7-1"', f'keyid="{"7" * 33}"'),
        ('keyid="7-1"', 'keyid="7.1"'),
        ("created=", 'created="'),
        ('"@method" ', '"@method"  '),
        ('"@method"', '"@method";sf'),
        ('"@method"', '"@METHOD"'),
        ('"@method"', '"@method" "@method"'),
        (";created", ";unknown=1;created"),
        (";created", "; created"),
        ("hub=(", "hub=(1 "),
        ("hub=(", 'hub=("@path"), hub=('),
        ("hub=(", 'first=("@path"), hub=('),
        ("hub=(", "hub="),
        ("hub=(", "hüb=("),
        ("hub=(", "other=("),
    ],
)  # fmt: skip
def test_no_other_form_passes(old: str, new: str) -> None:
    headers = small(signed("GET", URL, b"", KEYS["hmac"][0]))
    changed = headers["signature-input"].replace(old, new)
    assert changed != headers["signature-input"]
    other = {**headers, "signature-input": changed}
    try:
        claims = read_claims(other, False)
    except Refused:
        return
    assert not is_signed(Message("GET", URL, other), claims, SECRET)


@pytest.mark.parametrize("nonce", ["", "short", "n" * 129, "n" * 15 + " ", "n" * 15 + "\\\\"])
def test_a_nonce_has_a_form(nonce: str) -> None:
    headers = small(signed("GET", URL, b"", KEYS["hmac"][0]))
    start, _, rest = headers["signature-input"].partition('nonce="')
    headers["signature-input"] = f'{start}nonce="{nonce}"{rest[rest.index(chr(34)) + 1 :]}'
    assert refused(headers) == "nonce"


def test_base64_has_one_form() -> None:
    headers = small(signed("GET", URL, b"", KEYS["hmac"][0]))
    text = headers["signature"]
    for other in (text[:-2] + ":", text[:-1] + "=:", text + ", hub=::", text.replace("=:", "=::")):
        assert refused({**headers, "signature": other})
    last = text[-3]  # of its six bits two say nothing
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = alphabet[alphabet.index(last) ^ 1]
    assert refused({**headers, "signature": text[:-3] + twin + "=:"})


def test_what_is_too_long_isn_t_read() -> None:
    headers = small(signed("GET", URL, b"", KEYS["hmac"][0]))
    headers["signature-input"] += ';x="' + "y" * 3_000 + '"'
    assert refused(headers) == "Signature-Input"


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_it(given_input: str, signature: str) -> None:
    assert refused({"signature-input": given_input, "signature": signature})


@pytest.mark.parametrize(
    ("digest", "right"),
    [
        ("sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:", True),  # of {}
        ("sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o:", False),  # another form of base64
        ("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", False),  # of nothing
        ("sha-512=:J8diCnQCeWjoQCdhYZEQ3qAS2bqmt5CGkcNyKrQZT8x+CVdV/Rq/0w==:", False),
        ("md5=:mZFLkyvTelC5g8XnyQrpOw==:", False),
        ("sha-256=RBNvo1Wz", False),
        ("", False),
    ],
)
def test_the_digest_is_of_the_body(digest: str, right: bool) -> None:
    if right:
        check_body({"content-digest": digest}, b"{}")
        return
    with pytest.raises(Refused) as error:
        check_body({"content-digest": digest}, b"{}")
    assert error.value.issue.code == "content_digest_wrong"


def test_a_body_needs_a_digest_and_nothing_needs_none() -> None:
    check_body({}, b"")
    with pytest.raises(Refused):
        check_body({}, b"{}")


@given(st.integers(-1_000, 1_000))
def test_its_age_is_counted_in_both_directions(seconds: int) -> None:
    now = 1_800_000_000
    if -SKEW - MAX_AGE <= seconds <= SKEW:
        check_age(now + seconds, now)
        return
    with pytest.raises(Refused) as error:
        check_age(now + seconds, now)
    assert error.value.issue.code == "signature_stale"


@pytest.mark.slow
def test_right_and_wrong_take_the_same_time(figures: dict[str, int | float]) -> None:
    """Of a shared secret: the time tells nothing of how much of a signature is right."""
    key, secret = KEYS["hmac"]
    headers = small(signed("GET", URL, b"", key))
    claims = read_claims(headers, False)
    raw = base64.b64decode(headers["signature"][5:-1])
    first, last = bytes([raw[0] ^ 1]) + raw[1:], raw[:-1] + bytes([raw[-1] ^ 1])
    takes = {"first": [], "last": []}
    for _ in range(3_000):
        for name, value in (("first", first), ("last", last)):
            text = f"hub=:{base64.b64encode(value).decode()}:"
            message = Message("GET", URL, {**headers, "signature": text})
            takes[name].append(_nanoseconds(message, claims, secret))
    medians = {name: sorted(values)[len(values) // 2] for name, values in takes.items()}
    ratio = medians["first"] / medians["last"]
    figures["time of a signature wrong in its first byte / in its last"] = round(ratio, 3)
    assert 0.95 < ratio < 1.05


def _nanoseconds(message: Message, claims: Claims, secret: bytes) -> int:
    begun = time.perf_counter_ns()
    assert not is_signed(message, claims, secret)
    return time.perf_counter_ns() - begun


def test_an_old_signature_may_be_made_for_a_test() -> None:
    then = int(datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC).timestamp())
    headers = small(signed("GET", URL, b"", KEYS["hmac"][0], created=then))
    assert read_claims(headers, False).created == then
