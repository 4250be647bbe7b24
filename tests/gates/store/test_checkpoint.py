"""Checkpoints: the note format, the key file, and what a false one leads to."""

import os
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gates.errors import ChainBroken, InvalidCheckpoint, StoreError
from gates.store.audit.checkpoint import checked_checkpoint, signed_checkpoint
from gates.store.audit.keeper import read_key, sign_checkpoint, signer_key
from gates.store.audit.note import SignerKey, VerifierKey, opened
from gates.store.audit.verify import TreeHead
from gates.store.store import Store
from tests.gates.store.builders import NOW, entry
from tests.gates.store.test_sqlite import run_sql

# The key, text and signature that the tests of Go's golang.org/x/mod/sumdb/note publish.
GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_NOTE = (
    f"{GO_TEXT}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)
KEY = SignerKey.generate("slotgate/test/1")
OTHER = SignerKey.generate("slotgate/test/2")
HEAD = TreeHead(3, "ab" * 32)


def test_notes_are_those_of_go() -> None:
    signer = SignerKey.parse(GO_SIGNER)
    assert str(signer) == GO_SIGNER
    assert str(signer.verifier) == GO_VERIFIER
    assert VerifierKey.parse(GO_VERIFIER) == signer.verifier
    assert signer.sign(GO_TEXT) == GO_NOTE
    assert opened(GO_NOTE, signer.verifier) == GO_TEXT


def test_a_checkpoint_is_read_back() -> None:
    note = signed_checkpoint(HEAD, KEY)
    assert note.startswith(f"{KEY.name}\n3\nq6ur")
    assert checked_checkpoint(note, KEY.verifier) == HEAD
    assert checked_checkpoint(signed_checkpoint(TreeHead(0, "00" * 32), KEY), KEY.verifier).size == 0


def test_other_signatures_are_passed_over() -> None:
    note = signed_checkpoint(HEAD, KEY)
    witness = OTHER.sign(opened(note, KEY.verifier)).rpartition("\n\n")[2]
    assert checked_checkpoint(note + witness, KEY.verifier) == HEAD
    text, _, signature = note.rpartition("\n\n")
    assert checked_checkpoint(f"{text}\n\n{witness}{signature}", KEY.verifier) == HEAD


@pytest.mark.parametrize(
    "text",
    [
        "slotgate/test/1\n3\n",
        "slotgate/test/1\n03\n" + "q" * 43 + "=\n",
        "slotgate/test/1\n-3\n" + "q" * 43 + "=\n",
        "slotgate/test/1\n٣\n" + "q" * 43 + "=\n",
        "slotgate/test/1\n3\nnothing\n",
        "slotgate/test/1\n3\nYWI=\n",
        "slotgate/other\n3\n" + "q" * 43 + "=\n",
        "slotgate/test/1\n\n3\n" + "q" * 43 + "=\n",
        "hello\n",
    ],
)
def test_a_signed_note_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        checked_checkpoint(KEY.sign(text), KEY.verifier)


NOTE = signed_checkpoint(HEAD, KEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "hello",
        NOTE.replace("\n3\n", "\n4\n"),
        NOTE.replace("— ", "- "),
        NOTE.rstrip("\n"),
        NOTE + "what is this\n",
        NOTE + "— x !!\n",
        NOTE.replace("\n3\n", "\n3\t\n"),
        NOTE + "— x AAAAAAAA\n" * 101,
        "x" * 1_000_001,
        signed_checkpoint(HEAD, OTHER),
        signed_checkpoint(HEAD, SignerKey.generate(KEY.name)),
    ],
)
def test_a_false_note_is_refused(note: str) -> None:
    with pytest.raises(InvalidCheckpoint) as raised:
        checked_checkpoint(note, KEY.verifier)
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        str(KEY),
        str(KEY.verifier)[:-2],
        str(KEY.verifier).replace("test/1", "test/2"),
        "a b+00000000+AQ==",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
    ids=["empty", "no key", "the signer", "cut", "other name", "name with a space", "no name"],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        VerifierKey.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_fits_into_a_note(name: str) -> None:
    with pytest.raises(InvalidCheckpoint):
        SignerKey.generate(name)


def test_a_signer_key_is_not_shown() -> None:
    assert str(KEY)[-20:] not in repr(KEY)
    with pytest.raises(InvalidCheckpoint) as raised:
        SignerKey.parse(str(KEY).replace("slotgate", "other"))
    assert str(KEY)[-20:] not in str(raised.value)


class TestKeyFile:
    def test_it_is_made_once_and_private(self, tmp_path: Path) -> None:
        path = tmp_path / "audit.key"
        assert read_key(path) is None
        key = signer_key(path, "prod: a+b")
        assert key.name.startswith("slotgate/prod%3A%20a%2Bb/")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert signer_key(path, "other") == key == read_key(path)
        assert [one.name for one in tmp_path.iterdir()] == ["audit.key"]

    @pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"nothing\n", b"PRIVATE+KEY+a+b+c\n"])
    def test_what_holds_no_key_is_never_replaced(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "audit.key"
        path.write_bytes(data)
        with pytest.raises(InvalidCheckpoint):
            signer_key(path, "production")
        assert path.read_bytes() == data

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "audit.key").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StoreError):
            signer_key(tmp_path / "audit.key", "production")

    def test_a_folder_that_is_missing_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="cannot be used"):
            signer_key(tmp_path / "none" / "audit.key", "production")


def test_a_checkpoint_of_a_store_is_signed_and_kept(tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "gate.db")) as store:
        with store.begin() as tx:
            tx.audit.append(entry())
        row = sign_checkpoint(store, KEY, lambda: NOW)
        assert sign_checkpoint(store, KEY, lambda: NOW + 1).note == row.note
        assert checked_checkpoint(row.note, KEY.verifier) == TreeHead(1, row.root)
        with store.read() as tx:
            assert tx.audit.checkpoints() == (row,)


@pytest.mark.parametrize("cut", ["DELETE FROM audit_record WHERE seq > 1", "DELETE FROM audit_record"])
def test_nothing_is_signed_that_contradicts_what_was(tmp_path: Path, cut: str) -> None:
    with closing(Store.create(tmp_path / "gate.db")) as store:
        with store.begin() as tx:
            for _ in range(3):
                tx.audit.append(entry())
        sign_checkpoint(store, KEY, lambda: NOW)
        run_sql(tmp_path / "gate.db", "DROP TRIGGER audit_record_no_delete", cut)
        with pytest.raises(ChainBroken, match="nothing is signed"):
            sign_checkpoint(store, KEY, lambda: NOW)


def test_two_processes_make_one_key(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    children = []
    for _ in range(6):
        pid = os.fork()
        if pid == 0:
            (tmp_path / str(os.getpid())).write_text(str(signer_key(path, "production")))
            os._exit(0)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 6
    assert len({(tmp_path / str(pid)).read_text() for pid in children}) == 1
