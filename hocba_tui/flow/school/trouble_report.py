"""One text for the person who helps a school: versions, computer, checks, numbers and log. Nothing about a pupil.

It is made on computers on which something is broken: a part that fails says so and the others follow.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from hocba_tui import __version__
from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import PUPILS, RECORDS, Desk
from hocba_tui.log.keeping import place_of, unexpected
from hocba_tui.log.reading import last_lines
from hocba_tui.model.values import RecordState
from hocba_tui.store.filesystem import filesystem_of, require_store
from hocba_tui.store.formats import read_format
from hocba_tui.store.outgoing import require_new, write_out

PACKAGES = (
    "asn1crypto", "cryptography", "httpx", "lxml", "openpyxl", "orjson", "pyrage",
    "python-calamine", "python-pkcs11", "signxml", "textual", "tinydb",
)  # fmt: skip
"""The packages that hocba needs, as in ``pyproject.toml``."""
_VARIABLES = ("TERM", "COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "TMUX", "STY")
_ERRORS, _LINES = 40, 60
_LONGEST = 60


def require_report_place(path: Path) -> None:
    """Raise Refused when ``path`` exists, lies in a store, or is no name of a file."""
    require_new(path)


def write_report(path: Path, text: str) -> None:
    """Write the report to a new file that only its owner may read; Refused when that is not possible."""
    write_out(path, text.encode(errors="replace"), "report")


def trouble_report(root: Path | None, modules: Sequence[Path], opened: Callable[[], Desk]) -> str:
    """Return the report. ``opened`` opens the store in ``root``; it may fail, and is not called when that is None."""
    desk, problem = None, ""
    if root is not None:
        try:
            desk = opened()
        except Exception as error:  # noqa: BLE001 # A store that cannot be opened is why somebody asks for help.
            problem = f"Không mở được kho: {_kind(error)}"
    parts: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("Phiên bản", _versions),
        ("Máy", lambda: _computer(root)),
        ("Màn hình", _terminal),
        ("Khám máy", lambda: _examined(modules, desk)),
    ]
    if root is not None:
        parts += [
            ("Kho", lambda: _checked(root, problem)),
            ("Đếm", lambda: _counted(desk)),
            (f"{_ERRORS} lỗi cuối trong nhật ký", lambda: _or_none(last_lines(root, _ERRORS, with_errors=True))),
            (f"{_LINES} dòng cuối của nhật ký", lambda: _or_none(last_lines(root, _LINES))),
        ]
    head = [
        "Báo cáo của hocba cho người giúp sửa máy.",
        "Không có tên, mã, điểm, nhận xét của học sinh nào; không có mã PIN, không có khóa.",
        f"Lập lúc {Clock().now():%d/%m/%Y %H:%M}",
    ]
    return "\n".join([*head, *(line for title, part in parts for line in _part(title, part))]) + "\n"


def _part(title: str, part: Callable[[], Iterator[str]]) -> Iterator[str]:
    yield f"\n== {title}"
    try:
        yield from part()
    except Exception as error:  # noqa: BLE001 # The other parts are worth as much.
        if not isinstance(error, HocbaError):
            unexpected(error)
        yield f"(không lấy được: {_kind(error)})"


def _kind(error: Exception) -> str:
    """Return what an error is and where it was raised, without its message, which may hold a name."""
    return f"{type(error).__name__}, {place_of(error)}"


def _versions() -> Iterator[str]:
    yield f"hocba {__version__}"
    yield f"Python {platform.python_version()} ({platform.python_implementation()})"
    for name in PACKAGES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            yield f"{name}: CHƯA CÀI"


def _computer(root: Path | None) -> Iterator[str]:
    try:
        yield platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        yield platform.system()
    yield f"{platform.system()} {platform.release()} {platform.machine()}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    yield f"{os.cpu_count()} lõi, {memory / 1e9:.1f} GB bộ nhớ"
    if root is not None:
        disk = shutil.disk_usage(root)
        yield f"Đĩa của kho: còn {disk.free / 1e9:.1f} trên {disk.total / 1e9:.1f} GB"
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        yield f"Hệ tệp: {filesystem_of(root, mounts)}"


def _terminal() -> Iterator[str]:
    for name in _VARIABLES:
        if value := os.environ.get(name):
            # tmux and screen put paths and numbers of processes there.
            yield f"{name} có" if name in ("TMUX", "STY") else f"{name}={_short(value)}"
    size = shutil.get_terminal_size()
    yield f"{size.columns}×{size.lines}, {'có' if sys.stdout.isatty() else 'không có'} màn hình"
    yield "qua SSH" if os.environ.get("SSH_CONNECTION") else "không qua SSH"


def _examined(modules: Sequence[Path], desk: Desk | None) -> Iterator[str]:
    from hocba_tui.flow.school.doctor import examine

    for symptom in examine(modules, desk):
        yield f"{'✓' if symptom.good else '!'} {symptom.outside or symptom.what}"


def _checked(root: Path, problem: str) -> Iterator[str]:
    from hocba_tui.flow.school.store_check import check_store

    if problem:
        yield problem
    require_store(root)
    yield f"Định dạng {read_format(root)}"
    shards = entries = lost = other = 0
    for checked in check_store(root):
        gone = sum(flaw.lost for flaw in checked.flaws)
        shards, entries = shards + checked.has_journal, entries + checked.entries
        lost, other = lost + gone, other + len(checked.flaws) - gone
        if gone:
            yield f"! {_short(checked.name)}: {gone} chỗ hỏng"
    yield f"{shards} nhật ký, {entries} bản ghi; {lost} chỗ hỏng, {other} chỗ khác cần xem (hocba store check kể rõ)"


def _counted(desk: Desk | None) -> Iterator[str]:
    if desk is None:
        yield "(kho chưa mở được)"
        return
    school = desk.open_school()
    rooms, staff = school.classrooms(), school.everybody()
    present = left = 0
    states: Counter[str] = Counter()
    for room in rooms:
        opened = school.open_class(room.key)
        pupils, records = opened.table(PUPILS), opened.table(RECORDS)
        here = [key for key, document in pupils.items() if not document.get("left")]
        present, left = present + len(here), left + len(pupils) - len(here)
        states.update(_state(records.get(key, {}).get("state")) for key in here)
    yield f"{len(rooms)} lớp, {present} học sinh đang học, {left} đã rời, {len(staff)} cán bộ"
    yield "Học bạ: " + ", ".join(f"{states[state.label]} {state.label}" for state in RecordState if states[state.label])


def _state(value: object) -> str:
    try:
        return RecordState(str(value or RecordState.DRAFT)).label
    except ValueError:
        return "?"


def _or_none(lines: list[str]) -> Iterator[str]:
    yield from lines or ["(không có)"]


def _short(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_LONGEST])
