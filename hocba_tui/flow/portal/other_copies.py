"""Before a package goes out: whether another copy of this store has gone on without it.

What is sent cannot be taken back, so an older copy of a store must not send. Where the copies share the folder of their
backups, each notes there how far it has come, also when it sends.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import Desk
from hocba_tui.store.backups.backup_state import read_state
from hocba_tui.store.backups.noted_heads import Comparison, note_how_far

ANSWERS_WITHIN = 15.0
"""Seconds after which a folder counts as one that cannot be reached: a network drive may hang for ever."""


class Foremost:
    """Asks once, before the first package, whether this store is the one that has come farthest."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._folder = ""
        self.asked = False
        self.unknown = ""
        """Why it is not known, as a sentence; empty when it is, and when nothing was asked."""

    def require(self) -> None:
        """Raise StoreUnusable when another copy has gone on, by what is noted where this store was backed up last.

        Where that cannot be seen, the sending goes on, and :attr:`unknown` says why.
        """
        if self.asked:
            return
        self._folder = read_state(self._desk.root).folder
        if self._folder:
            self._note()
        else:
            self.unknown = "Kho này chưa sao lưu lần nào, nên không biết có bản chép nào khác của nó đang dùng không."
        self.asked = True

    def note_again(self) -> None:
        """Note how far the store has come with what was sent, so that a copy from before is told."""
        if self.asked and self._folder:
            self._note()

    def _note(self) -> None:
        found = self._answer()
        if found.apart:
            first, more = found.apart[0], len(found.apart) - 1
            raise StoreUnusable(
                f"Kho này cũ hơn mốc mà {first.store} đã ghi, hoặc đã đi ngả khác: "
                f"{first.words}{f' (và {more} nhật ký nữa)' if more else ''}.",
                f"Gửi từ kho đang dùng thật. Mốc ở {self._folder}; nếu kho này mới là kho dùng tiếp, người giữ máy chủ "
                "chạy hocba backup --accept-fork, rồi gửi lại.",
                "Chưa gửi gói nào từ kho này; mọi dữ liệu đã lưu vẫn an toàn.",
            )
        if found.problem:
            self.unknown = f"Không biết có bản chép nào khác của kho này đang dùng không: {found.problem}."

    def _answer(self) -> Comparison:
        """Return what the folder says; that it does not answer, when it takes too long, and then ask no more."""
        folder, answers = self._folder, list[Comparison]()

        def ask() -> None:
            answers.append(note_how_far(self._desk.root, Path(folder), self._desk.clock.now().isoformat()))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(ANSWERS_WITHIN)
        if answers:
            return answers[0]
        self._folder = ""
        return Comparison(problem=f"thư mục {folder} không trả lời")


@contextlib.contextmanager
def foremost(desk: Desk) -> Iterator[Foremost]:
    """Let packages be sent as the foremost copy of the store; see :class:`Foremost`."""
    asked = Foremost(desk)
    try:
        yield asked
    finally:
        # What was sent stays sent: another copy that went on meanwhile is told, and so is this one at the next act.
        with contextlib.suppress(StoreUnusable):
            asked.note_again()
