"""Files from elsewhere: a path, the verdicts as they come in, and each file step by step."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Input

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.page import Page
from hocba_tui.screens.path_box import PathBox
from hocba_tui.screens.signing.batch import duration
from hocba_tui.screens.verdict import VerdictPage
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.rows import RowColumn, Rows

if TYPE_CHECKING:
    from hocba_tui.flow.verify.browse import Listed
    from hocba_tui.flow.verify.files import Verified

_LOOK_EVERY = 0.25
"""Seconds between two reads of what the thread has found."""
_TELLS_AFTER = 3
"""Seconds before which the time left cannot be estimated."""
_NAMED = 6
"""Fitting files that the status line names."""
_FILTERS = ("", "FAILED", "INDETERMINATE")


class _Verification:
    """One verification of a file or folder, in a thread of its own. The page reads it; it never calls the page."""

    def __init__(self, desk: Desk, typed: str, *, any_xml: bool) -> None:
        self._desk = desk
        self._typed = typed
        self._any = any_xml
        self._stop = threading.Event()
        self.listed: Listed | None = None
        self.inbox: deque[Verified] = deque()
        self.error: HocbaError | None = None
        self.done = False
        self._began = time.monotonic()

    def run(self) -> None:
        """Find the files and verify them."""
        from hocba_tui.flow.verify.browse import list_files, verify_listed

        try:
            self.listed = list_files(self._desk, self._typed)
            for one in verify_listed(self._desk, self.listed.paths, self._stop.is_set, any_xml=self._any):
                self.inbox.append(one)
                # Lets the screen's own thread run between two files.
                time.sleep(0)
        except HocbaError as error:
            self.error = error
        finally:
            self.done = True

    def left(self, done: int, count: int) -> str:
        """Return how long the rest will take, in words; empty while it cannot be estimated."""
        spent = time.monotonic() - self._began
        return duration(spent / done * (count - done)) if done and spent > _TELLS_AFTER and done < count else ""

    def stop(self) -> None:
        """End after the files that are being verified."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Return whether ``stop`` was called."""
        return self._stop.is_set()


class VerifyPage(Page):
    """The path, and a row for each file."""

    SCOPE = "verify"
    BINDINGS = bindings_for("verify")
    DEFAULT_CSS = """
    VerifyPage Input, VerifyPage Input:focus { border: none; height: 1; margin: 0 1; background: $boost; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._any = False
        self._filter = ""
        self._round: _Verification | None = None
        self._paths: tuple[Path, ...] = ()
        self._more = 0
        self._found: list[Verified] = []
        self._timer: Timer | None = None

    def heading(self) -> str:
        """Return where the person is, and for what kind of file."""
        return f"Kiểm tra tệp từ nơi khác › {'tệp XML khác có chữ ký' if self._any else 'học bạ'}"

    def hint(self) -> str:
        """Return what to do here."""
        return "Gõ đường dẫn một tệp hay một thư mục trên máy chủ rồi Enter. F3: học bạ, hay tệp XML khác có chữ ký."

    def body(self) -> ComposeResult:
        """Yield the path and the table."""
        yield PathBox(placeholder="đường dẫn tệp hoặc thư mục, ví dụ ~/hoc-ba-nhan-ve", select_on_focus=False)
        columns = (RowColumn("Kết luận", 21), RowColumn("Tệp", 24), RowColumn("Của ai, vì sao", 0))
        yield Rows(columns, "Chưa kiểm tra tệp nào. Tab: điền tiếp tên tệp.")

    def on_mount(self) -> None:
        """Focus the path."""
        self._timer = self.set_interval(_LOOK_EVERY, self._look, pause=True)
        self.call_after_refresh(self.query_one(Input).focus)

    def on_unmount(self) -> None:
        """Stop the thread, also when the connection drops."""
        if self._round is not None:
            self._round.stop()

    async def may_leave(self) -> bool:
        """Stop the verification; nothing is lost, since nothing is written."""
        if self._round is not None:
            self._round.stop()
        return True

    def on_path_box_fitting(self, event: PathBox.Fitting) -> None:
        """Say which files fit what was typed."""
        names = ", ".join(event.names[:_NAMED]) + ("…" if len(event.names) > _NAMED else "")
        self.say(f"{len(event.names)} tệp khớp: {names}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Verify what was named."""
        event.stop()
        self._begin()

    def action_kind(self) -> None:
        """Switch between records and any signed XML; verify again what is shown."""
        self._any = not self._any
        self.query_one("#title", Title).say(self.heading())
        if self._paths:
            self._begin()
        else:
            self.say(self.hint())

    def action_stop(self) -> None:
        """End after the files that are being verified."""
        if self._round is None:
            self.say("Không có gì đang kiểm tra.")
        else:
            self._round.stop()

    def action_filter(self) -> None:
        """Show files of one verdict, or all."""
        self._filter = _FILTERS[(_FILTERS.index(self._filter) + 1) % len(_FILTERS)]
        self._fill()
        self.say(self._summary())

    def action_open(self) -> None:
        """Show the file under the cursor step by step."""
        chosen = self.query_one(Rows).chosen
        if not chosen or int(chosen) >= len(self._found):
            self.say("Tệp này chưa được kiểm tra tới." if chosen else self.hint())
            return
        shown = [number for number in self._shown() if number < len(self._found)]
        files = [self._found[number] for number in shown]
        self.app.push_screen(VerdictPage(self.desk, files, shown.index(int(chosen))))

    def _begin(self) -> None:
        if self._round is not None:
            self._round.stop()
        self._paths, self._found, self._more, self._filter = (), [], 0, ""
        self._round = _Verification(self.desk, self.query_one(Input).value, any_xml=self._any)
        self.run_worker(self._round.run, thread=True, group="verify", description="kiểm tra")
        self.say("Đang tìm các tệp…")
        if self._timer is not None:
            self._timer.resume()

    def _look(self) -> None:
        """Show what the thread has found since the last call."""
        current = self._round
        if current is None:
            return
        ended = current.done
        if current.listed is not None and not self._paths:
            self._paths, self._more = current.listed.paths, current.listed.more
            self._fill()
            self.query_one(Rows).list.focus()
        fresh = range(len(self._found), len(self._found) + len(current.inbox))
        self._found += [current.inbox.popleft() for _ in fresh]
        if fresh and self._filter:
            self._fill()
        elif fresh:
            self.query_one(Rows).change({str(number): self._row(number) for number in fresh})
        if self._paths:
            self.say(self._summary())
        if ended:
            self._end(current)

    def _end(self, ended: _Verification) -> None:
        self._round = None
        if self._timer is not None:
            self._timer.pause()
        if not self._paths:
            self._fill()
            self.say("Chưa kiểm tra được tệp nào.")
            self.query_one(Input).focus()
        elif ended.stopped:
            self.say(f"Đã dừng. {self._summary()}")
        if ended.error is not None:
            self.tell(ended.error)

    def _fill(self) -> None:
        self.query_one(Rows).fill((str(number), self._row(number)) for number in self._shown())

    def _shown(self) -> Sequence[int]:
        """Return the numbers of the files that the filter lets through."""
        if not self._filter:
            return range(len(self._paths))
        return [number for number, one in enumerate(self._found) if one.verdict.verdict == self._filter]

    def _row(self, number: int) -> tuple[str, str, str]:
        from hocba_tui.flow.verify.browse import shown_name, verdict_word, whose_and_why

        name = shown_name(self._paths[number])
        if number >= len(self._found):
            return "…", name, ""
        return verdict_word(self._found[number]), name, whose_and_why(self._found[number])

    def _summary(self) -> str:
        counts = Counter(one.label for one in self._found)
        said = ", ".join(f"{count} {label}" for label, count in counts.items())
        parts = [f"Đã kiểm tra {len(self._found)}/{len(self._paths)} tệp" + (f": {said}." if said else ".")]
        left = self._round.left(len(self._found), len(self._paths)) if self._round is not None else ""
        if left:
            parts.append(f"Còn khoảng {left}.")
        if self._more:
            parts.append(f"Còn {self._more} tệp nữa không xem ở đây: dùng lệnh hocba verify.")
        if any(one.verdict.training for one in self._found):
            parts.append("Khóa tập huấn: KHÔNG CÓ GIÁ TRỊ PHÁP LÝ.")
        if self._filter:
            parts.append(f"Đang lọc {len(self._shown())} tệp, l để đổi.")
        elif self._found:
            parts.append("Enter: chi tiết.")
        return " ".join(parts)
