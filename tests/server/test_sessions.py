"""People who come in through the attach program; however a process ends, the others go on, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.flow import serving
from hocba_tui.flow.opening import open_desk
from hocba_tui.model.results import Cell
from hocba_tui.model.values import Period
from hocba_tui.store.formats import read_format
from tests.support.served import ATTACH, Served, children, gone, wait_until
from tests.support.terminal import Terminal

SCORE = Cell(Period.END_YEAR, "TOAN", "score")


@pytest.fixture
def served(store_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    with Served(store_root, patience=2, grace=3, farewell=20) as found:
        yield found


def scores(root: Path) -> dict[str, str]:
    return {key: results.text(SCORE) for key, results in open_desk(root, "gv.5a").results("5A").items()}


def open_grid(terminal: Terminal) -> None:
    terminal.press("enter")
    terminal.wait_for("Gõ là lưu ngay")


def type_nine(terminal: Terminal) -> None:
    """Open the grid of 5A at its first gap, a score."""
    type_in(terminal, "9")


def type_level(terminal: Terminal) -> None:
    """Open the grid of 4A at its first cell, a level."""
    type_in(terminal, "h")


def type_in(terminal: Terminal, key: str) -> None:
    open_grid(terminal)
    terminal.press(key)
    terminal.wait_for("đã lưu lúc")


def hear(terminal: Terminal, words: str) -> None:
    """Wait until something is said; pyte keeps what was on the screen before, as a real terminal does not."""
    terminal.wait(lambda: words.encode() in terminal.bytes, f"“{words}”")


def test_a_login_costs_one_cat_what_is_typed_is_saved_and_leaving_leaves_nothing(
    served: Served, store_root: Path
) -> None:
    before = scores(store_root)
    with served.opened("gv.5a") as terminal:
        assert Path(f"/proc/{terminal.process.pid}/comm").read_text(encoding="ascii") == "cat\n"
        session = served.session_of("gv.5a")
        type_nine(terminal)
        terminal.resize(100, 30)  # Also where the server was started in a shell that names its own size.
        terminal.wait(lambda: "Trợ giúp" in terminal.screen.display[29], "the last of 30 lines to be the keys")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    after = scores(store_root)
    assert [after[key] for key in after if after[key] != before[key]] == ["9"]
    wait_until(lambda: gone(session), "the session to end")
    served.wait_empty()
    assert served.said == ""


def test_who_cannot_open_the_store_is_told_why(served: Served) -> None:
    with served.terminal("khong.co") as terminal:
        terminal.wait_for("Không có tài khoản “khong.co”")
        terminal.wait_for_end()
    served.wait_empty()


def test_a_line_that_drops_ends_the_session_and_the_next_login_leads_back(served: Served, store_root: Path) -> None:
    with served.opened("gv.5a") as terminal:
        type_nine(terminal)
        terminal.press("ctrl+home", "down", "down", "right")
        terminal.wait(lambda: " 3>" in terminal.text, "the third pupil")
        terminal.wait_quiet()
        place = terminal.cursor
        session = served.session_of("gv.5a")
        terminal.hang_up()
        wait_until(lambda: gone(session), "the session to end")
        terminal.process.wait(60)
    with served.terminal("gv.5a") as terminal:
        terminal.wait_for("Về lại chỗ đang nhập?")
        assert "Lớp 5A, " in terminal.text
        terminal.wait_quiet()
        terminal.press("f7")
        terminal.wait_for("Gõ là lưu ngay")
        terminal.wait_for_cursor(*place)
        assert " 3>" in terminal.text
        terminal.press("f10")
        terminal.wait_for_end()
    with served.opened("gv.5a") as terminal:
        terminal.wait_for("Enter Mở")
        assert "Về lại" not in terminal.text


def test_the_attach_program_killed_ends_the_session(served: Served) -> None:
    with served.opened("gv.5a") as terminal:
        session = served.session_of("gv.5a")
        terminal.process.kill()
        wait_until(lambda: gone(session), "the session to end")
    served.wait_empty()


def test_a_session_that_is_killed_leaves_a_terminal_in_order_and_the_others_alone(served: Served) -> None:
    with served.opened("gv.5a") as terminal, served.opened("gv.4a") as other:
        assert terminal.bytes.rfind(b"\x1b[?1049h") > terminal.bytes.rfind(b"\x1b[?1049l")
        os.kill(served.session_of("gv.5a"), signal.SIGKILL)
        hear(terminal, "Phiên làm việc này bị dừng đột ngột")
        terminal.wait_for_end()
        assert terminal.bytes.rfind(b"\x1b[?1049l") > terminal.bytes.rfind(b"\x1b[?1049h")
        type_level(other)
        served.session_of("gv.4a")


def test_a_session_that_hangs_is_ended_when_its_person_has_gone(served: Served) -> None:
    with served.opened("gv.5a") as terminal:
        session = served.session_of("gv.5a")
        os.kill(session, signal.SIGSTOP)
        terminal.process.kill()
        wait_until(lambda: gone(session), "the session to be ended")
    served.wait_empty()


def test_a_stopped_session_whose_terminal_is_gone_ends_by_itself(served: Served) -> None:
    with served.opened("gv.5a") as terminal:
        session = served.session_of("gv.5a")
        os.kill(session, signal.SIGSTOP)
        terminal.hang_up()
        wait_until(lambda: gone(session), "the session to end")
        terminal.process.wait(60)


def test_a_killed_nursery_ends_no_session_and_another_one_takes_its_place(served: Served) -> None:
    with served.opened("gv.5a") as terminal:
        nursery = served.nursery
        os.kill(nursery, signal.SIGKILL)
        with served.opened("gv.4a") as other:  # Waits until the next one is ready.
            type_nine(terminal)
            type_level(other)
        assert served.nursery not in (0, nursery)


def test_a_killed_listener_ends_no_session_and_the_next_one_knows_them(served: Served) -> None:
    with served.opened("gv.5a") as terminal:
        nursery, session = served.nursery, served.session_of("gv.5a")
        served.process.kill()
        served.process.wait(60)
        wait_until(lambda: gone(nursery), "the nursery to end with its listener")
        with served.terminal("gv.4a") as other:
            other.wait_for("Máy chủ học bạ chưa chạy")
            assert other.wait_for_end() == 5
        type_nine(terminal)
        served.start()
        assert served.session_of("gv.5a") == session
        os.kill(session, signal.SIGKILL)
        hear(terminal, "bị dừng đột ngột")


def test_below_another_program_the_session_has_no_controlling_terminal_and_works(
    served: Served, store_root: Path
) -> None:
    with served.terminal_of_another("gv.5a") as terminal:
        terminal.wait_for("Việc của tôi hôm nay")
        session = served.session_of("gv.5a")
        assert Path(f"/proc/{session}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[4] == "0"
        type_nine(terminal)
        terminal.resize(100, 30)
        terminal.wait(lambda: "Trợ giúp" in terminal.screen.display[29], "the last of 30 lines to be the keys")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    assert list(scores(store_root).values()).count("9") > 0


@pytest.mark.parametrize("how", ["hang up", "kill"])
def test_below_another_program_the_end_of_the_attach_program_is_the_end_of_the_session(
    served: Served, how: str
) -> None:
    with served.terminal_of_another("gv.5a") as terminal:
        terminal.wait_for("Việc của tôi hôm nay")
        session, (attach,) = served.session_of("gv.5a"), children(terminal.process.pid)
        if how == "kill":
            os.kill(attach, signal.SIGKILL)
        else:
            terminal.hang_up()
        wait_until(lambda: gone(session) and gone(attach), "both to end")
        terminal.process.wait(60)


def test_two_logins_of_one_person_know_of_each_other_and_either_ends_the_other(served: Served) -> None:
    with served.opened("gv.5a") as first:
        open_grid(first)
        with served.opened("gv.5a") as second:
            for terminal in (first, second):
                terminal.wait_for("Bạn còn mở ở 1 nơi khác")
            second.press("ctrl+p")
            second.wait_for("Gõ việc muốn làm")
            second.send(b"noi khac")
            second.wait_for("Đóng ở nơi khác")
            second.wait_quiet()
            second.press("enter")
            hear(first, "Bạn đã đóng phiên này từ một nơi khác")
            first.wait_for_end()
            second.wait_gone("Bạn còn mở ở 1 nơi khác")
            served.session_of("gv.5a")
            second.press("f10")
            second.wait_for_end()


def test_a_reload_gives_new_logins_another_nursery_while_old_sessions_go_on(served: Served) -> None:
    with served.opened("gv.5a") as terminal:
        nursery, session = served.nursery, served.session_of("gv.5a")
        assert serving.reload(served.path)
        wait_until(lambda: gone(nursery), "the nursery before to end")
        served.wait_ready()
        assert served.process.poll() is None
        assert served.session_of("gv.5a") == session
        type_nine(terminal)
        with served.opened("gv.4a") as other:
            type_level(other)


def changed(program: Path, name: str, before: str, after: str) -> None:
    path = program / "hocba_tui" / name
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_who_is_in_keeps_the_program_before_and_who_comes_after_a_reload_gets_the_next(
    store_root: Path, tmp_path: Path
) -> None:
    one, two, present = tmp_path / "one", tmp_path / "two", tmp_path / "present"
    for program in (one, two):
        shutil.copytree(ATTACH.parents[1], program / "hocba_tui", ignore=shutil.ignore_patterns("__pycache__"))
    changed(two, "screens/home.py", '"Việc của tôi hôm nay"', '"BẢN MỚI"')
    changed(two, "screens/outbox.py", 'return "Hộp gửi"', 'return "HỘP MỚI"')
    present.symlink_to(one)
    with Served(store_root, present) as served, served.opened("hieutruong") as before:
        present.unlink()
        present.symlink_to(two)
        assert serving.reload(served.path)
        served.wait_ready()
        with served.terminal("vanthu") as after:
            after.wait_for("BẢN MỚI")
            assert open_outbox(after) == "HỘP MỚI"
        assert open_outbox(before) == "Hộp gửi", "the page was imported only now"


def test_a_newer_format_of_the_store_waits_until_no_session_of_the_program_before_is_left(
    store_root: Path, tmp_path: Path
) -> None:
    one, two, present = tmp_path / "one", tmp_path / "two", tmp_path / "present"
    for program in (one, two):
        shutil.copytree(ATTACH.parents[1], program / "hocba_tui", ignore=shutil.ignore_patterns("__pycache__"))
    changed(two, "store/formats.py", "FORMAT = 2\n", "FORMAT = 3\n")
    changed(two, "store/formats.py", "{1: _to_2}", "{1: _to_2, 2: lambda root, now: None}")
    present.symlink_to(one)
    with Served(store_root, present) as served:
        with served.opened("gv.5a") as before:
            present.unlink()
            present.symlink_to(two)
            reload = (sys.executable, "-P", "-m", "hocba_tui", "serve", "reload", "--socket", str(served.path))
            told = subprocess.run(
                reload,
                env={**os.environ, "PYTHONPATH": str(two)},
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            ).stdout
            assert "mời đợi tới khi 1 phiên đang mở đóng hết" in told
            served.wait_ready()
            with served.terminal("hieutruong") as after:
                after.wait_for("kho đang có người dùng (gv.5a)")
                after.wait_for("Đợi họ thoát rồi mở lại")
                after.wait_for_end()
            type_nine(before)
            assert read_format(store_root) == 2
            before.press("f10")
            before.wait_for_end()
        served.wait_empty()
        with served.opened("hieutruong"):
            assert read_format(store_root) == 3
    (store_root / "format").write_text("2\n", encoding="ascii")
    assert "9" in scores(store_root).values()


def open_outbox(terminal: Terminal) -> str:
    """Open a page that nothing has imported before; return its title."""
    terminal.press("ctrl+p")
    terminal.wait_for("Gõ việc muốn làm")
    terminal.send(b"hop gui")
    terminal.wait_quiet()
    terminal.press("enter")
    terminal.wait_for("Kết quả")
    terminal.wait_quiet()
    return terminal.screen.display[1].strip()


def test_a_stop_tells_everybody_saves_keeps_the_place_and_ends(served: Served) -> None:
    left: list[int] = []
    with served.opened("gv.5a") as terminal:
        type_nine(terminal)
        code = f"from hocba_tui.flow import serving; serving.stop(serving.Path({str(served.path)!r}), print)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as stopping:
            hear(terminal, "Máy chủ dừng để bảo trì")
            terminal.wait_for_end()
            assert stopping.stdout is not None
            left = [int(line) for line in stopping.stdout]
        assert stopping.returncode == 0
    assert left[0] == 1
    assert left[-1] == 0
    assert served.process.wait(60) == 0
    assert not served.path.exists()
    served.start()
    with served.terminal("gv.5a") as terminal:
        terminal.wait_for("Về lại chỗ đang nhập?")


def test_who_needs_the_store_alone_has_it_until_done_and_people_are_told(served: Served, store_root: Path) -> None:
    with served.opened("gv.5a") as terminal:
        type_nine(terminal)
        with serving.without_sessions(served.path, store_root, lambda _: None):
            hear(terminal, "Kho dữ liệu sắp được khôi phục")
            terminal.wait_for_end()
            with served.terminal("gv.4a") as other:
                other.wait_for("Kho dữ liệu đang được khôi phục")
                other.wait_for_end()
    with served.opened("gv.4a"):
        pass


def test_another_listener_at_the_same_socket_is_refused(served: Served) -> None:
    again = subprocess.run(served.process.args, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 4
    assert "Đã có một máy chủ" in again.stderr
    with served.opened("gv.5a"):
        pass
