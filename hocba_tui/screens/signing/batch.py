"""The common base of the screens that sign: one PIN, many records.

The certificate is judged before the PIN is asked. Records are signed one by one, so that after any failure it is known
exactly which are done. Space pauses a batch; Esc stops it after the record that is being signed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import work

from hocba_tui.errors import HocbaError, SigningFailed, system_reason
from hocba_tui.log.keeping import shown
from hocba_tui.model.values import Slot
from hocba_tui.screens.dialogs import AskFields, Confirm, Notice
from hocba_tui.screens.keys import Action
from hocba_tui.screens.listed import ListPage

if TYPE_CHECKING:
    from hocba_tui.flow.records.jobs import Done
    from hocba_tui.flow.records.keys import Key, KeyInfo
    from hocba_tui.flow.records.sign_batch import Gate

LAST_RECORD = 200.0
"""Seconds for the record that is being signed when the program must end: longer than a token may be silent."""
Signing = Callable[["Key", "Gate"], AsyncGenerator["Done", None]]
"""Signs with an unlocked key; yields each record as it becomes durable."""


class BatchPage(ListPage):
    """Base of the screens that sign: asks for the PIN once, signs record by record, shows the progress."""

    SLOT: ClassVar[Slot]
    VERB: ClassVar[str]
    PROMISE: ClassVar[str]

    _gate: Gate | None = None
    """Of the batch that is being signed; None when none is."""

    def may_look(self) -> bool:
        """Return whether no records are being signed."""
        return not self.busy

    @property
    def busy(self) -> bool:
        """Return whether records are being signed."""
        return self._gate is not None

    @property
    def under_way(self) -> bool:
        """Return whether records are being signed, and nobody has paused that."""
        return self._gate is not None and not self._gate.paused

    @property
    def in_the_middle(self) -> bool:
        """Return whether a record may be with the token, also while the batch is paused."""
        return self.busy

    async def save_typed(self) -> None:
        """Let the record that is being signed be signed, and no other: the terminal is gone, or the server stops."""
        if self._gate is not None:
            self._gate.stopped = True
        until = time.monotonic() + LAST_RECORD
        while self.busy and time.monotonic() < until:  # noqa: ASYNC110 - the batch runs in another thread
            await asyncio.sleep(0.05)

    def on_unmount(self) -> None:
        """Let no batch wait for a key that nobody can press any more: its thread would keep the program from ending."""
        if self._gate is not None:
            self._gate.stopped = True

    def record_done(self, done: Done) -> None:
        """Note the result of a record (called in the signing thread)."""

    def batch_ended(self) -> None:
        """Update the screen after a batch."""

    def afterwards(self) -> str:
        """Return a sentence that says who acts next."""
        return ""

    async def may_leave(self) -> bool:
        """Return whether no records are being signed; ask whether to stop when some are."""
        if self.busy and await self.app.push_screen_wait(
            Confirm(
                "Đang ký. Dừng sau học bạ đang ký?",
                "Những học bạ đã ký vẫn giữ nguyên; phần còn lại ký lúc khác.",
                "dừng ký",
            )
        ):
            self.action_stop()
        return not self.busy

    def label_of(self, action: Action) -> str:
        """Show the key that pauses while something is being signed."""
        return "Tạm dừng" if action.name == "step" and self.busy else super().label_of(action)

    def action_step(self) -> None:
        """Pause the batch, or continue it; go to the next row when nothing is being signed."""
        if self._gate is None:
            super().action_step()
            return
        self._gate.paused = not self._gate.paused
        if self._gate.paused:
            self.say("Đã tạm dừng. Space: ký tiếp; Esc: dừng hẳn. Những học bạ đã ký vẫn giữ nguyên.")

    def action_stop(self) -> None:
        """Stop the batch after the record that is being signed."""
        if self._gate is None:
            self.say("Không có gì đang ký.")
            return
        self._gate.stopped = True
        self.say("Sẽ dừng sau học bạ đang ký. Phần còn lại ký lúc khác, không em nào phải ký hai lần.")

    @work
    async def sign_batch(self, count: int, what: str, signing: Signing) -> None:
        """Judge the certificate, ask for the PIN once, then sign in a thread of its own."""
        from hocba_tui.flow.records.before_pin import before_pin
        from hocba_tui.flow.records.keys import find_key
        from hocba_tui.flow.records.sign_batch import Gate

        try:
            with self.keys_held():
                key = await find_key(self.desk, self.SLOT)
            clock = before_pin(self.desk)
        except HocbaError as error:
            self.tell(error)
            return
        if key.final_try and not await self.app.push_screen_wait(
            Confirm(
                "Token chỉ còn MỘT lần thử PIN. Gõ sai lần này token sẽ KHÓA. Vẫn ký?",
                "Không chắc thì đừng thử.",
                "vẫn ký",
            )
        ):
            return
        notes = [self.PROMISE, *clock, f"Token: {key.tries}." if key.tries else ""]
        if self.desk.school.training:
            notes.append("Kho tập huấn: PIN là 123456.")
        fields = {"pin": ("Mã PIN của token (không hiện ra khi gõ)", "")}
        form = AskFields(f"{self.VERB} {what}", fields, " ".join(note for note in notes if note), secret=True)
        typed = await self.app.push_screen_wait(form)
        if typed is None:
            return
        self._gate = gate = Gate()
        self.refresh_bar()
        pin = typed["pin"]

        def run() -> None:
            self._run(pin, key, count, lambda signer: signing(signer, gate))

        # Not arguments of the worker: Textual describes workers by their arguments.
        self.run_worker(run, thread=True, exclusive=True, group="signing", description="ký")

    def _run(self, pin: str, key: KeyInfo, count: int, verb: Callable[[Key], AsyncGenerator[Done, None]]) -> None:
        pace, good = Pace(count), 0
        unstamped: list[str] = []

        async def everybody() -> None:
            nonlocal good
            from hocba_tui.flow.records.keys import with_key

            async with aclosing(with_key(self.desk, self.SLOT, pin, verb, found=key, final=key.final_try)) as batch:
                async for done in batch:
                    good += not done.problem
                    unstamped.extend([done.unstamped] if done.unstamped else [])
                    self.record_done(done)
                    gate = self._gate
                    if gate is not None and not gate.paused:
                        self.app.call_from_thread(self.say, pace.line(done.pupil.name, len(unstamped)))

        error: HocbaError | None = None
        try:
            asyncio.run(everybody())
        except HocbaError as found:
            shown(found)
            error = found
        except OSError as found:
            shown(found)
            error = SigningFailed(f"Máy báo lỗi khi ký: {system_reason(found)}.", "Báo người phụ trách máy chủ.")
        self.app.call_from_thread(self._ended, count, good, error, unstamped)

    def _ended(self, count: int, good: int, error: HocbaError | None, unstamped: Sequence[str]) -> None:
        from hocba_tui.flow.records.timestamps import unstamped_lines

        lines = unstamped_lines(unstamped)
        stopped = self._gate is not None and self._gate.stopped
        self._gate = None
        self.batch_ended()
        self.refresh_bar()
        if error is not None:
            left = count - good
            done = f"Đã ký và lưu {good} học bạ; còn {left} chưa ký." if good else f"Chưa ký học bạ nào; còn {left}."
            self.app.push_screen(Notice(error.what, done, " ".join(lines), error.safe, error.now))
            return
        if stopped and good < count:
            said = f"Đã dừng: ký được {good}/{count} học bạ. F7 để ký tiếp phần còn lại, lúc nào cũng được."
        else:
            said = f"{self.VERB}: xong {good}/{count} học bạ.{self.afterwards()}"
        self.say(" ".join((said, *lines[:1])))
        if lines:
            self.app.push_screen(Notice(said, *lines))


class Pace:
    """The progress of a batch: its count, its pace, the time left."""

    _RECENT = 20
    """The pace is computed from so many records, so that an earlier pause does not count forever."""

    def __init__(self, count: int, now: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._now = now
        self._times = [now()]
        self._done = 0

    def line(self, name: str, unstamped: int = 0) -> str:
        """Count one more record; return "Đã ký 12/35: … · 2,1 học bạ/giây · còn khoảng 11 giây".

        ``unstamped`` is how many have no time-stamp though the school wants one.
        """
        self._done += 1
        self._times = [*self._times[-self._RECENT :], self._now()]
        line = f"Đã ký {self._done}/{self._count}: {name}"
        if unstamped:
            line += f" · {unstamped} chưa có dấu thời gian"
        spent = self._times[-1] - self._times[0]
        left = self._count - self._done
        if not left or spent <= 0:
            return line
        rate = (len(self._times) - 1) / spent
        return f"{line} · {rate:.1f} học bạ/giây · còn khoảng {duration(left / rate)}".replace(".", ",", 1)


def duration(seconds: float) -> str:
    """Return a duration in words: "11 giây", "3 phút", "1 giờ 20 phút"."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} giây"
    minutes = round(whole / 60)
    return f"{minutes} phút" if minutes < 60 else f"{minutes // 60} giờ {minutes % 60} phút"
