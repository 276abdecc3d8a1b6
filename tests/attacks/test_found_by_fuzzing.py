"""What fuzzing has found (tests/attacks/fuzz): each ended the program with an error that nobody foresaw."""

from __future__ import annotations

import gc
import gzip
import hashlib
import io
import json
import os
import socket
import tarfile
import zlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from unittest import mock

import orjson
import pytest
from asn1crypto.core import Integer, Sequence, SequenceOf  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from textual import events

from hocba_tui.errors import Refused, StoreUnusable, WrongUse
from hocba_tui.export.excel.layout import read_layout
from hocba_tui.export.trust.certificate import holder_id, load_certificate, tax_code
from hocba_tui.export.trust.pins import read_people
from hocba_tui.export.trust.timestamp import BadStamp, certificate_of, token_of
from hocba_tui.flow.founding.settings_file import found_from_file, founding_in
from hocba_tui.flow.preferences import bank_use
from hocba_tui.flow.verify.trusting import NOTES, Pin, _notes
from hocba_tui.log.lines import FOLDER
from hocba_tui.log.reading import UNREADABLE, last_lines
from hocba_tui.server import attach
from hocba_tui.store import syncing
from hocba_tui.store.backend import Edit
from hocba_tui.store.backups.archive import LIST, unpack
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.checking import check_shard
from hocba_tui.store.checkpoint import load, mark_of
from hocba_tui.store.drafts import Drafts
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.heads import last_head, missing_from
from hocba_tui.store.journal import BadRecord, decode
from hocba_tui.store.measure import length_of
from hocba_tui.widgets.textual_internals import Keyboard
from tests.attacks.fuzz.mutations import sealed_line
from tests.conftest import DeskAs
from tests.support.stores import A, filled, now
from tests.support.table import table
from tests.support.tokens import self_signed

DEEP = 3000


# --- files that people choose ----------------------------------------------------------------------


@table(
    "text",
    ["school = 5", "accounts = 5", "[accounts]\ngv = 5", "[school]\nx = " + "[" * DEEP, "x = " + "9" * 5000, "\ud800"],
)
def test_a_founding_file_of_another_shape_is_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("founding")
    (folder / "truong.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(Refused, match=r"truong\.toml"):
        found_from_file(folder / "truong.toml", folder / "store")
    assert not (folder / "store").exists()


def test_a_pipe_in_the_place_of_a_founding_file_holds_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "truong.toml")
    with pytest.raises(Refused, match="không phải là tệp"):
        found_from_file(tmp_path / "truong.toml", tmp_path / "store")
    with (tmp_path / "lon.toml").open("wb") as file:
        file.truncate(2_000_000)
    with pytest.raises(Refused, match="lớn bất thường"):
        found_from_file(tmp_path / "lon.toml", tmp_path / "store")


@table("text", ["x = " + "9" * 5000, "x = " + "[" * DEEP])
def test_a_layout_with_numbers_or_lists_without_end_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="không dùng được"):
        read_layout("x.toml", text)


def test_a_list_of_people_with_a_flood_in_a_cell_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("sha256,so_dinh_danh\n" + "x" * 200_000, encoding="utf-8")
    with pytest.raises(WrongUse, match="không đọc được"):
        read_people(tmp_path / "people.csv")


def test_a_note_of_a_pin_holds_words_or_says_nothing(tmp_path: Path) -> None:
    good = Pin("add", "ab", "", "x", "quantri", "2026-06-10", "a.xml", "cd")
    lines = [orjson.dumps({**asdict(good), "at": 5}), orjson.dumps(asdict(good))]
    (tmp_path / NOTES).write_bytes(b"\n".join(lines))
    assert list(_notes(tmp_path)) == [good]


# --- what vouches for records ----------------------------------------------------------------------


class _Status(SequenceOf):  # type: ignore[misc]
    _child_spec = Integer


class _Bare(Sequence):  # type: ignore[misc]
    _fields = [("status", _Status)]


def test_an_answer_that_grants_no_time_stamp_is_a_bad_one() -> None:
    with pytest.raises(BadStamp):
        token_of(_Bare({"status": [0]}).dump(), b"x", 1)
    signed_data_without_any = bytes.fromhex("300b06092a864886f70d010702")
    with pytest.raises(BadStamp):
        certificate_of(signed_data_without_any)


def test_numbers_in_a_certificate_steer_no_terminal() -> None:
    for word, number in (("CCCD:", holder_id), ("MST:", tax_code)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = load_certificate(self_signed(key, "Nguyễn", number=f"{word}03\x1b[2J7\u202e"))
        assert number(certificate) == "03\ufffd[2J7\ufffd"


# --- a store, and copies of it ---------------------------------------------------------------------


def entry(**facts: object) -> bytes:
    body = {"n": 1, "at": "", "by": "", "do": "", "edits": [["t", "k", "f", None, 1]], "prev": "", "safe": 0}
    return sealed_line(json.dumps(body | facts).encode())


def test_the_line_of_these_tests_is_read() -> None:
    assert decode(entry(), None).entry.seq == 1


@table(
    "facts",
    [
        {"n": "1"}, {"n": True}, {"at": 5}, {"by": None}, {"do": []}, {"note": 5}, {"intent": {}}, {"undoes": "1"},
        {"edits": [[["t"], "k", "f", None, 1]]}, {"edits": [["t", {}, "f", None, 1]]},
        {"edits": [["t", "k", "f", None, json.loads("[" * 500 + "]" * 500)]]},
    ],
)  # fmt: skip
def test_a_line_with_right_sums_that_says_what_we_never_write_is_damage(facts: dict[str, object]) -> None:
    with pytest.raises(BadRecord):
        decode(entry(**facts), None)


def test_such_a_line_in_a_store_is_told_by_everything_that_reads_it(tmp_path: Path) -> None:
    filled(tmp_path / "store")
    root = tmp_path / "store"
    (root / A / "data.json").unlink()
    lines = (root / A / "journal.log").read_bytes().splitlines(keepends=True)
    odd = entry(edits=[["t", [], "f", None, 1]], n=len(lines), prev=hashlib.sha256(lines[-1]).hexdigest())
    (root / A / "journal.log").write_bytes(b"".join([*lines, odd]))
    assert any(flaw.lost for flaw in check_shard(root, A, lambda _: "").flaws)
    assert length_of(root / A).problem
    shard = FolderStore(root, now).shard(A)
    assert shard.damage
    with pytest.raises(StoreUnusable):
        shard.change("gv.5a", "enter", [])


MARK = {"seq": 3, "start": 0, "end": 100, "digest": "ab", "born": "cd"}


@table(
    "mark",
    [
        MARK | {"end": 2**62}, MARK | {"start": "0"}, MARK | {"end": {}}, MARK | {"seq": 1.5}, MARK | {"digest": 5},
        MARK | {"start": -1}, MARK | {"end": 0},
    ],
)  # fmt: skip
def test_a_mark_that_leads_nowhere_counts_for_nothing(
    mark: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Reading up to the named byte took all memory, or ended in an error of types."""
    root = tmp_path_factory.mktemp("marks")
    filled(root / "store")
    root /= "store"
    (root / A / "data.json").write_bytes(
        b'{\n  "_checkpoint": {\n    "1": ' + orjson.dumps({**mark, "proof": "x"}) + b"\n  }\n}"
    )
    assert load(root / A / "data.json") is None
    if (found := mark_of(root / A / "data.json")) is not None:
        assert found.end == 2**62
    assert not length_of(root / A).problem
    (root / "heads" / "2025-2026").mkdir(parents=True)
    body = orjson.dumps({**mark, "at": "", "reset": False})
    (root / "heads" / f"{A}.log").write_bytes(b"%08x %s\n" % (zlib.crc32(body), body))
    assert (missing_from(root, A) is None) == (last_head(root, A) is None)


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for header, data in members:
            tar.addfile(header, io.BytesIO(data))
    return out.getvalue()


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.type = size, kind
    return header


def test_a_backup_with_a_name_that_no_disk_has_is_altered_and_no_fault_of_the_disk(tmp_path: Path) -> None:
    packed = archive((member("é" * 200), b""), (member(LIST, 2), b"{}"))
    with pytest.raises(StoreUnusable, match="hỏng"):
        unpack(io.BufferedReader(io.BytesIO(packed)), tmp_path / "x")
    (tmp_path / "copy").write_bytes(packed)
    with pytest.raises(StoreUnusable, match="hỏng"):
        restore(tmp_path / "copy", tmp_path / "restored", lambda: datetime(2026, 6, 10))
    assert not (tmp_path / "restored").exists()


def test_a_backup_in_which_a_small_file_says_that_it_fills_a_disk_is_refused(tmp_path: Path) -> None:
    """A sparse file of a terabyte is some hundred bytes of an archive."""
    sparse = member("school/journal.log")
    sparse.pax_headers = {"GNU.sparse.size": str(10**12), "GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,0"}
    for header in (sparse, member("x", kind=tarfile.GNUTYPE_SPARSE), member("x", kind=tarfile.SYMTYPE)):
        packed = archive((header, b""), (member(LIST, 2), b"{}"))
        with pytest.raises(StoreUnusable):
            unpack(io.BufferedReader(io.BytesIO(packed)), tmp_path / "x")
    assert sum(path.stat().st_size for path in (tmp_path / "x").rglob("*")) == 0


def test_a_header_of_a_gigabyte_in_a_backup_is_not_held_in_memory() -> None:
    header = member("x", 1 << 30, tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    with pytest.raises(StoreUnusable), mock.patch("tarfile.TarInfo._proc_pax", side_effect=AssertionError):
        unpack(io.BufferedReader(io.BytesIO(gzip.compress(header + bytes(1 << 12)))))


# --- a person's own files --------------------------------------------------------------------------


@table("times", ["²", "٣", "9" * 5000])
def test_a_count_that_is_no_number_is_forgotten(times: str, desk_as: DeskAs) -> None:
    desk = desk_as("gv.5a")
    desk.store.keep_draft("gv.5a", "habit/bank", f"t1 4\nt2 {times}")
    assert bank_use(desk) == {"t1": 4}


def test_drafts_that_hold_no_texts_are_set_aside(tmp_path: Path) -> None:
    deep = "[" * 900 + "]" * 900
    (tmp_path / "gv.json").write_text(f'{{"drafts": {{"1": {{"place": "a", "text": {deep}}}}}}}', encoding="utf-8")
    drafts = Drafts(tmp_path, now)
    assert drafts.of("gv") == {}
    drafts.put("gv", "b", "x")
    assert drafts.of("gv") == {"b": "x"}
    assert len(list(tmp_path.glob("gv.json.unreadable-*"))) == 1


def test_a_line_of_the_log_without_an_end_to_its_lists_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "2026-06.log").write_bytes(b"[" * 100_000 + b"\n")
    assert last_lines(tmp_path, 5) == [UNREADABLE]


# --- a terminal ------------------------------------------------------------------------------------


def test_a_key_with_the_number_of_no_letter_does_not_end_the_reading_of_keys() -> None:
    keyboard = Keyboard()
    typed = keyboard.read("a\x1b[1114112u")
    typed += keyboard.read("b\x1b[99999999999u")
    typed += keyboard.read("c")
    assert [event.key for event in typed if isinstance(event, events.Key)] == ["a", "b", "c"]


# --- the door of a server --------------------------------------------------------------------------


@table("said", [b"\0", b"\0\5\6", b"", b"hocba: "])
def test_a_command_whose_server_says_no_exit_code_ends_with_one(said: bytes) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs, mock.patch.object(attach.os, "write"), mock.patch.object(attach.socket, "send_fds"):  # type: ignore[attr-defined]
        theirs.send(said)
        theirs.shutdown(socket.SHUT_WR)
        assert attach._run(ours, b"{}") == attach.UNEXPECTED


def test_how_far_a_journal_is_on_disk_is_a_number_or_unknown(tmp_path: Path) -> None:
    filled(tmp_path / "store")
    journal = tmp_path / "store" / A / "journal.log"
    which = syncing._named(journal.stat())
    for far, known in ((b"%020d" % 7, 7), (b"x", 0), (b"9" * 5000, 0)):
        (journal.with_name(syncing.LOCK)).write_bytes(b"%s %s %s\n" % (which, far, syncing._check(which, far)))
        assert syncing.durable_size(journal) == known


# --- a store that somebody else has made: anybody can encrypt a backup to a public key --------------

STEP = ["t", "k", "f", None, 1]


@table(
    "plan",
    [
        5, "x", None, {}, {"actor": "a", "act": "b", "note": "", "steps": 5},
        {"actor": "a", "act": "b", "note": "", "steps": {A: 5}},
        {"actor": "a", "act": "b", "note": "", "steps": {A: [[1, 2]]}},
        {"actor": "a", "act": "b", "note": "", "steps": {A: [["t", [], "f", None, 1]]}},
        {"actor": 5, "act": {}, "note": "", "steps": {A: [STEP]}},
        {"actor": "a", "act": "b", "note": [], "steps": {A: [STEP]}},
        {"actor": "a", "act": "b", "note": "", "steps": {A: [STEP]}, "rests": 5},
        {"actor": "a", "act": "b", "note": "", "steps": {A: [STEP]}, "rests": {A: [["t", "k", 5]]}},
    ],
)  # fmt: skip
def test_a_plan_that_nobody_can_have_made_is_not_carried_out(
    plan: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("plans") / "store"
    filled(root)
    edits = [Edit("intents", "k1", "plan" if plan is not None else "undo", None, plan if plan is not None else True)]
    FolderStore(root, now).shard("school").change("x", "y", edits)
    gc.collect()
    store = FolderStore(root, now)
    store.shard(A).change("gv.5a", "enter", [Edit("t", "other", "f", None, 1)])
    assert "k" not in store.shard(A).table("t")
    del store
    gc.collect()
    assert not FolderStore(root, now).shard(A).damage


@table(
    "name", ["../x", "../../x", "/x", "2025-2026/../../x", "..", ".", "", "a//b", "a/b/c", ".hidden/x", "a/.", "a\0b"]
)
def test_no_name_in_a_store_leads_out_of_it(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A class, or a step of a plan, of such a name made a journal where it led."""
    root = tmp_path_factory.mktemp("names") / "a" / "b" / "store"
    root.parent.mkdir(parents=True)
    filled(root)
    before = sorted(str(path) for path in root.parents[2].rglob("*"))
    plan = {"actor": "a", "act": "b", "note": "", "steps": {name: [STEP]}}
    store = FolderStore(root, now)
    store.shard("school").change("x", "y", [Edit("intents", "k1", "plan", None, plan)])
    with pytest.raises(StoreUnusable, match="không dùng được"):
        store.shard(name)
    del store
    gc.collect()
    FolderStore(root, now).shard(A)
    assert sorted(str(path) for path in root.parents[2].rglob("*") if "log" not in path.parts) == before


@table("uuid", ["../x", "/x", "..", "", ".x", "a/b", "a\0b"])
def test_no_number_of_a_record_leads_out_of_the_folder_of_issued_files(
    uuid: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("issued") / "store"
    filled(root)
    store = FolderStore(root, now)
    for act in (store.issued, store.issued_path, lambda found: store.issue(found, b"<x/>")):
        with pytest.raises(StoreUnusable):
            act(uuid)
    assert [path.name for path in (root / "issued").iterdir()] == ["u1.xml"]


def test_a_founding_file_with_a_number_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(Refused, match="không đúng dạng"):
        founding_in("truong.toml", b"[school]\nname = 0x" + b"f" * 5000)
