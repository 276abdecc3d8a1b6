"""Sign a class: the homeroom teacher submits, the principal approves, the clerk seals.

The three screens have one form: the records that wait, those that do not and why, and the batch.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.review import ClassReview, review
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.screens.keys import Action
from hocba_tui.screens.signing.batch import BatchPage
from hocba_tui.widgets.rows import RowColumn, Rows

if TYPE_CHECKING:
    from hocba_tui.flow.records.jobs import Done
    from hocba_tui.flow.records.keys import Key
    from hocba_tui.flow.records.sign_batch import Gate

_NONE_WAITS = "Không có học bạ nào chờ ở bước này."


class SigningPage(BatchPage):
    """Base of the three; a subclass says which records wait and which verb signs them."""

    SCOPE = "signing"
    BINDINGS = bindings_for("signing")
    TITLE_TEXT: ClassVar[str]
    DOES: ClassVar[str]
    """What F7 does, in the words of the key bar."""

    def __init__(self, desk: Desk, class_key: str) -> None:
        super().__init__(desk)
        self.class_key = class_key
        self._review: ClassReview | None = None
        self._ready = 0
        self._results: dict[str, str] = {}

    def heading(self) -> str:
        """Return where the person is."""
        return f"{self.TITLE_TEXT} › {self.class_key}"

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (RowColumn("Học sinh", 26), RowColumn("Học bạ", 14), RowColumn("", 0))
        yield Rows(columns, "Lớp chưa có học sinh.")

    def waiting(self, found: ClassReview) -> Sequence[Pupil]:
        """Return the pupils whose records this act would sign."""
        raise NotImplementedError

    def verb(self, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Sign them with an unlocked key; yield each as it becomes durable."""
        raise NotImplementedError

    def reason(self, found: ClassReview, pupil: Pupil) -> str:
        """Return what there is to say about a pupil."""
        errors = found.of(pupil.key)
        held = found.held_back.get(pupil.key)
        if held:
            return f"để lại: {held[0].message}"
        gaps = [f for f in errors if f.code.startswith("GAP")]
        if gaps and found.records[pupil.key].state is RecordState.DRAFT:
            return f"còn {len(gaps)} ô trống"
        return found.records[pupil.key].reason

    def look(self) -> None:
        """Read the class again."""
        found = self.attempt(lambda: review(self.desk, self.class_key))
        if found is None:
            return
        self._review = found
        ready = {pupil.key for pupil in self.waiting(found)}
        self.query_one(Rows).fill(
            (
                pupil.key,
                (
                    pupil.name,
                    "sẵn sàng" if pupil.key in ready else found.records[pupil.key].state.label,
                    self._results.get(pupil.key) or self.reason(found, pupil),
                ),
            )
            for pupil in found.pupils
        )
        self._ready = len(ready)
        self.refresh_bar()
        if not self.busy:
            self.summarise(f"{len(ready)} học bạ sẵn sàng. F7: {self._does()}." if ready else _NONE_WAITS)

    def _does(self) -> str:
        return f"{self.DOES} lớp {self.class_key} ({self._ready})"

    def label_of(self, action: Action) -> str:
        """Say in the key bar what F7 does, with the class and the number of records."""
        if action.name == "sign":
            return self._does() if self._ready and not self.busy else ""
        return super().label_of(action)

    def on_rows_moved(self) -> None:
        """Show in full why the record of the pupil under the cursor does not wait here."""
        chosen = self.query_one(Rows).chosen
        if self._review is None or self.busy or not chosen:
            return
        pupil = next(found for found in self._review.pupils if found.key == chosen)
        if reason := self._results.get(chosen) or self.reason(self._review, pupil):
            self.say(reason)

    def action_staying(self) -> None:
        """Go to the next pupil whose record has a reason to stay."""
        found = self._review
        staying = {pupil.key for pupil in found.pupils if self.reason(found, pupil)} if found else set()
        if not self.query_one(Rows).go_to_next(staying):
            self.say("Không có em nào phải để lại.")

    def action_open(self) -> None:
        """Open the card of the pupil under the cursor."""
        if chosen := self.query_one(Rows).chosen:
            self.go("card", class_key=self.class_key, pupil=chosen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Return whether an action is possible: only the principal's screen returns records."""
        return action != "send_back" or self.SLOT is Slot.PRINCIPAL

    @work
    async def action_sign(self) -> None:
        """Ask once by class and number, then sign everything that waits here, record by record."""
        if self.busy or self._review is None or not self.can_begin():
            return
        count = len(self.waiting(self._review))
        if not count:
            self.say(_NONE_WAITS)
            return
        what = f"{count} học bạ của lớp {self.class_key}"
        question, detail = self.question(self._review, what)
        if await self.app.push_screen_wait(Confirm(question, detail, f"{self.DOES} {count} học bạ")):
            self._results.clear()
            self.sign_batch(count, what, self.verb)

    def question(self, found: ClassReview, what: str) -> tuple[str, str]:  # noqa: ARG002
        """Return what to ask before the PIN, and a sentence about it."""
        return f"{self.VERB} {what}?", self.PROMISE

    def can_begin(self) -> bool:
        """Return whether the act can begin; say why not."""
        return True

    def record_done(self, done: Done) -> None:
        """Note the result of a pupil's record."""
        self._results[done.pupil.key] = done.problem or "✓ vừa ký"

    def batch_ended(self) -> None:
        """Read the class again."""
        self.look()


class SubmitPage(SigningPage):
    """The homeroom teacher signs and submits."""

    SLOT = Slot.HOMEROOM
    TITLE_TEXT = "Ký và nộp học bạ"
    VERB = "Ký và nộp"
    DOES = "Nộp"
    PROMISE = "Sau khi nộp, kết quả của các em này không sửa được nữa, trừ khi hiệu trưởng trả lại."

    def waiting(self, found: ClassReview) -> Sequence[Pupil]:
        """Return who is complete and in draft."""
        return found.ready

    def can_begin(self) -> bool:
        """Return whether a round is open; gaps are asked about in ``question``."""
        from hocba_tui.flow.records.ready import prepare

        return self.attempt(lambda: prepare(self.desk, self.class_key, leave_gaps=True)) is not None

    def question(self, found: ClassReview, what: str) -> tuple[str, str]:
        """Ask whether only those who are complete are submitted, when pupils with gaps are left out."""
        if not found.gaps:
            return super().question(found, what)
        pupils = len({gap.pupil for gap in found.gaps})
        return (
            f"Lớp {self.class_key} còn {len(found.gaps)} ô trống của {pupils} em. Chỉ nộp {len(found.ready)} em đã đủ?",
            "Các em còn ô trống ở lại, nộp sau. Muốn xem từng ô: về, mở Rà soát.",
        )

    def verb(self, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Freeze and sign."""
        from hocba_tui.flow.records.submit import submit

        return submit(self.desk, self.class_key, signer, gate, leave_gaps=True)

    def afterwards(self) -> str:
        """Return a sentence that says who acts next."""
        return " Hiệu trưởng sẽ duyệt."


class ApprovePage(SigningPage):
    """The principal signs what was submitted."""

    SLOT = Slot.PRINCIPAL
    TITLE_TEXT = "Duyệt và ký"
    VERB = "Duyệt và ký"
    DOES = "Ký"
    PROMISE = "Bạn xác nhận kết quả của từng em. Xem phiếu bằng Enter, trả lại bằng F8."

    def waiting(self, found: ClassReview) -> Sequence[Pupil]:
        """Return who was submitted."""
        return [p for p in found.pupils if found.records[p.key].state is RecordState.SUBMITTED]

    def can_begin(self) -> bool:
        """Return whether this person may sign what waits here, and whether it could be kept."""
        from hocba_tui.flow.records.ready import jobs_to_approve

        return self.attempt(lambda: jobs_to_approve(self.desk, self.class_key)) is not None

    def verb(self, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Sign CBQL."""
        from hocba_tui.flow.records.approve import approve

        return approve(self.desk, self.class_key, signer, gate)

    def action_send_back(self) -> None:
        """Return the record under the cursor with a reason."""
        chosen = self.query_one(Rows).chosen
        if not chosen or self._review is None or self.busy:
            return
        name = next(pupil.name for pupil in self._review.pupils if pupil.key == chosen)
        if self._review.records[chosen].state not in (RecordState.SUBMITTED, RecordState.APPROVED):
            self.say(f"Học bạ của {name} {self._review.records[chosen].state.label}; không có gì để trả lại.")
            return

        def answered(typed: dict[str, str] | None) -> None:
            from hocba_tui.flow.records.approve import send_back

            if typed is not None:
                self._results.pop(chosen, None)
                self.attempt(lambda: send_back(self.desk, self.class_key, chosen, typed["reason"]))
                self.look()

        self.app.push_screen(AskFields(f"Trả lại học bạ của {name}", {"reason": ("Lí do", "")}), answered)

    def afterwards(self) -> str:
        """Return a sentence that says who acts next."""
        return " Văn thư sẽ đóng dấu."


class SealPage(SigningPage):
    """The clerk seals what was approved."""

    SLOT = Slot.SEAL
    TITLE_TEXT = "Đóng dấu"
    VERB = "Ký số phát hành"
    DOES = "Đóng dấu"
    PROMISE = "Sau khi phát hành, học bạ không sửa được; chỉ thu hồi và tạo bản mới."

    def waiting(self, found: ClassReview) -> Sequence[Pupil]:
        """Return who was approved, and who is sealed but in no package yet (the token failed before it)."""
        from hocba_tui.flow.records.ready import unpackaged

        left = set(unpackaged(self.desk.open_class(self.class_key)))
        records = found.records
        return [p for p in found.pupils if records[p.key].state is RecordState.APPROVED or records[p.key].uuid in left]

    def can_begin(self) -> bool:
        """Return whether this person may seal what waits here, and whether it could be kept and packed."""
        from hocba_tui.flow.records.ready import jobs_to_issue

        return self.attempt(lambda: jobs_to_issue(self.desk, self.class_key)) is not None

    def verb(self, signer: Key, gate: Gate) -> AsyncGenerator[Done, None]:
        """Seal, write the files and queue them."""
        from hocba_tui.flow.records.issue import issue

        return issue(self.desk, self.class_key, signer, gate)

    def afterwards(self) -> str:
        """Return a sentence that says who acts next."""
        return " Đã xếp vào hộp gửi."
