"""Signatures: published vectors of both algorithms, other programs' word on ours, and keys' lives."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import gmalg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Corrupt, Refused
from publisher import verifier
from publisher.key_file import read_key, write_key
from publisher.known_keys import known_key, read_known_keys
from publisher.signers import (
    ALGORITHMS,
    SM2_IDENTITY,
    Ed25519Signer,
    Sm2Signer,
    key_id,
    new_signer,
    signed_by,
)
from publisher.signing import SIGNATURE, is_signed, read_signature, sign_manifest, signer_from
from publisher.signing_keys import replace_key, retire_key, site_signer

# RFC 8032, section 7.1, tests 1 to 3 and "SHA(abc)": private key, public key, message, signature
ED25519_VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
            "454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]

# GM/T 0003.5-2012, appendix A.2: private key, random number, message, r and s
SM2_KEY = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
SM2_PUBLIC = (
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SM2_RANDOM = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SM2_SIGNED = (
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
# GB/T 32905-2016, appendix A
SM3_VECTORS = {
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}


@pytest.mark.parametrize("vector", ED25519_VECTORS)
def test_vectors_of_rfc_8032(vector: tuple[str, str, str, str]) -> None:
    private, public, text, signed = map(bytes.fromhex, vector)
    signer = Ed25519Signer(private)
    assert signer.public_key == public
    assert signer.sign(text) == signed
    assert signed_by("ed25519", public, text, signed)
    assert verifier.ed25519(public, text, signed)


def test_vectors_of_sm2_and_sm3() -> None:
    for text, digest in SM3_VECTORS.items():
        hashed = gmalg.SM3()
        hashed.update(text)
        assert hashed.value().hex() == digest
    signer, signed = Sm2Signer(bytes.fromhex(SM2_KEY)), bytes.fromhex(SM2_SIGNED)
    assert signer.public_key == bytes.fromhex(SM2_PUBLIC)
    fixed = gmalg.SM2(
        signer.private_key, SM2_IDENTITY, signer.public_key, rnd_fn=lambda _: SM2_RANDOM
    )
    assert b"".join(fixed.sign(b"message digest")) == signed
    assert signed_by("sm2", signer.public_key, b"message digest", signed)


@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
@settings(max_examples=30, deadline=None)
def test_the_verifier_s_own_ed25519(text: bytes, private: bytes) -> None:
    signer = Ed25519Signer(private)
    signed = signer.sign(text)
    assert verifier.ed25519(signer.public_key, text, signed)
    assert not verifier.ed25519(signer.public_key, text + b" ", signed)
    order = 2**252 + 27742317777372353535851937790883648493
    other = (
        int.from_bytes(signed[32:], "little") + order
    ) % 2**256  # the same number, written otherwise
    assert not verifier.ed25519(
        signer.public_key, text, signed[:32] + other.to_bytes(32, "little")
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(st.data())
@settings(max_examples=15, deadline=None)
def test_any_other_bit_is_no_signature(algorithm: str, data: st.DataObject) -> None:
    signer = SIGNERS[algorithm]
    parts = [signer.public_key, b"text", signer.sign(b"text")]
    assert signed_by(algorithm, *parts)
    which = data.draw(st.integers(0, 2))
    bit = data.draw(st.integers(0, 8 * len(parts[which]) - 1))
    turned = bytearray(parts[which])
    turned[bit // 8] ^= 1 << bit % 8
    parts[which] = bytes(turned)
    assert not signed_by(algorithm, *parts)
    assert not signed_by("rsa", *parts)
    assert not signed_by(algorithm, parts[0], parts[1], b"")


SIGNERS = {algorithm: new_signer(algorithm) for algorithm in ALGORITHMS}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_knows_our_signatures(tmp_path: Path, algorithm: str) -> None:
    signer, text = SIGNERS[algorithm], tmp_path / "text"
    text.write_bytes(b"exchange-hub")
    signed = signer.sign(text.read_bytes())
    (tmp_path / "key.der").write_bytes(PREFIX[algorithm] + signer.public_key)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text"
    if algorithm == "sm2":
        signed = as_der(signed)
        command += " -digest sm3 -pkeyopt distid:1234567812345678"
    (tmp_path / "signed").write_bytes(signed)
    asked = [*command.split(), "-sigfile", "signed"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout, done.stderr


# SubjectPublicKeyInfo before the key: RFC 8410; GB/T 35276 (curve 1.2.156.10197.1.301)
PREFIX = {
    "ed25519": bytes.fromhex("302a300506032b6570032100"),
    "sm2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
}


def as_der(signed: bytes) -> bytes:
    numbers = b""
    for half in (signed[:32], signed[32:]):
        number = int.from_bytes(half).to_bytes(33).lstrip(b"\0")
        number = b"\0" + number if number[0] > 127 else number
        numbers += bytes([2, len(number)]) + number
    return bytes([0x30, len(numbers)]) + numbers


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_manifest(tmp_path: Path, algorithm: str) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    assert sign_manifest(tmp_path, None) is None
    assert read_signature(tmp_path) is None
    sign_manifest(tmp_path, SIGNERS[algorithm])
    found = read_signature(tmp_path)
    assert found is not None
    assert is_signed(tmp_path, found)
    (tmp_path / "manifest.json").write_text("{ }")
    assert not is_signed(tmp_path, found)
    content = (tmp_path / SIGNATURE).read_text()
    (tmp_path / SIGNATURE).chmod(0o644)
    (tmp_path / SIGNATURE).write_text(content.replace("  ", " "))
    with pytest.raises(Corrupt):
        read_signature(tmp_path)


def test_a_key_s_file(tmp_path: Path) -> None:
    place = tmp_path / "keys" / "signing.json"
    assert signer_from(place.parent, {}) is None
    signer = new_signer("sm2")
    write_key(place, signer)
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in place.parent.iterdir()] == ["signing.json"]
    assert read_key(place).public_key == signer.public_key
    with pytest.raises(FileExistsError):
        write_key(place, new_signer("ed25519"))
    assert read_key(place).public_key == signer.public_key


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: place.chmod(0o640),
        lambda place: place.write_text(""),
        lambda place: place.write_text("{}"),
        lambda place: place.write_text("[]"),
        lambda place: place.write_text(place.read_text().replace("ed25519", "sm2")),
        lambda place: place.write_text(place.read_text().replace('"key_id": "', '"key_id": "0')),
        lambda place: place.unlink() or place.mkdir(),
    ],
)
def test_a_key_that_can_t_be_used_is_refused(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    site_signer(tmp_path / "keys", tmp_path / "releases", {})
    damage(tmp_path / "keys" / "signing.json")
    asked: list[Callable[[], object]] = [
        lambda: signer_from(tmp_path / "keys", {}),
        lambda: site_signer(tmp_path / "keys", tmp_path / "releases", {}),
    ]
    for ask in asked:
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.issue.code == "signing_key_unreadable"
        assert str(tmp_path) not in refused.value.issue.message()


def test_a_key_named_in_the_environment_must_be_there(tmp_path: Path) -> None:
    environment = {"HUB_SIGNING_KEY": str(tmp_path / "elsewhere.json")}
    with pytest.raises(Refused):
        signer_from(tmp_path, environment)
    with pytest.raises(Refused):
        site_signer(tmp_path / "keys", tmp_path / "releases", environment)
    made = replace_key(tmp_path / "keys", tmp_path / "releases", environment)
    assert (
        site_signer(tmp_path / "keys", tmp_path / "releases", environment).public_key
        == made.public_key
    )
    with pytest.raises(Refused, match="HUB_SIGNING_KEY"):
        replace_key(tmp_path / "keys", tmp_path / "releases", environment)


def test_the_algorithm_is_a_setting(tmp_path: Path) -> None:
    keys, root = tmp_path / "keys", tmp_path / "releases"
    with pytest.raises(Refused, match="rsa"):
        site_signer(keys, root, {"HUB_SIGNING_ALGORITHM": "rsa"})
    assert not keys.exists()
    assert site_signer(keys, root, {"HUB_SIGNING_ALGORITHM": "sm2"}).algorithm == "sm2"
    assert site_signer(keys, root, {}).algorithm == "sm2"
    with pytest.raises(Refused, match="ed25519"):
        site_signer(keys, root, {"HUB_SIGNING_ALGORITHM": "ed25519"})
    assert replace_key(keys, root, {"HUB_SIGNING_ALGORITHM": "ed25519"}).algorithm == "ed25519"


def test_keys_come_and_go_and_stay_known(tmp_path: Path) -> None:
    keys, root = tmp_path / "keys", tmp_path / "releases"
    first = site_signer(keys, root, {})
    assert site_signer(keys, root, {}).public_key == first.public_key
    second = replace_key(keys, root, {})
    known = read_known_keys(root)
    assert [one.key_id for one in known] == [key_id(one.public_key) for one in (first, second)]
    assert [bool(one.valid_until) for one in known] == [True, False]
    retire_key(keys, root, key_id(second.public_key))
    assert not (keys / "signing.json").exists()
    with pytest.raises(Refused) as refused:
        site_signer(keys, root, {})
    assert refused.value.issue.code == "signing_key_missing"
    with pytest.raises(Refused):
        retire_key(keys, root, "0" * 64)
    write_key(keys / "signing.json", first)
    with pytest.raises(Refused) as refused:
        site_signer(keys, root, {})
    assert refused.value.issue.code == "signing_key_retired"
    one = known_key(root, key_id(first.public_key))
    assert one is not None
    assert one.valid_at(one.valid_from)
    assert not one.valid_at("2099-01-01T00:00:00+08:00")
    (root / "keys.json").write_text(json.dumps({"keys": [{"key_id": "x"}]}))
    with pytest.raises(Corrupt):
        read_known_keys(root)
