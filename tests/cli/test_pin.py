"""The PIN on the command line: who can hear it, and what is said before it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import Workbook

from hocba_tui.cli import main as cli
from hocba_tui.cli.common import ask_pin
from hocba_tui.cli.main import main
from hocba_tui.errors import SigningFailed, WrongUse
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.records import before_pin as before
from hocba_tui.flow.records.before_pin import before_pin
from hocba_tui.flow.school.doctor import examine
from hocba_tui.intake import workbook
from hocba_tui.intake.workbook import read_workbook
from hocba_tui.store.backend import SCHOOL, Edit

PIN = "84626195"


def test_the_pin_leaves_the_environment_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch, store_root: Path
) -> None:
    """Whatever a command starts, it inherits no PIN; what asks for it gets it once."""
    heard: list[object] = []

    def command(_: object) -> int:
        child = [sys.executable, "-c", "import os; print(os.environ.get('HOCBA_PIN'))"]
        heard.append(subprocess.run(child, capture_output=True, text=True, check=True).stdout.strip())
        heard.append(os.environ.get("HOCBA_PIN"))
        heard.append(ask_pin("token"))
        with pytest.raises(WrongUse):
            ask_pin("token")
        return 0

    monkeypatch.setenv("HOCBA_PIN", PIN)
    monkeypatch.setattr(cli, "_run", command)
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["store", "stats", "--store", str(store_root)]) == 0
    assert heard == ["None", None, PIN]


def test_a_pin_of_one_command_is_not_there_for_the_next(monkeypatch: pytest.MonkeyPatch, store_root: Path) -> None:
    monkeypatch.setenv("HOCBA_PIN", PIN)
    assert main(["store", "stats", "--store", str(store_root)]) == 0
    assert main(["store", "stats", "--store", str(store_root)]) == 0
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(WrongUse):
        ask_pin("token")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_the_process_is_closed_to_others_before_a_person_types_the_pin(few_store: Path, tmp_path: Path) -> None:
    """No core file, no debugger, no /proc of another process of the same account, at the moment of asking."""
    program = (
        "import ctypes, getpass, resource, sys\n"
        "def asked(prompt):\n"
        "    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))\n"
        "    return '123456'\n"
        "getpass.getpass = asked\n"
        "sys.stdin.isatty = lambda: True\n"
        "from pathlib import Path\n"
        "from hocba_tui.cli.common import sign\n"
        "from hocba_tui.flow.opening import open_desk\n"
        "from hocba_tui.model.values import Slot\n"
        "async def nothing(key):\n"
        "    for done in ():\n"
        "        yield done\n"
        "sign(open_desk(Path(sys.argv[1]), 'gv.5a'), Slot.HOMEROOM, 'token', 'x', nothing)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(few_store)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[0] == "0 (0, 0)"


def test_where_the_system_does_not_allow_that_no_pin_is_asked(
    monkeypatch: pytest.MonkeyPatch, few_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused() -> None:
        raise PermissionError

    monkeypatch.setattr(before, "hide_memory", refused)
    with pytest.raises(SigningFailed, match="không hỏi mã PIN"):
        before_pin(open_desk(few_root, "gv.5a"))


def test_the_reader_of_spreadsheets_learns_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    run = subprocess.run

    def noted(*words: object, **options: object) -> object:
        seen.append(options["env"])  # type: ignore[arg-type]
        return run(*words, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(workbook.subprocess, "run", noted)  # type: ignore[attr-defined]
    for name in ("HOCBA_PIN", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "LD_PRELOAD", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "/nothing")
    monkeypatch.setenv("PYTHONPATH", f":here:{os.environ.get('PYTHONPATH', '')}:.")
    file, book = tmp_path / "a.xlsx", Workbook()
    book.worksheets[0].append(["a"])
    book.save(file)
    assert read_workbook(file)[0].rows[0][0] == "a"
    (given,) = seen
    assert set(given) <= {"PYTHONPATH", "SYSTEMROOT"}
    assert all(Path(part).is_absolute() for part in given.get("PYTHONPATH", "/").split(":"))


@pytest.mark.parametrize(
    ("synchronised", "by", "behind", "said"),
    [
        (True, 0.0, False, ()),
        (None, 1.0, False, ()),
        (False, 0.0, False, ("NTP",)),
        (True, -3600.0, False, ("đặt lại 3600 giây về phía sau",)),
        (True, 90.0, False, ("đặt lại 90 giây về phía trước",)),
        (True, 0.0, True, ("chậm hơn lần ghi cuối",)),
        (False, 5.0, True, ("NTP", "đặt lại 5 giây", "chậm hơn")),
    ],
)
def test_the_clock_is_looked_at_before_a_pin_and_by_the_doctor(
    monkeypatch: pytest.MonkeyPatch,
    store_root: Path,
    synchronised: bool | None,
    by: float,
    behind: bool,
    said: tuple[str, ...],
) -> None:
    desk = open_desk(store_root, "gv.5a")
    desk.school_shard.change("admin", "x", [Edit(SCHOOL, SCHOOL, "training", True, None)])
    if behind:
        later = SimpleNamespace(at="2999-01-01T00:00:00+07:00")
        monkeypatch.setattr(type(desk.school_shard), "latest", lambda *_: iter([later]))
    monkeypatch.setattr(before, "synchronised", lambda: synchronised)
    monkeypatch.setattr(before, "set_by", lambda: by)
    notes = before_pin(desk)
    assert len(notes) == len(said)
    for note, words in zip(notes, said, strict=True):
        assert words in note
        assert "Xem lại ngày giờ trước khi ký" in note
    (symptom,) = [found for found in examine([], desk) if found.what.startswith("Đồng hồ máy")]
    assert symptom.good is not bool(said)
