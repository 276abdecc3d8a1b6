"""Show the state of the server, and what is installed or missing on it; back up and check the store from here."""

from __future__ import annotations

import threading

from textual import work
from textual.app import ComposeResult

from hocba_tui.config import Config
from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.reports.server_state import state_of
from hocba_tui.log.keeping import shown
from hocba_tui.rules.permits import Act
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.listed import ListPage
from hocba_tui.widgets.rows import RowColumn, Rows

_EVERY = 10.0
"""Seconds between two looks at who is in."""


class StatePage(ListPage):
    """What :mod:`~hocba_tui.flow.reports.server_state` says, and below it the same as ``hocba doctor``."""

    SCOPE = "doctor"
    BINDINGS = bindings_for("doctor")
    REFRESHES = False

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._found: dict[str, tuple[bool, str, str]] = {}
        """By row: whether it is well, its words, what to do."""
        self._at_work = ""
        """What is being done, in words; empty when nothing is."""
        self._stop = threading.Event()

    @property
    def under_way(self) -> bool:
        """Return whether a backup is being written or the store checked."""
        return bool(self._at_work)

    def heading(self) -> str:
        """Return the title."""
        return "Tình trạng máy chủ"

    def hint(self) -> str:
        """Return the hint."""
        return "Đang khám…"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("", 1), RowColumn("Mục", 0)), "")

    def on_mount(self) -> None:
        """Examine in a thread, because tokens answer slowly."""
        self.set_interval(_EVERY, self._look_again)
        self._examine()

    def on_unmount(self) -> None:
        """Let a check end: it only reads."""
        self._stop.set()

    def look(self) -> None:
        """Read the state of the server again, for who looks after it."""
        if self.permits(Act.LOOK_AFTER):
            self._found |= {fact.key: (not fact.wrong, fact.words, fact.now) for fact in state_of(self.desk)}
        self._show()

    def _look_again(self) -> None:
        if self.on_top and not self._at_work:
            self.attempt(self.look)

    def _show(self) -> None:
        order = ("backup", "check", "disk", "people")
        others = sorted((key for key in self._found if key not in order), key=lambda key: self._found[key][0])
        keys = [*(key for key in order if key in self._found), *others]
        self.query_one(Rows).fill(
            (key, ("✓" if well else "!", words)) for key in keys for well, words, _ in [self._found[key]]
        )

    def on_rows_moved(self) -> None:
        """Say what to do about the row under the cursor."""
        if not self._at_work and (found := self._found.get(self.query_one(Rows).chosen)):
            self.say(found[2] or "Không phải làm gì.")

    def row_words(self) -> str:
        """Return what the numbered list is about."""
        return "Việc trông máy"

    def action_open(self) -> None:
        """Show the whole text of the row under the cursor."""
        if found := self._found.get(self.query_one(Rows).chosen):
            self.app.push_screen(Notice(found[1], *found[2].split("; ")))

    @work(thread=True)
    def _examine(self) -> None:
        from hocba_tui.flow.school.doctor import examine

        found = list(examine(Config.from_environment().modules, self.desk))
        self.app.call_from_thread(self._examined, [(one.good, one.what, "" if one.good else one.now) for one in found])

    def _examined(self, found: list[tuple[bool, str, str]]) -> None:
        told = {words for _, words, _ in self._found.values()}  # The doctor knows of backups too.
        self._found |= {str(number): one for number, one in enumerate(found) if one[1] not in told}
        self._show()
        wrong = sum(not well for well, _, _ in self._found.values())
        if not self._at_work:
            self.summarise(f"{wrong} mục cần xem, có dấu !. Enter: xem cả dòng." if wrong else "Mọi thứ đều ổn.")

    # --- at once -------------------------------------------------------------------------------

    def action_backup(self) -> None:
        """Ask where it would go, then back up while people work."""
        from hocba_tui.flow.upkeep.at_once import place_of_backups

        if self._at_work:
            self.refuse(self._at_work)
            return
        place = place_of_backups(self.desk)
        inside = place.is_relative_to(self.desk.root)
        detail = f"Ghi một bản mã hóa vào {place}; mọi người vẫn làm việc." + (
            " Thư mục ấy nằm trong kho: mất đĩa thì mất cả hai, nên chép bản ấy sang ổ khác." if inside else ""
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._begin("Đang sao lưu…")
                self._back_up()

        self.app.push_screen(Confirm("Sao lưu ngay?", detail, "sao lưu"), answered)

    @work(thread=True)
    def _back_up(self) -> None:
        from hocba_tui.flow.upkeep.at_once import back_up_now

        try:
            made = back_up_now(self.desk)
        except HocbaError as error:
            self._ended_with(error)
            return
        words = f"Đã sao lưu {made.size / 1000:.0f} kB và đọc lại để đối chiếu: {made.path}."
        if made.damaged:
            words += " Kho có chỗ hỏng: F3, kiểm tra kho."
        if made.apart:
            words += " Kho này cũ hơn một bản chép khác của nó: hocba backup nói rõ."
        self.app.call_from_thread(self._end, words)

    def action_check(self) -> None:
        """Check the whole store; it only reads, and may be left at any time."""
        if self._at_work:
            self.refuse(self._at_work)
            return
        self._stop.clear()
        self._begin("Đang kiểm tra kho…")
        self._check()

    @work(thread=True)
    def _check(self) -> None:
        from hocba_tui.flow.upkeep.at_once import check_now, shards_to_check

        flaws, entries = [], 0
        try:
            count = shards_to_check(self.desk)
            for number, checked in enumerate(check_now(self.desk), start=1):
                flaws += [flaw for flaw in checked.flaws if flaw.lost]
                entries += checked.entries
                if self._stop.is_set():
                    return
                told = f"Đang kiểm tra kho: {number}/{count} phần. Về màn hình khác thì việc kiểm tra dừng."
                self.app.call_from_thread(self._begin, told)
        except HocbaError as error:
            self._ended_with(error)
            return
        if not flaws:
            self.app.call_from_thread(self._end, f"Kho còn nguyên: {entries} bản ghi, đã đọc và đối chiếu hết.")
            return
        lines = [f"{flaw.place}: {flaw.what}" for flaw in flaws[:_SHOWN]]
        self.app.call_from_thread(
            self._end, f"Kho CÓ {len(flaws)} CHỖ HỎNG.", *lines, "Báo người giữ máy chủ: hocba store check."
        )

    def _begin(self, words: str) -> None:
        self._at_work = words
        if self.is_mounted:
            self.say(words)

    def _ended_with(self, error: HocbaError) -> None:
        shown(error)
        self.app.call_from_thread(self._end, error.what, *filter(None, (error.safe, error.now)))

    def _end(self, words: str, *more: str) -> None:
        """Say what came of it, in a notice when it is more than a line."""
        self._at_work = ""
        if self.is_mounted:
            self.attempt(self.look)
            self.say(words)
            if more:
                self.app.push_screen(Notice(words, *more))


_SHOWN = 6
"""Flaws that are named one by one."""
