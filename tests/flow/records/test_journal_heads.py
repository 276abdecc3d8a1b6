"""The seal signs how far every journal has come: who writes a chain again, without the seal, is found."""

from __future__ import annotations

import base64
from pathlib import Path

import orjson
import pytest

from hocba_tui.clock import Clock
from hocba_tui.flow.activity.proving import prove
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.journal_heads import HEADS, SEALED, Statement, newest_in, sign_heads
from hocba_tui.flow.records.keys import unlock
from hocba_tui.flow.school.store_check import check_store
from hocba_tui.model.values import Slot
from hocba_tui.signing.signer import Signature, Signer
from hocba_tui.signing.training import PIN
from hocba_tui.store import journal
from hocba_tui.store.backend import Edit, Value
from hocba_tui.store.journal_file import lines_of
from hocba_tui.store.rebuild import rebuild
from tests.conftest import DeskAs
from tests.support.stores import flip

ROOM = "2025-2026/4A"


def wrong(root: Path) -> tuple[str, ...]:
    return prove(open_desk(root, "hieutruong")).wrong


def written_again(path: Path, change: int) -> None:
    """Write a whole journal again with one entry left out, every number, checksum and hash made to fit."""
    entries = [journal.decode(line, None).entry for _, line in lines_of(path.read_bytes())]
    previous, content = journal.GENESIS, b""
    for number, entry in enumerate(each for each in entries if each.seq != change):
        line = journal.encode(entry._replace(seq=number), previous)
        previous, content = journal.decode(line, previous, number).digest, content + line
    path.write_bytes(content)
    for name in ("data.json", "sync.lock"):
        (path.parent / name).unlink(missing_ok=True)


def test_sealing_signs_all_journals_and_they_hold(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "hieutruong")
    proven = prove(desk)
    assert proven.wrong == ()
    assert proven.signed is not None
    year = f"activity/{proven.signed.at[:4]}"
    assert {"school", "outbox", ROOM, "2025-2026/5A", year} <= set(proven.signed.heads)
    assert proven.signed.is_signed_by([desk.school.seal_certificate])
    assert not proven.signed.is_signed_by(["00" * 32])


def test_what_is_written_afterwards_changes_nothing(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "gv.4a")
    desk.class_shard("4A").change("gv.4a", "enter", [Edit("results", "x", "end_year.TOAN.level", None, "T")])
    assert wrong(sealed_root) == ()


@pytest.mark.parametrize("name", [ROOM, "school", "outbox"])
def test_a_chain_that_was_written_again_is_found_by_the_signature(sealed_root: Path, name: str) -> None:
    for noted in (sealed_root / "heads").rglob("*.log"):
        noted.unlink()  # Who can write the journals can write these too.
    # An early entry: what the later ones say of the school stays, and only the chain is another one.
    written_again(sealed_root / name / "journal.log", {"outbox": 0, "school": 2}.get(name, 1))
    found = wrong(sealed_root)
    assert any(f"{name}/journal.log: không có bản ghi số" in line for line in found), found
    flaws = [flaw.place for checked in check_store(sealed_root) for flaw in checked.flaws if flaw.lost]
    assert f"{name}/journal.log" in flaws


def test_an_end_that_was_cut_off_is_found_by_the_signature(sealed_root: Path) -> None:
    for noted in (sealed_root / "heads").rglob("*.log"):
        noted.unlink()
    path = sealed_root / ROOM / "journal.log"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    for name in ("data.json", "sync.lock"):
        (path.parent / name).unlink(missing_ok=True)
    assert any(ROOM in line for line in wrong(sealed_root))


def test_a_journal_that_was_rebuilt_since_is_told_and_is_no_damage(sealed_root: Path) -> None:
    path = sealed_root / ROOM / "journal.log"
    for name in ("data.json", "sync.lock"):
        (path.parent / name).unlink(missing_ok=True)
    flip(path, path.read_bytes().rfind(b'"n":'))
    rebuild(sealed_root, ROOM, Clock().now, accept_loss=True)
    proven = prove(open_desk(sealed_root, "hieutruong"))
    assert not any(ROOM in line for line in proven.wrong)
    assert any(ROOM in line and "dựng lại" in line for line in proven.notes)


def lay(root: Path, **parts: bytes) -> None:
    """Put another statement in the place of the last one, as who can write the store could."""
    desk = open_desk(root, "vanthu")
    name = next(name for name in desk.store.names() if name.startswith("activity"))
    shard = desk.store.shard(name)
    held = shard.document(SEALED, HEADS)
    after = {key: base64.b64encode(part).decode() for key, part in parts.items()}
    shard.change("vanthu", "sign_heads", [Edit(SEALED, HEADS, key, held[key], value) for key, value in after.items()])


def test_a_statement_that_was_altered_is_found(sealed_root: Path) -> None:
    statement = newest_in(open_desk(sealed_root, "hieutruong"))
    assert statement is not None
    said = orjson.loads(statement.text)
    said["heads"].pop(ROOM)
    lay(sealed_root, text=orjson.dumps(said))
    assert any("chữ ký lên mốc" in line for line in wrong(sealed_root))


async def test_a_statement_by_another_certificate_is_found(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "hieutruong")
    signer = await unlock(desk, Slot.PRINCIPAL, PIN)
    await sign_heads(desk, signer)
    assert any("không phải con dấu" in line for line in wrong(sealed_root))


class _Failing:
    certificate = b"x"

    async def sign(self, _: object):  # type: ignore[no-untyped-def] # noqa: ANN202
        from hocba_tui.errors import SigningFailed

        nothing: tuple[Signature, ...] = ()
        for made in nothing:
            yield made
        raise SigningFailed("rút ra rồi")

    async def close(self) -> None: ...


async def test_a_token_that_is_gone_costs_no_record(desk_as: DeskAs) -> None:
    failing: Signer = _Failing()
    await sign_heads(desk_as("vanthu"), failing)
    assert newest_in(desk_as("vanthu")) is None


@pytest.mark.parametrize(
    "document",
    [
        {}, {"text": "!", "value": "", "der": ""}, {"text": base64.b64encode(b"{}").decode(), "value": "", "der": ""},
        {"text": base64.b64encode(b'{"what":"hocba-heads-1","at":"x","heads":{"a":[1]}}').decode(), "value": "",
         "der": ""},
    ],
)  # fmt: skip
def test_what_is_no_statement_is_none(document: dict[str, Value]) -> None:
    assert Statement.of(document) is None
