"""Signatures made on another computer: shown before, taken back record by record, believed in nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.config import softhsm_module
from hocba_tui.demo.school import DemoSchool
from hocba_tui.errors import HocbaError, Refused, SigningFailed
from hocba_tui.export.record.profile import profile_names
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records.jobs import Done
from hocba_tui.flow.records.offline_files import (
    pack_answers,
    pack_request,
    read_answers,
    read_request,
)
from hocba_tui.flow.records.offline_server import make_request, take_back
from hocba_tui.flow.records.offline_signer import show
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.results import HEIGHT
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.signing.training import PIN, token_environment
from tests.support import tsa
from tests.support.authority import Authority
from tests.support.signed import fill_gaps, open_first_round, sign_elsewhere

READY = 8


@pytest.fixture
def school(eight_token_store: Path, eight: DemoSchool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A school with keys on tokens, whose class 5A waits to be submitted; the tokens are plugged in here."""
    root = tmp_path / "store"
    shutil.copytree(eight_token_store, root, copy_function=shutil.copy2)
    for name, value in token_environment(root).items():
        monkeypatch.setenv(name, value)
    fill_gaps(root, eight)
    open_first_round(root)
    return root


def taken(root: Path, account: str, slot: Slot, data: bytes) -> list[Done]:
    async def run() -> list[Done]:
        return [done async for done in take_back(open_desk(root, account), "5A", slot, data)]

    return asyncio.run(run())


def states(root: Path) -> list[RecordState]:
    return [record.state for record in open_desk(root, "gv.5a").records("5A").values()]


@pytest.mark.parametrize("profile", profile_names())
def test_a_class_is_submitted_and_approved_with_tokens_elsewhere(school: Path, profile: str) -> None:
    change_settings(open_desk(school, "admin"), {"profile": profile})
    data, behind = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    assert behind == ()
    first = show(read_request(data))[0]
    assert first.name in {pupil.name for pupil in open_desk(school, "gv.5a").pupils("5A")}
    assert "Nhận xét của giáo viên chủ nhiệm: " in "\n".join(first.lines)
    answers = pack_answers(sign_elsewhere(data))
    done = taken(school, "gv.5a", Slot.HOMEROOM, answers)
    assert [item.problem for item in done] == [""] * READY
    assert states(school).count(RecordState.SUBMITTED) == READY
    with pytest.raises(Refused, match="không còn em nào"):
        taken(school, "gv.5a", Slot.HOMEROOM, answers)
    data, _ = make_request(open_desk(school, "hieutruong"), "5A", Slot.PRINCIPAL)
    assert len(taken(school, "hieutruong", Slot.PRINCIPAL, pack_answers(sign_elsewhere(data)))) == READY
    assert states(school).count(RecordState.APPROVED) == READY


def test_only_the_chosen_are_signed_and_the_rest_later(school: Path) -> None:
    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    assert len(taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(sign_elsewhere(data, [0, 2, 4])))) == 3
    assert states(school).count(RecordState.SUBMITTED) == 3
    done = taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(sign_elsewhere(data)))
    assert len(done) == READY - 3
    assert states(school).count(RecordState.SUBMITTED) == READY


def test_a_record_that_changed_meanwhile_stays_and_the_others_are_kept(school: Path) -> None:
    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    answers = sign_elsewhere(data)
    desk = open_desk(school, "gv.5a")
    pupil = answers.answered[5].pupil
    held = desk.class_shard("5A").document("results", pupil).get(HEIGHT.field)
    assert enter(desk, "5A", [Typed(pupil, HEIGHT, "131", held)]).refused == ()
    done = taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(answers))
    assert [item.pupil.key for item in done if item.problem] == [pupil]
    assert states(school).count(RecordState.SUBMITTED) == READY - 1


def test_what_came_back_is_believed_in_nothing_but_the_signature(school: Path) -> None:
    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    good = sign_elsewhere(data)
    first, second, *_ = good.answered
    forged = (
        replace(first, value=second.value),
        replace(first, time="2031-01-01T00:00:00+07:00"),
        replace(first, time="rubbish"),
        replace(first, uuid=second.uuid),
        replace(first, uuid="../../../etc/passwd"),
        replace(first, value=b""),
        replace(first, pupil=second.pupil),
    )
    for answer in forged:
        done = taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(replace(good, answered=(answer,))))
        assert all(item.problem for item in done), answer
    assert states(school).count(RecordState.SUBMITTED) == 0
    stranger = replace(good, answered=(replace(first, pupil="nobody"),))
    assert taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(stranger)) == []
    with pytest.raises(Refused, match="không phải"):
        taken(school, "hieutruong", Slot.PRINCIPAL, pack_answers(good))
    other, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    desk = open_desk(school, "hieutruong")
    wrong = replace(read_request(other), certificate=desk.actor.certificate)
    with pytest.raises(SigningFailed, match="không phải chứng thư đã đăng ký"):
        taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(sign_elsewhere(pack_request(wrong))))


def test_signatures_that_come_back_get_their_time_stamps_and_forged_ones_ask_for_none(
    school: Path, stamping_authority: Authority
) -> None:
    tsa.pin(stamping_authority, school)
    with tsa.serving(stamping_authority, tsa.good) as server:
        change_settings(open_desk(school, "admin"), {"xades": "có", "timestamps": server.url})
        data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
        good = sign_elsewhere(data)
        first, second, *others = good.answered
        forged = replace(good, answered=(replace(first, value=second.value), replace(second, time="rubbish"), *others))
        done = taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(forged))
    assert [item.unstamped for item in done] == [""] * READY
    assert sorted(item.pupil.key for item in done if item.problem) == sorted((first.pupil, second.pupil))
    assert len(server.paths) == states(school).count(RecordState.SUBMITTED) == READY - 2
    with tsa.serving(stamping_authority, tsa.is_broken) as server:
        change_settings(open_desk(school, "admin"), {"timestamps": server.url})
        done = taken(school, "gv.5a", Slot.HOMEROOM, pack_answers(good))
    assert [(item.problem, "HTTP 500" in item.unstamped) for item in done] == [("", True)] * 2


def test_an_altered_request_is_not_signed(school: Path) -> None:
    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    request = read_request(data)
    first, second, *others = request.asked
    for odd in (
        replace(first, region=second.region),
        replace(first, uuid=second.uuid),
        replace(first, region=first.region + b"\n"),
        replace(first, region=b"<!DOCTYPE x>" + first.region),
        replace(first, region=b""),
    ):
        with pytest.raises(Refused, match="Không ký gì"):
            show(replace(request, asked=(odd, *others)))


@given(st.one_of(st.binary(max_size=60), st.recursive(
    st.none() | st.integers(-9, 9) | st.text(max_size=5) | st.just("hocba-signed-1") | st.just("hocba-request-1"),
    lambda inner: st.dictionaries(
        st.sampled_from(
            ["kind", "slot", "certificate", "profile", "asked", "answered", "uuid", "pupil", "transactions", "message"]
        ), inner
    ) | st.lists(inner, max_size=2), max_leaves=9,
).map(orjson.dumps)))  # fmt: skip
def test_garbage_is_refused_and_nothing_else(data: bytes) -> None:
    for read in (read_request, read_answers):
        with contextlib.suppress(Refused):
            read(data)


def test_the_other_computer_needs_no_linux_and_no_store(school: Path, tmp_path: Path) -> None:
    """The command runs where the modules of POSIX do not exist, as on Windows."""
    request, out = tmp_path / "5A.yeu-cau", tmp_path / "5A.chu-ky"
    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    request.write_bytes(data)
    program = (
        "import sys\n"
        "for name in ('fcntl', 'pwd', 'grp', 'termios', 'syslog', 'textual', 'tinydb'):\n"
        "    sys.modules[name] = None\n"
        "import getpass\n"
        "from hocba_tui.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    environment = {**os.environ, "HOCBA_PIN": PIN}
    command = [sys.executable, "-c", program, "sign-request", str(request), "--out", str(out), "--yes"]
    command += ["--module", str(softhsm_module())]
    found = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert found.returncode == 0, found.stderr
    assert all("Xem lại ngày giờ trước khi ký" in line for line in found.stderr.splitlines()), found.stderr
    assert f"Đã ký {READY} học bạ" in found.stdout
    assert len(taken(school, "gv.5a", Slot.HOMEROOM, out.read_bytes())) == READY
    again = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (again.returncode, "không ghi đè" in again.stderr) == (1, True)


def test_the_commands_carry_a_request_out_and_signatures_in(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hocba_tui.cli.main import main

    monkeypatch.setenv("HOCBA_PIN", PIN)
    request, out = str(tmp_path / "r"), str(tmp_path / "s")
    where = ["--class", "5A", "--store", str(school), "--as", "gv.5a"]
    assert main(["submit", *where, "--request", request]) == 0
    assert main(["submit", *where, "--request", request]) == 1
    monkeypatch.setenv("HOCBA_PIN", PIN)
    assert main(["sign-request", request, "--out", out, "--yes"]) == 0
    assert main(["submit", *where, "--signed", out]) == 0
    assert f"Đã nhận {READY} chữ ký" in capsys.readouterr().out
    assert states(school).count(RecordState.SUBMITTED) == READY
    assert main(["submit", *where, "--signed", str(tmp_path / "none")]) == 1


def test_the_person_sees_each_record_and_chooses(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hocba_tui.cli.main import main

    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    (tmp_path / "r").write_bytes(data)
    monkeypatch.setenv("HOCBA_PIN", PIN)
    keys = iter(["?", "k", "b", "k", "d"])
    monkeypatch.setattr("builtins.input", lambda _: next(keys))
    assert main(["sign-request", str(tmp_path / "r"), "--out", str(tmp_path / "s")]) == 1
    shown = show(read_request(data))
    assert [answer.uuid for answer in read_answers((tmp_path / "s").read_bytes()).answered] == [
        shown[0].asked.uuid,
        shown[2].asked.uuid,
    ]
    assert shown[3].name in capsys.readouterr().out


@pytest.mark.parametrize(("pin", "reason"), [("999999", "Sai mã PIN"), ("99999á", "Chưa thử lần nào trên token")])
def test_a_wrong_pin_signs_nothing_and_writes_nothing(
    school: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    pin: str,
    reason: str,
) -> None:
    from hocba_tui.cli.main import main

    data, _ = make_request(open_desk(school, "gv.5a"), "5A", Slot.HOMEROOM)
    (tmp_path / "r").write_bytes(data)
    monkeypatch.setenv("HOCBA_PIN", pin)
    assert main(["sign-request", str(tmp_path / "r"), "--out", str(tmp_path / "s"), "--yes"]) == 7
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "s").exists()
    with pytest.raises(HocbaError):
        read_answers(data)
