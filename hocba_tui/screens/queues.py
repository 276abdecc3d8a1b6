"""Which classes wait for the principal's signature, and which for the seal."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from hocba_tui.flow.overview import ClassProgress, all_progress
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.page import Page
from hocba_tui.widgets.rows import RowColumn, Rows


class QueuePage(Page):
    """Classes with something waiting, first; the others below."""

    SCOPE = "queue"
    BINDINGS = bindings_for("queue")
    NEXT: ClassVar[str]
    TITLE_TEXT: ClassVar[str]

    def heading(self) -> str:
        """Return where the person is."""
        return self.TITLE_TEXT

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Lớp", 5), RowColumn("Sĩ số", 6), RowColumn("Chờ ở đây", 10), RowColumn("", 0)), "")

    def waiting(self, at: ClassProgress) -> int:
        """Return how many records of a class wait here."""
        raise NotImplementedError

    def on_screen_resume(self) -> None:
        """Count anew."""
        found = self.attempt(lambda: all_progress(self.desk)) or ()
        ordered = sorted(found, key=lambda at: (self.waiting(at) == 0, at.classroom.key))
        self.query_one(Rows).fill(
            (at.classroom.key, (at.classroom.key, str(at.pupils), str(self.waiting(at)), _standing(at)))
            for at in ordered
        )
        self.say(f"{sum(self.waiting(at) for at in found)} học bạ chờ. Enter: mở lớp để xem và ký.")

    def action_open(self) -> None:
        """Open the class under the cursor."""
        if chosen := self.query_one(Rows).chosen:
            self.go(self.NEXT, classroom=chosen)


class ApproveQueuePage(QueuePage):
    """For the principal."""

    NEXT = "approve_class"
    TITLE_TEXT = "Duyệt và ký học bạ"

    def waiting(self, at: ClassProgress) -> int:
        """Return what was submitted."""
        return at.submitted


class SealQueuePage(QueuePage):
    """For the clerk."""

    NEXT = "seal_class"
    TITLE_TEXT = "Đóng dấu (ký số phát hành)"

    def waiting(self, at: ClassProgress) -> int:
        """Return what was approved, and what is sealed but in no batch yet."""
        return at.approved + at.unbatched


def _standing(at: ClassProgress) -> str:
    parts = [
        (at.gaps, "ô trống"),
        (at.ready, "em đủ để nộp"),
        (at.submitted, "chờ duyệt"),
        (at.approved, "chờ dấu"),
        (at.issued, "đã phát hành"),
        (at.accepted, "đã tiếp nhận"),
        (at.rejected, "bị từ chối"),
    ]
    return ", ".join(f"{count} {label}" for count, label in parts if count)
