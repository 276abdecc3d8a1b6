"""The log's lines: whole when forty processes write, silent about people, and never a reason to stop."""

from __future__ import annotations

import ast
import contextlib
import json
import logging
import multiprocessing
import os
import re
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hocba_tui.errors import CellConflict, HocbaError, NotSaved, Refused
from hocba_tui.log import lines
from hocba_tui.log.keeping import UNEXPECTED, acting_as, keeping, place_of, shown, unexpected

NAME, MARK = "Nguyễn Thị Hoài An", "9,25"
ALONE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder that the log takes for a store."""
    (tmp_path / "store" / "school").mkdir(parents=True)
    (tmp_path / "store" / "school" / "journal.log").touch()
    return tmp_path / "store"


def texts(store: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((store / "log").glob("*")))


def logged(store: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in texts(store).splitlines()]


def test_a_command_leaves_its_beginning_and_its_end(store: Path) -> None:
    with keeping(store, "store check") as work:
        work.code = 6
    begin, end = logged(store)
    assert {**begin, "at": ""} == {
        "at": "", "pid": os.getpid(), "level": "info", "by": "", "do": "store check", "event": "begin"
    }  # fmt: skip
    assert (end["event"], end["do"], end["code"], end["seconds"] >= 0) == ("end", "store check", 6, True)
    assert datetime.fromisoformat(begin["at"]).utcoffset() is not None


def test_the_beginning_waits_for_the_account_and_every_later_line_bears_it(store: Path) -> None:
    with keeping(store, "open", account_follows=True) as work:
        acting_as("gv.5a")
        acting_as("gv.5a")
        shown(Refused("…"))
        work.code = 0
    assert [(line["event"], line["by"]) for line in logged(store)] == [
        ("begin", "gv.5a"), ("shown", "gv.5a"), ("end", "gv.5a")
    ]  # fmt: skip


def test_an_error_leaves_its_type_and_frames_and_goes_on(store: Path) -> None:
    def divide() -> float:
        return 1 / 0

    with pytest.raises(ZeroDivisionError) as raised, keeping(store, "check"):
        divide()
    _, failed, end = logged(store)
    (error,) = failed["errors"]
    assert (failed["event"], failed["level"], error["type"]) == ("unexpected", "error", "ZeroDivisionError")
    assert error["frames"][-1].startswith("test_log_lines.py:")
    assert error["frames"][-1].endswith("test_an_error_leaves_its_type_and_frames_and_goes_on.<locals>.divide")
    assert error["frames"][-1].split()[0] == place_of(raised.value)
    assert end["code"] == UNEXPECTED


def test_causes_and_groups_are_followed_and_a_circle_ends(store: Path) -> None:
    def fail() -> None:
        try:
            raise KeyError(NAME)  # noqa: TRY301
        except KeyError as error:
            raise ExceptionGroup(NAME, [ValueError(NAME), OSError(28, NAME, NAME)]) from error

    def circle() -> None:
        one = RuntimeError(NAME)
        one.__cause__ = ValueError(NAME)
        one.__cause__.__cause__ = one
        raise one

    with keeping(store, "check"):
        for act in (fail, circle):
            try:
                act()
            except Exception as error:  # noqa: BLE001
                unexpected(error)
    one, other = [line["errors"] for line in logged(store) if line["event"] == "unexpected"]
    assert [error["type"] for error in one] == ["ExceptionGroup", "KeyError", "ValueError", "OSError"]
    assert one[3]["errno"] == "ENOSPC"
    assert [error["type"] for error in other] == ["RuntimeError", "ValueError"]
    assert NAME not in texts(store)


def test_a_very_deep_error_makes_a_line_of_a_few_kilobytes(store: Path) -> None:
    def deeper(steps: int) -> None:
        if not steps:
            raise RecursionError
        deeper(steps - 1)

    with pytest.raises(RecursionError), keeping(store, "check"):
        deeper(500)
    assert max(map(len, texts(store).splitlines())) < 8000
    assert any("…" in frame for frame in logged(store)[1]["errors"][0]["frames"])


ERRORS = st.sampled_from([ValueError, KeyError, RuntimeError, HocbaError, NotSaved, OSError, UnicodeError, Exception])
# A name has letters that no word of the log has: "unexpect" would be found in what the log says itself.
WORDS = st.text(st.characters(categories=["Lu", "Ll"]), min_size=8, max_size=30).map("Đ{}ỹ".format)


@given(kind=ERRORS, name=WORDS, mark=WORDS, pin=st.integers(10**9, 10**12).map(str))
@ALONE
def test_no_message_argument_note_or_local_variable_gets_into_the_log(
    tmp_path_factory: pytest.TempPathFactory, kind: type[Exception], name: str, mark: str, pin: str
) -> None:
    store = tmp_path_factory.mktemp("store")
    (store / "school").mkdir()
    (store / "school" / "journal.log").touch()

    def enter(pupil: str, typed: str) -> None:
        cells = {pupil: {"end_year.TOAN.score": typed, "pin": pin}}
        try:
            raise LookupError(cells)  # noqa: TRY301
        except LookupError as error:
            failure = kind(f"{pupil}: {typed}", pin)
            failure.add_note(f"{cells}")
            raise failure from error

    with keeping(store, "intake results") as work:
        for tell in (unexpected, shown):
            try:
                enter(name, mark)
            except Exception as error:  # noqa: BLE001
                tell(error)
        try:
            enter(name, mark)
        except Exception:
            logging.getLogger("asyncio").exception("%s got %s", name, mark)
            logging.getLogger().error(f"{name} {pin}", exc_info=True, extra={"facts": {"pupil": name}})  # noqa: G004, G201
        work.code = 1
    text = texts(store)
    assert len(text.splitlines()) == 6
    assert ".enter" in text
    for secret in (name, mark, pin):
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text
        assert repr(secret) not in text


def test_a_real_error_of_ours_that_names_a_pupil_leaves_its_place_alone(store: Path) -> None:
    conflict = CellConflict("results", NAME, "end_year.TOAN.score", MARK, NAME)
    assert MARK in str(conflict)
    with keeping(store, "open"):
        try:
            raise conflict
        except HocbaError as error:
            shown(error)
    (line,) = [line for line in logged(store) if line["event"] == "shown"]
    assert line["errors"][0]["type"] == "hocba_tui.errors.CellConflict"
    assert (line["level"], line["errors"][0]["code"]) == ("warning", 4)
    assert NAME not in texts(store)
    assert MARK not in texts(store)


def test_an_error_in_a_thread_is_logged_and_still_told(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", told.append)

    def fail() -> None:
        raise ValueError(NAME)

    with keeping(store, "send"):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert len(told) == 1
    assert threading.excepthook.__name__ == "append"
    assert logged(store)[1]["errors"][0]["type"] == "ValueError"


def test_a_place_names_no_home_folder(store: Path) -> None:
    for filename, said in (
        ("/srv/people/thu.nguyen/hocba/hocba_tui/flow/desk.py", "hocba_tui/flow/desk.py"),
        ("/srv/people/thu.nguyen/.venv/lib/python3.12/site-packages/textual/app.py", "textual/app.py"),
        ("/srv/people/thu.nguyen/hocba_tui/.venv/lib/python3.12/site-packages/lxml/etree.so", "lxml/etree.so"),
        ("/usr/lib/python3.12/asyncio/events.py", "events.py"),
        ("<string>", "<string>"),
    ):
        assert lines.shortened(filename) == said


WRITERS, EACH = 40, 60


def _write_many(store: Path, number: int, start: Any) -> None:
    start.wait()
    with keeping(store, "x" * (number * 97), account_follows=True):
        for _ in range(EACH):
            shown(Refused("…"))


def test_forty_processes_write_whole_lines_and_lose_none(store: Path) -> None:
    context = multiprocessing.get_context("fork")
    start = context.Barrier(WRITERS)
    writers = [context.Process(target=_write_many, args=(store, number, start)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    found = logged(store)
    assert len(found) == WRITERS * (EACH + 1)
    assert {len(line["do"]) // 97 for line in found} == set(range(WRITERS))


def test_each_month_has_its_own_file_by_vietnams_calendar(store: Path) -> None:
    lines.append(store, datetime(2026, 5, 31, 16, 59, tzinfo=UTC), "{}")
    lines.append(store, datetime(2026, 5, 31, 17, 0, tzinfo=UTC), "{}")
    assert sorted(path.name for path in (store / "log").iterdir()) == ["2026-05.log", "2026-06.log"]
    assert (store / "log").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (store / "log").iterdir()} == {0o600}


def run_and_fail(store: Path) -> None:
    """Run a command whose own work is done, and which shows an error on its way."""
    with keeping(store, "check") as work:
        shown(Refused("…"))
        work.code = 1
    assert work.code == 1


def _is_a_file(store: Path) -> None:
    (store / "log").write_text("")


def _is_a_link(store: Path) -> None:
    (store.parent / "elsewhere").mkdir()
    (store / "log").symlink_to(store.parent / "elsewhere")


def _file_is(make: Any) -> Any:
    def obstruct(store: Path) -> None:
        (store / "log").mkdir()
        make(lines.file_of(store, datetime.now(UTC)))

    return obstruct


def _full(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(lines.MOST_BYTES + 1)


@pytest.mark.parametrize(
    "obstruct",
    [
        _is_a_file,
        _is_a_link,
        _file_is(Path.mkdir),
        _file_is(os.mkfifo),
        _file_is(lambda path: path.symlink_to("/dev/null")),
        _file_is(_full),
    ],
)
def test_a_log_that_cannot_be_written_is_no_error(
    store: Path, obstruct: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    obstruct(store)
    before = {path: path.lstat().st_size for path in store.rglob("*")}
    run_and_fail(store)
    assert {path: path.lstat().st_size for path in store.rglob("*")} == before
    assert list((store.parent).glob("elsewhere/*")) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("call", ["open", "write", "lstat", "fstat", "close"])
def test_a_disk_that_refuses_is_no_error(
    store: Path, call: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real = getattr(os, call)

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            return refuse if name == call else getattr(os, name)

    def refuse(*arguments: Any) -> Any:
        if call == "close":
            real(*arguments)
        raise OSError(28, NAME)

    monkeypatch.setattr(lines, "os", Refusing())
    run_and_fail(store)
    assert capfd.readouterr() == ("", "")


def test_where_there_is_no_store_nothing_is_made(tmp_path: Path) -> None:
    for place in (None, tmp_path, tmp_path / "absent", tmp_path / ("x" * 300), Path("nul\0")):
        with keeping(place, "demo"):
            unexpected(ValueError())
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_goes_away_meanwhile_is_not_made_again(store: Path) -> None:
    with keeping(store, "demo"):
        (store / "school" / "journal.log").unlink()
        shown(Refused("…"))
    assert [line["event"] for line in logged(store)] == ["begin"]


def test_an_error_that_comes_again_and_again_does_not_fill_the_disk(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 10)
    with keeping(store, "open"):
        for _ in range(50):
            shown(Refused("…"))
    assert len(logged(store)) == 11
    assert [line["event"] for line in logged(store) if "more" in line or line["event"] == "end"] == ["shown", "end"]


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    def state() -> tuple[object, ...]:
        ours, others = logging.getLogger("hocba"), logging.getLogger()
        return list(ours.handlers), list(others.handlers), ours.level, ours.propagate, threading.excepthook

    before = state()
    yield
    assert state() == before


def test_nothing_is_left_when_the_work_is_over(store: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with _as_it_was():
        run_and_fail(store)
    with _as_it_was(), contextlib.suppress(ValueError), keeping(store, "check"):
        raise ValueError
    shown(Refused("…"))
    assert capfd.readouterr() == ("", "")
    assert len(logged(store)) == 6


def test_only_the_log_asks_for_loggers() -> None:
    """Any other call could hand over a message with a name in it."""
    package = Path(lines.__file__).parent.parent
    users = [path for path in package.rglob("*.py") if re.search(r"\blogging\.|import logging", path.read_text())]
    assert {path.parent.name for path in users} == {"log"}


TOLD_LATER = {"desk/state.py", "outbox.py", "reading.py", "verifying.py"}
"""A thread hands the error over, and the page tells it."""
NOT_TOLD = {"school/first_gap.py"}


def test_every_screen_that_catches_an_error_of_ours_tells_the_log() -> None:
    screens = Path(lines.__file__).parent.parent / "screens"
    silent = set()
    for path in sorted(screens.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and node.type and "HocbaError" in ast.unparse(node.type):
                first = ast.unparse(node.body[0])
                if not first.startswith(("shown(", "self.tell(")):
                    silent.add(path.relative_to(screens).as_posix())
    assert silent == TOLD_LATER | NOT_TOLD


def test_frames_are_those_that_python_names(store: Path) -> None:
    try:
        lines.file_of(store, None)  # type: ignore[arg-type]
    except AttributeError as error:
        frames = list(lines.frames_of(error.__traceback__))
        known = traceback.extract_tb(error.__traceback__)
        assert [frame.split(":")[1].split()[0] for frame in frames] == [str(one.lineno) for one in known]
        assert frames[-1].startswith("hocba_tui/log/lines.py:")
    else:
        pytest.fail("it should have raised")
