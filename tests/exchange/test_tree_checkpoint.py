"""Checkpoints: signed notes of four lines, and what is not one is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Corrupt, Misdeclared
from hub.tree.checkpoint import Checkpoint, NoteKey, read, verify, write
from publisher.signers import ALGORITHMS, Ed25519Signer, Signer, Sm2Signer, new_signer

ORIGIN = "hub.example/penalties/government"
ROOT = bytes(range(32))
AT = "2026-03-01T08:00:00.123Z"
SIGNER = Ed25519Signer(b"\x07" * 32)
OTHER = Ed25519Signer(b"\x08" * 32)
NOTE = write(ORIGIN, 12345, ROOT, AT, SIGNER, ORIGIN)


def key_of(signer: Signer) -> NoteKey:
    return NoteKey(signer.algorithm, signer.public_key)


def code_of(note: str, *signers: Signer, origin: str | None = None) -> str:
    with pytest.raises(Corrupt) as raised:
        verify(note, [key_of(signer) for signer in signers], origin)
    return raised.value.issue.code


def signature_line(note: str) -> str:
    return note.splitlines()[-1] + "\n"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_written_is_verified(algorithm: str) -> None:
    signer = new_signer(algorithm)
    note = write(ORIGIN, 12345, ROOT, AT, signer, ORIGIN)
    found = verify(note, [key_of(signer)], ORIGIN)
    assert (found.origin, found.size, found.root, found.at) == (ORIGIN, 12345, ROOT, AT)
    assert found == read(note)
    assert note.startswith(found.text + "\n— ")


def test_the_form_byte_by_byte() -> None:
    root = base64.b64encode(ROOT).decode()
    text = f"{ORIGIN}\n12345\n{root}\n{AT}\n"
    signed = key_of(SIGNER).id_as(ORIGIN) + SIGNER.sign(text.encode())
    assert f"{text}\n— {ORIGIN} {base64.b64encode(signed).decode()}\n" == NOTE


@pytest.mark.parametrize(
    ("name", "key_id", "key"),
    [
        # Go's own: https://pkg.go.dev/golang.org/x/mod/sumdb/note, and its checksum database
        ("PeterNeumann", "c74f20a3", "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        ("sum.golang.org", "033de0ae", "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"),
    ],
)
def test_published_key_ids(name: str, key_id: str, key: str) -> None:
    raw = base64.b64decode(key)
    assert raw[:1] == b"\x01"
    assert NoteKey("ed25519", raw[1:]).id_as(name).hex() == key_id


def test_a_published_note_is_signed_as_here() -> None:
    """The example of Go's package: the text and the four bytes before the signature."""
    key = NoteKey("ed25519", base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:])
    signature = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    from publisher.signers import signed_by

    assert signature[:4] == key.id_as("PeterNeumann")
    assert signed_by("ed25519", key.public_key, text.encode(), signature[4:])


def test_several_signatures_and_unknown_ones() -> None:
    sm2 = Sm2Signer.new()
    both = NOTE + signature_line(write(ORIGIN, 12345, ROOT, AT, sm2, ORIGIN))
    witness = f"— witness.example {base64.b64encode(b'w' * 80).decode()}\n"
    for signers in ([SIGNER], [sm2], [SIGNER, sm2], [OTHER, sm2]):
        assert verify(both + witness, [key_of(one) for one in signers], ORIGIN).size == 12345
    assert code_of(both + witness, OTHER) == "checkpoint_unsigned"
    assert code_of(both) == "checkpoint_unsigned"


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    sm2 = Sm2Signer.new()
    wrong = signature_line(write(ORIGIN, 12346, ROOT, AT, sm2, ORIGIN))
    assert verify(NOTE + wrong, [key_of(SIGNER)]).size == 12345  # unknown, so ignored
    assert code_of(NOTE + wrong, SIGNER, sm2) == "checkpoint_signature_wrong"


def test_a_name_that_is_not_the_origin_doesnt_count() -> None:
    note = write(ORIGIN, 1, ROOT, AT, SIGNER, "another.example")
    assert code_of(note, SIGNER) == "checkpoint_unsigned"


def test_the_checkpoint_of_another_stream() -> None:
    assert code_of(NOTE, SIGNER, origin="hub.example/licences/x") == "checkpoint_of_another"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb"])
def test_names_that_a_note_cannot_have(name: str) -> None:
    for origin, key_name in ((name, "ok"), ("ok", name)):
        with pytest.raises(Misdeclared) as raised:
            write(origin, 1, ROOT, AT, SIGNER, key_name)
        assert raised.value.issue.code == "checkpoint_name_wrong"


def test_a_chinese_name() -> None:
    note = write(
        "市场监管局/行政处罚/government", 1, ROOT, AT, SIGNER, "市场监管局/行政处罚/government"
    )
    assert verify(note, [key_of(SIGNER)]).origin == "市场监管局/行政处罚/government"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n12345\n", "\n012345\n"),
        ("\n12345\n", "\n+12345\n"),
        ("\n12345\n", "\n-1\n"),
        ("\n12345\n", "\n1_2345\n"),
        ("\n12345\n", "\n１２３４５\n"),
        ("\n12345\n", "\n" + "9" * 19 + "\n"),
        ("\n12345\n", "\n\n"),
        ("\n12345\n", "\n12345 \n"),
        ("\n12345\n", "\n12345\r\n"),
        ("Hh8=\n", "Hh9=\n"),  # unused bits: the same bytes, written otherwise
        ("Hh8=\n", "Hh8\n"),
        ("Hh8=\n", "Hh8=\nmore\n"),
        ("Hh8=\n", "Hh8=AAAA\n"),
        (AT, "2026-03-01T08:00:00"),
        (AT, "2026-13-01T08:00:00Z"),
        (AT, "2026-03-01T08:00:00+08:00"),
        ("— ", "- "),
        ("\n— ", "— "),
        (f"— {ORIGIN} ", f"— {ORIGIN}  "),
        (f"— {ORIGIN} ", f"—  {ORIGIN} "),
        (ORIGIN + "\n", "\n"),
        ("government\n", "govern\tment\n"),
    ],
)
def test_what_is_no_checkpoint(old: str, new: str) -> None:
    assert old in NOTE
    changed = NOTE.replace(old, new, 1)
    with pytest.raises(Corrupt) as raised:
        read(changed)
    assert raised.value.issue.code == "checkpoint_unreadable"


@pytest.mark.parametrize(
    "line",
    ["— a b!", "— a YQ==", "— a YR==", "— a", "— YWJjZGVmZw==", "text", "", "— a YWJjZGVmZw== x"],
)
def test_what_is_no_signature(line: str) -> None:
    with pytest.raises(Corrupt):
        read(NOTE + line + "\n")


def test_how_many_signatures_are_read() -> None:
    unknown = f"— witness.example {base64.b64encode(b'w' * 80).decode()}\n"
    assert verify(NOTE + unknown * 15, [key_of(SIGNER)]).size == 12345
    with pytest.raises(Corrupt):
        read(NOTE + unknown * 16)


@settings(deadline=None)
@given(st.integers(0, len(NOTE) - 1), st.integers(1, 0x7F))
def test_no_changed_character_is_taken(place: int, change: int) -> None:
    changed = NOTE[:place] + chr(ord(NOTE[place]) ^ change) + NOTE[place + 1 :]
    with pytest.raises(Corrupt):
        verify(changed, [key_of(SIGNER)], ORIGIN)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(Corrupt):
        read(text)


@given(
    st.from_regex(r"[a-z./]{1,30}", fullmatch=True),
    st.integers(0, 10**17),
    st.binary(min_size=32, max_size=32),
    st.datetimes().map(lambda at: at.replace(year=2026).isoformat(timespec="seconds") + "Z"),
)
def test_reading_is_the_inverse_of_writing(origin: str, size: int, root: bytes, at: str) -> None:
    found = read(write(origin, size, root, at, SIGNER, origin))
    assert Checkpoint(found.origin, found.size, found.root, found.at) == Checkpoint(
        origin, size, root, at
    )
