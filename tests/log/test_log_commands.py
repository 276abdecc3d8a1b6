"""What commands and sessions leave in the log of the store, and that no pupil is in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.app import HocbaApp
from hocba_tui.cli.main import main
from hocba_tui.cli.main import run as run_process
from hocba_tui.demo.school import DemoSchool, pupils_of
from hocba_tui.errors import Refused
from hocba_tui.flow.opening import open_desk
from hocba_tui.log.keeping import keeping
from hocba_tui.screens.home import HomePage
from tests.support.signed import fill_gaps, open_first_round

SECRETS = "Nguyễn Thị Hoài An 9,25"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    monkeypatch.setenv("HOCBA_PIN", "84626195")


def text(root: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((root / "log").glob("*.log")))


def logged(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text(root).splitlines()]


def failing(*_: object) -> Any:
    typed = SECRETS
    raise KeyError(typed)


def names_and_codes(demo: DemoSchool) -> list[str]:
    pupils = [pupil for year in demo.classes for pupil in year.pupils]
    return [word for pupil in pupils for word in (pupil.name, pupil.code, pupil.key, json.dumps(pupil.name)[1:-1])]


def test_commands_leave_account_words_duration_and_exit_code(store_root: Path) -> None:
    store = ["--store", str(store_root)]
    assert main(["store", "check", "--quiet", *store]) == 0
    assert main(["check", "--class", "5A", *store, "--as", "gv.5a"]) == 1
    assert main(["round", "--place", "Hà Nội", "--date", "2026-06-10", *store, "--as", "gv.5a"]) == 3
    assert main(["check", *store, "--as", "khong.co"]) == 2
    lines = logged(store_root)
    assert [(line["event"], line["do"], line["by"], line.get("code")) for line in lines] == [
        ("begin", "store check", "", None), ("end", "store check", "", 0),
        ("begin", "check", "gv.5a", None), ("end", "check", "gv.5a", 1),
        ("begin", "round", "gv.5a", None), ("shown", "round", "gv.5a", None), ("end", "round", "gv.5a", 3),
        ("shown", "check", "", None), ("end", "check", "", 2),
    ]  # fmt: skip
    assert lines[5]["errors"][0]["type"] == "hocba_tui.errors.NotAllowed"
    assert all(line["seconds"] >= 0 for line in lines if line["event"] == "end")
    assert "khong.co" not in text(store_root), "what is typed is not taken for an account"


def test_whatever_goes_wrong_with_a_pupil_the_log_does_not_name_the_pupil(
    store_root: Path, demo: DemoSchool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pupil = pupils_of(demo, "5A")[0]
    store, teacher = ["--store", str(store_root)], ["--as", "gv.5a"]
    (tmp_path / f"{pupil.name}.xlsx").write_bytes(b"PK\x03\x04" + pupil.name.encode())
    file = str(tmp_path / f"{pupil.name}.xlsx")
    for words in (
        ["store", "history", "--class", "5A", "--pupil", pupil.name.rsplit(maxsplit=1)[-1][:1], *store, *teacher],
        ["store", "history", "--class", pupil.name, "--pupil", pupil.code, *store, *teacher],
        ["intake", "results", file, "--class", "5A", *store, *teacher],
        ["intake", "pupils", file, *store, *teacher],
        ["export", "sheet", "--class", "5A", "--form", "danh-sach", "--out", file, *store, *teacher],
        ["submit", "--class", "5A", *store, *teacher],
        ["submit", "--class", "5A", "--signed", file, *store, *teacher],
        ["verify", file, *store],
        ["school", "set", f"{pupil.name}={pupil.code}", *store, "--as", "admin"],
        ["check", *store, "--as", pupil.name],
    ):
        assert main(words) != 0, words
    assert pupil.name in capsys.readouterr().err
    assert len(logged(store_root)) > 20
    found = text(store_root)
    assert [word for word in [*names_and_codes(demo), file, "84626195", str(tmp_path)] if word in found] == []


def test_an_unexpected_error_is_logged_and_said_in_words_without_a_traceback(
    store_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hocba_tui.flow.school.store_check.check_store", failing)
    monkeypatch.setattr(sys, "argv", ["hocba", "store", "check", "--store", str(store_root)])
    with pytest.raises(SystemExit) as left:
        run_process()
    assert left.value.code == 70
    said = capsys.readouterr().err
    assert said.startswith("hocba gặp lỗi ngoài dự kiến (KeyError, test_log_commands.py:")
    assert "doctor --report" in said
    assert "Traceback" not in said
    assert SECRETS not in said + text(store_root)
    _, failed, end = logged(store_root)
    assert failed["errors"][0]["frames"][-1].endswith(" failing")
    assert end["code"] == 70
    with pytest.raises(KeyError):
        main(["store", "check", "--store", str(store_root)])


def test_who_develops_sees_the_frames(store_root: Path) -> None:
    code = (
        "import sys, hocba_tui.cli.main as m\n"
        "m._run = lambda options: 1 / 0\n"
        f"sys.argv = ['hocba', 'store', 'check', '--store', {str(store_root)!r}]\n"
        "m.run()"
    )
    for flags, code_of, shown in (((), 70, False), (("-X", "dev"), 1, True)):
        done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (code_of, shown)


def test_a_full_disk_changes_nothing_but_the_log(store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (store_root / "log").symlink_to("/dev/full")
    assert main(["store", "check", "--quiet", "--store", str(store_root)]) == 6  # The check finds the link.
    assert "log: là một liên kết" in capsys.readouterr().out


def test_the_made_up_school_leaves_no_trace_in_a_real_one(store_root: Path) -> None:
    assert main(["demo", "--make-only", "--store", str(store_root)]) == 1
    assert not (store_root / "log").exists()


def test_help_and_mistakes_are_not_logged(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOCBA_STORE", str(store_root))
    for words in (["--help"], ["check", "--help"], ["check", "--khong-co"]):
        with pytest.raises(SystemExit):
            main(words)
    assert not (store_root / "log").exists()


# --- sessions --------------------------------------------------------------------------------------


async def test_an_error_that_ends_a_session_leaves_its_place(
    store_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(HomePage, "action_open", failing)
    app = HocbaApp(open_desk(store_root, "gv.5a"))
    with keeping(store_root, "open"), pytest.raises(KeyError):  # noqa: PT012
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            await pilot.press("enter")
            await pilot.pause()
    failed, *_ = [line for line in logged(store_root) if line["event"] == "unexpected"]
    assert failed["errors"][0]["frames"][-1].endswith(" failing")
    assert "(KeyError, test_log_commands.py:" in capsys.readouterr().err
    assert SECRETS not in text(store_root)


@pytest.mark.parametrize("thread", [False, True])
async def test_an_error_in_the_background_of_a_screen_leaves_its_own_place(
    store_root: Path, capsys: pytest.CaptureFixture[str], *, thread: bool
) -> None:
    app = HocbaApp(open_desk(store_root, "gv.5a"))

    async def soon() -> None:
        failing()

    work: Callable[[], Any] = failing if thread else soon
    with keeping(store_root, "open"), pytest.raises(Exception, match="KeyError"):  # noqa: PT012
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            app.run_worker(work, thread=thread)
            await app.workers.wait_for_complete()
            await pilot.pause()
    failed = [line for line in logged(store_root) if line["event"] == "unexpected"]
    assert failed[0]["errors"][0]["type"] == "KeyError"
    assert failed[0]["errors"][0]["frames"][-1].endswith(" failing")
    assert "(KeyError, test_log_commands.py:" in capsys.readouterr().err
    assert SECRETS not in text(store_root)


async def test_an_error_of_ours_that_a_page_shows_is_logged(store_root: Path) -> None:
    app = HocbaApp(open_desk(store_root, "gv.5a"))

    def refuse() -> None:
        raise Refused(f"Em {SECRETS} chưa có điểm.")

    with keeping(store_root, "open") as work:
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            page = app.screen
            assert isinstance(page, HomePage)
            page.attempt(refuse)
            await pilot.pause()
        work.code = 0
    (line,) = [line for line in logged(store_root) if line["event"] == "shown"]
    assert line["errors"][0]["frames"][-1].endswith("refuse")
    assert SECRETS not in text(store_root)


def test_one_line_for_the_process_that_wrote_it(store_root: Path) -> None:
    for _ in range(2):
        words = [sys.executable, "-m", "hocba_tui", "store", "stats", "--store", str(store_root)]
        assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    pids = [line["pid"] for line in logged(store_root)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    assert os.getpid() not in pids


def test_what_goes_out_is_logged_by_kind_and_size_to_a_file_or_not(
    few_root: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    where = ["--class", "5A", "--store", str(few_root), "--as", "hieutruong"]
    assert main(["export", "sheet", "--form", "danh-sach", "--out", str(tmp_path / "5A.xlsx"), *where]) == 0
    capfdbinary.readouterr()
    lines = [json.loads(line) for path in (few_root / "log").iterdir() for line in path.read_bytes().splitlines()]
    (out,) = [line for line in lines if line["event"] == "export"]
    assert (out["what"], out["to"], out["files"], out["by"]) == ("excel", "file", 1, "hieutruong")
    assert out["bytes"] == (tmp_path / "5A.xlsx").stat().st_size
    assert "5A" not in json.dumps(out)


def test_a_request_that_goes_to_the_standard_output_is_logged_too(
    few_root: Path, few: DemoSchool, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    fill_gaps(few_root, few)
    open_first_round(few_root)
    where = ["--class", "5A", "--store", str(few_root), "--as", "gv.5a"]
    assert main(["submit", "--leave-gaps", "--request", "-", *where]) == 0
    request = capfdbinary.readouterr().out
    (out,) = [line for line in logged(few_root) if line["event"] == "export"]
    assert (out["what"], out["to"], out["by"]) == ("request", "stdout", "gv.5a")
    assert out["bytes"] == len(request[request.index(b"{") :])
