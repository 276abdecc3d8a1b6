"""Queues of classes that wait for the principal's signature or for the seal.

The first row is all of them. Only the page that it opens, which lists them, signs them all with one PIN; so no key that
was typed ahead turns one class into all.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.reports.progress import (
    ClassProgress,
    all_progress,
    count_all,
    known_progress,
    sealing_progress,
)
from hocba_tui.model.values import Slot
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import Confirm, Notice
from hocba_tui.screens.keys import Action
from hocba_tui.screens.reading import READING, ReadingPage
from hocba_tui.screens.signing.batch import BatchPage
from hocba_tui.widgets.rows import RowColumn, Rows

if TYPE_CHECKING:
    from hocba_tui.flow.records.jobs import Done
    from hocba_tui.flow.records.keys import Key
    from hocba_tui.flow.records.sign_batch import Gate

_ALL = "*"
"""The row of all classes; no class is called so."""
_NONE_WAITS = "Không có học bạ nào chờ ở bước này."


class QueuePage(ReadingPage[Sequence[ClassProgress]], BatchPage):
    """Classes with something waiting, first; the others below. As ``everything``, those that wait, to sign them all."""

    SCOPE = "queue"
    BINDINGS = bindings_for("queue")
    PAGE: ClassVar[str]
    NEXT: ClassVar[str]
    TITLE_TEXT: ClassVar[str]
    DOES: ClassVar[str]
    """What F7 does, in the words of the key bar."""

    def __init__(self, desk: Desk, everything: str = "") -> None:
        super().__init__(desk)
        self._everything = bool(everything)
        self._queue: dict[str, int] = {}
        self._refused: list[str] = []

    def heading(self) -> str:
        """Return where the person is."""
        return f"{self.TITLE_TEXT} › tất cả các lớp đang chờ" if self._everything else self.TITLE_TEXT

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Lớp", 5), RowColumn("Sĩ số", 6), RowColumn("Chờ ở đây", 10), RowColumn("", 0)), "")

    def waiting(self, at: ClassProgress) -> int:
        """Return how many records of a class wait here."""
        raise NotImplementedError

    def verb(self, class_key: str, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Sign what waits in one class."""
        raise NotImplementedError

    def steps(self) -> Iterator[object]:
        """Count one class after the other."""
        return count_all(self.desk)

    def read(self) -> Sequence[ClassProgress]:
        """Return the progress of every class."""
        return all_progress(self.desk)

    def read_so_far(self) -> Sequence[ClassProgress]:
        """Return the progress of the classes that have been counted."""
        return [at for _, at in known_progress(self.desk) if at is not None]

    def show(self, found: Sequence[ClassProgress]) -> None:
        """Show how many wait in each class."""
        ordered = sorted(found, key=lambda at: (self.waiting(at) == 0, at.classroom.key))
        # What is signed together is what was counted to the end.
        self._queue = {at.classroom.key: self.waiting(at) for at in ordered if self.waiting(at) and self.whole}
        rows: list[tuple[str, Sequence[str]]] = [
            (at.classroom.key, (at.classroom.key, str(at.pupils), str(self.waiting(at)), _progress_words(at)))
            for at in ordered
            if self.waiting(at) or not self._everything
        ]
        count = sum(self._queue.values())
        if self._queue and not self._everything:
            rows.insert(0, (_ALL, (f"Tất cả: {len(self._queue)} lớp, {count} học bạ",)))
        self.query_one(Rows).fill(rows)
        self.refresh_bar()
        if not self.whole:
            return
        if not self._queue:
            self.summarise(_NONE_WAITS)
        elif self._everything:
            self.summarise(f"{count} học bạ chờ. F7: {self._does()}, một lần gõ PIN. Enter: mở một lớp để xem.")
        else:
            self.summarise(f"{count} học bạ chờ. Enter: mở lớp để xem và ký; dòng Tất cả: xem rồi ký mọi lớp một lần.")

    def _does(self) -> str:
        return f"{self.DOES} {len(self._queue)} lớp ({sum(self._queue.values())})"

    def label_of(self, action: Action) -> str:
        """Say in the key bar what F7 does, with the numbers; nothing in the list where it signs nothing."""
        if action.name == "sign":
            return self._does() if self._everything and self._queue and not self.busy else ""
        return super().label_of(action)

    @work
    async def action_sign(self) -> None:
        """Ask once by number, then sign what waits in all classes, with one PIN; in the list, say where that is."""
        if self.busy:
            return
        if not self._queue:
            self.say(_NONE_WAITS if self.whole else READING)
            return
        if not self._everything:
            self.say("Ở danh sách này F7 không ký gì. Enter mở một lớp, hoặc dòng Tất cả; F7 ký ở đó.")
            return
        self._refused = []
        count = sum(self._queue.values())
        what = f"{count} học bạ của {len(self._queue)} lớp"
        classes = f"{', '.join(self._queue)}. {self.PROMISE}"
        if await self.app.push_screen_wait(Confirm(f"{self.VERB} {what}?", classes, self._does())):
            self.sign_batch(count, what, self._all_classes)

    async def _all_classes(self, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Sign class by class; a class that this person may not sign is left out."""
        for classroom in self._queue:
            try:
                async with aclosing(self.verb(classroom, signer, gate)) as batch:
                    async for done in batch:
                        yield done
            except (Refused, NotAllowed) as error:
                self._refused.append(f"{classroom}: {error.what}")
            if gate.stopped:
                return

    def batch_ended(self) -> None:
        """Count again, and show which classes were left out."""
        self.look_again()
        if self._refused:
            self.app.push_screen(Notice("Có lớp chưa ký được; các lớp khác đã ký.", *self._refused))

    def record_done(self, done: Done) -> None:
        """Note which records were left out, for the end of the batch."""
        if done.problem:
            self._refused.append(f"{done.pupil.name}: {done.problem}")

    def action_open(self) -> None:
        """Open the class under the cursor, or the list of all that wait."""
        chosen = self.query_one(Rows).chosen
        if chosen == _ALL:
            self.go(self.PAGE, everything="yes")
        elif chosen:
            self.go(self.NEXT, class_key=chosen)


class ApproveQueuePage(QueuePage):
    """For the principal."""

    PAGE = "approve"
    NEXT = "approve_class"
    TITLE_TEXT = "Duyệt và ký học bạ"
    SLOT = Slot.PRINCIPAL
    VERB = "Duyệt và ký"
    DOES = "Ký"
    PROMISE = "Bạn xác nhận kết quả của từng em ở mọi lớp này. Muốn xem từng phiếu: Esc, rồi mở từng lớp."

    def waiting(self, at: ClassProgress) -> int:
        """Return what was submitted."""
        return at.submitted

    def verb(self, class_key: str, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Sign CBQL."""
        from hocba_tui.flow.records.approve import approve

        return approve(self.desk, class_key, signer, gate)


class SealQueuePage(QueuePage):
    """For the clerk."""

    PAGE = "seal"
    NEXT = "seal_class"
    TITLE_TEXT = "Đóng dấu (ký số phát hành)"
    SLOT = Slot.SEAL
    VERB = "Ký số phát hành"
    DOES = "Đóng dấu"
    PROMISE = "Sau khi phát hành, học bạ không sửa được; chỉ thu hồi và tạo bản mới."

    def read(self) -> Sequence[ClassProgress]:
        """Return the progress of every class, with what is in no package yet."""
        return sealing_progress(self.desk)

    def waiting(self, at: ClassProgress) -> int:
        """Return what was approved, and what is sealed but in no package yet."""
        return at.approved + at.unpackaged

    def verb(self, class_key: str, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Seal, write the files and queue them."""
        from hocba_tui.flow.records.issue import issue

        return issue(self.desk, class_key, signer, gate)


def _progress_words(at: ClassProgress) -> str:
    if at.unreadable:
        return f"KHÔNG ĐỌC ĐƯỢC: {at.unreadable}"
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
