"""A batch that waits, ends early, or meets a token with faults: exactly which are signed, and each once."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from hocba_tui.cli.main import main
from hocba_tui.config import softhsm_module
from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import SigningFailed
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.keys import find_key, unlock, with_key
from hocba_tui.flow.records.sign_batch import Gate
from hocba_tui.flow.records.submit import submit
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.signing.training import PIN
from tests.support.signed import fill_gaps, open_first_round

READY = 16


@pytest.fixture
def ready(few_root: Path, few: DemoSchool) -> Path:
    """A school whose class 5A waits to be submitted."""
    fill_gaps(few_root, few)
    open_first_round(few_root)
    return few_root


@pytest.fixture
def ready_token(few_token_store: Path, few: DemoSchool, tmp_path: Path) -> Path:
    """The same, with the keys on tokens."""
    root = tmp_path / "store"
    shutil.copytree(few_token_store, root, copy_function=shutil.copy2)
    fill_gaps(root, few)
    open_first_round(root)
    return root


def submitted(root: Path) -> set[str]:
    """Return the UUIDs of the records that the store says are signed."""
    desk = open_desk(root, "gv.5a")
    return {found.uuid for found in desk.records("5A").values() if found.state is RecordState.SUBMITTED}


def sign_acts(root: Path) -> list[str]:
    """Return which pupil's record was signed, act by act, from the journal."""
    shard = open_desk(root, "gv.5a").class_shard("5A")
    return [entry.edits[0].key for entry in shard.entries("gv.5a") if entry.act == "submit"]


async def submit_all(desk: Desk, gate: Gate, done: list[Done]) -> None:
    async for item in with_key(desk, Slot.HOMEROOM, PIN, lambda signer: submit(desk, "5A", signer, gate)):
        done.append(item)  # noqa: PERF401 - what was done before a failure counts


async def test_a_batch_ends_after_the_record_that_is_being_signed_and_goes_on_later(ready: Path) -> None:
    gate, done = Gate(), list[Done]()
    desk = open_desk(ready, "gv.5a")
    async for item in with_key(desk, Slot.HOMEROOM, PIN, lambda signer: submit(desk, "5A", signer, gate)):
        done.append(item)
        gate.stopped = len(done) >= 5
    assert 5 <= len(done) <= 6, "the one in hand is finished, no other is begun"
    assert submitted(ready) == {item.uuid for item in done}
    await submit_all(open_desk(ready, "gv.5a"), Gate(), done)
    assert len(submitted(ready)) == READY
    assert len(sign_acts(ready)) == len(set(sign_acts(ready))) == READY


async def test_a_paused_batch_keeps_what_is_made_and_waits(ready: Path) -> None:
    class Watched(Gate):
        waits, passed = False, 0

        async def passes(self) -> bool:
            self.waits = self.paused
            passes = await super().passes()
            self.passed += passes
            return passes

    gate, done = Watched(), list[Done]()
    desk = open_desk(ready, "gv.5a")

    async def run() -> None:
        async for item in with_key(desk, Slot.HOMEROOM, PIN, lambda signer: submit(desk, "5A", signer, gate)):
            done.append(item)
            if len(done) == 3:
                gate.paused = True

    batch = asyncio.create_task(run())
    while not gate.waits or len(done) < gate.passed:  # noqa: ASYNC110 - the batch knows no event
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)  # A batch that does not wait goes on meanwhile.
    assert 3 <= len(done) <= 4
    assert submitted(ready) == {item.uuid for item in done}
    assert not batch.done()
    gate.paused = False
    await batch
    assert len(submitted(ready)) == READY


async def test_a_batch_that_is_given_up_in_the_middle_of_everything_leaves_whole_records(ready: Path) -> None:
    desk, done = open_desk(ready, "gv.5a"), list[Done]()

    async def run() -> None:
        await submit_all(desk, Gate(), done)

    batch = asyncio.create_task(run())
    while len(done) < 4:  # noqa: ASYNC110 - the batch knows no event
        await asyncio.sleep(0)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    assert {item.uuid for item in done} <= submitted(ready)
    await submit_all(open_desk(ready, "gv.5a"), Gate(), [])
    assert len(sign_acts(ready)) == len(set(sign_acts(ready))) == READY


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("GONE_AT", "rút ra"), ("CRASH_AT", "dừng đột ngột"), ("GARBAGE_AT", "không kiểm được")],
)
async def test_a_token_that_fails_in_the_middle(
    ready_token: Path,
    fault_module: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    reason: str,
) -> None:
    real = softhsm_module()
    state = tmp_path / "state"
    monkeypatch.setenv("HOCBA_PKCS11", str(fault_module))
    monkeypatch.setattr("hocba_tui.config.PKCS11_MODULES", ())
    monkeypatch.setenv("FAULT_MODULE", str(real))
    monkeypatch.setenv("FAULT_STATE", str(state))
    monkeypatch.setenv(f"FAULT_{fault}", "8")
    done: list[Done] = []
    with pytest.raises(SigningFailed, match=reason):
        await submit_all(open_desk(ready_token, "gv.5a"), Gate(), done)
    assert len(done) == 7
    assert submitted(ready_token) == {item.uuid for item in done}
    monkeypatch.delenv(f"FAULT_{fault}")
    await submit_all(open_desk(ready_token, "gv.5a"), Gate(), done)
    assert len(submitted(ready_token)) == READY
    assert len(sign_acts(ready_token)) == len(set(sign_acts(ready_token))) == READY


async def test_the_certificate_is_judged_before_a_pin_is_asked(ready_token: Path) -> None:
    desk = open_desk(ready_token, "gv.5a")
    assert (await find_key(desk, Slot.HOMEROOM)).tries == ""
    for issuer in (ready_token / "trust" / "training").glob("*.pem"):
        issuer.unlink()
    with pytest.raises(SigningFailed, match="danh sách tin cậy"):
        await find_key(desk, Slot.HOMEROOM)


async def test_another_persons_token_is_named(ready_token: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_desk(ready_token, "gv.5a")
    monkeypatch.setattr("hocba_tui.flow.records.keys.certificate_for", lambda *_: "0" * 64)
    with pytest.raises(SigningFailed, match=f"Đang cắm: .*{desk.actor.name}"):
        await find_key(desk, Slot.HOMEROOM)


async def test_no_pin_is_no_try(ready: Path) -> None:
    with pytest.raises(SigningFailed, match="Chưa nhập mã PIN"):
        await unlock(open_desk(ready, "gv.5a"), Slot.HOMEROOM, "")


@pytest.mark.parametrize(("pin", "reason"), [("1234á6", "PIN có chữ có dấu"), ("１２３４５６", "toàn hình")])
def test_a_pin_from_an_input_method_uses_no_try(
    ready_token: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pin: str, reason: str
) -> None:
    def tries() -> str:
        return asyncio.run(find_key(open_desk(ready_token, "gv.5a"), Slot.HOMEROOM)).tries

    command = ["submit", "--class", "5A", "--as", "gv.5a", "--store", str(ready_token)]
    monkeypatch.setenv("HOCBA_PIN", pin)
    assert main(command) == SigningFailed.exit_code
    said = capsys.readouterr().err
    assert reason in said
    assert "Chưa thử lần nào trên token." in said
    assert tries() == ""
    assert submitted(ready_token) == set()
    # The token does count: a PIN that may be right is tried, and the token notes that it was wrong.
    monkeypatch.setenv("HOCBA_PIN", "123466")
    assert main(command) == SigningFailed.exit_code
    assert tries() == "đã có lần gõ sai PIN"


async def test_tokens_are_found_again_after_a_store_was_moved(few_token_store: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere" / "school"
    shutil.copytree(few_token_store, moved, copy_function=shutil.copy2)
    configuration = moved / "training" / "softhsm" / "softhsm2.conf"
    desk = open_desk(moved, "gv.5a")
    key = await find_key(desk, Slot.HOMEROOM)
    assert key.token is not None
    assert str(moved) in configuration.read_text(encoding="utf-8")
    assert str(few_token_store) not in configuration.read_text(encoding="utf-8")
