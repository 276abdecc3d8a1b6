"""Review: what is missing or odd, with a way to go to the cell."""

from __future__ import annotations

from textual.app import ComposeResult

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.review import review
from hocba_tui.model.finding import Finding, Severity
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.keys import Action
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.whose import whose_words
from hocba_tui.widgets.frame import Title
from hocba_tui.widgets.rows import RowColumn, Rows

_RETURNED = "RETURNED"


class ReviewPage(ListPage):
    """The findings of one class."""

    SCOPE = "review"
    BINDINGS = bindings_for("review")

    def __init__(self, desk: Desk, class_key: str) -> None:
        super().__init__(desk)
        self.class_key = class_key
        self._errors_only = False
        self._findings: tuple[Finding, ...] = ()
        self._ready = 0

    def heading(self) -> str:
        """Return the title of the page."""
        return f"Rà soát lớp {self.class_key}" + (" (chỉ điều phải sửa)" if self._errors_only else "")

    def body(self) -> ComposeResult:
        """Yield the table."""
        columns = (
            RowColumn("Mức", 12), RowColumn("Học sinh", 20), RowColumn("Của ai", 7), RowColumn("Điều cần xem", 0),
        )  # fmt: skip
        yield Rows(columns, "Không có gì phải sửa. F7 để sang màn hình nộp.")

    def look(self) -> None:
        """Review the class again."""
        found = self.attempt(lambda: review(self.desk, self.class_key))
        if found is None:
            return
        names = {pupil.key: pupil.name for pupil in found.pupils}
        returned = [
            Finding(
                _RETURNED,
                Severity.ERROR,
                f"Hiệu trưởng trả lại: {found.records[p.key].reason}",
                p.key,
                remedy="Sửa theo lí do này, rồi nộp lại.",
            )
            for p in found.drafts
            if found.records[p.key].reason
        ]
        me = self.desk.account
        in_order = sorted(found.findings, key=lambda f: (-f.severity, found.keeper(f) != me))
        if found.classroom.homeroom != me:  # Who teaches a subject here sees her own before anything else.
            in_order.sort(key=lambda f: found.keeper(f) != me)
        everything = (*returned, *in_order)
        self._findings = tuple(f for f in everything if not self._errors_only or f.severity is Severity.ERROR)
        whose = whose_words(self.desk, {found.keeper(finding) for finding in self._findings})
        self.query_one(Rows).fill(
            (str(number), (one.severity.label, names.get(one.pupil, ""), whose[found.keeper(one)], one.message))
            for number, one in enumerate(self._findings)
        )
        self._ready = len(found.ready)
        self.refresh_bar()
        wrong = sum(1 for finding in found.findings if finding.severity is Severity.ERROR)
        self.summarise(f"{wrong} điều phải sửa; {len(found.ready)} em nộp được, {len(found.held_back)} em phải để lại.")

    def on_rows_moved(self) -> None:
        """Show the finding under the cursor in full, and its remedy."""
        if chosen := self.query_one(Rows).chosen:
            finding = self._findings[int(chosen)]
            self.say(f"{finding.message} {finding.remedy}".strip())

    def action_open(self) -> None:
        """Go to the cell, or to the pupil in the class list."""
        chosen = self.query_one(Rows).chosen
        if not chosen:
            return
        finding = self._findings[int(chosen)]
        if finding.field.count(".") == 2:
            self.go("grid", class_key=self.class_key, pupil=finding.pupil, field=finding.field)
        elif finding.code == _RETURNED:
            self.go("grid", class_key=self.class_key, pupil=finding.pupil)
        elif finding.pupil:
            self.go("roster", class_key=self.class_key, pupil=finding.pupil)

    def action_error(self) -> None:
        """Go to the next line that must be corrected."""
        errors = {str(n) for n, finding in enumerate(self._findings) if finding.severity is Severity.ERROR}
        if not self.query_one(Rows).go_to_next(errors):
            self.say("Không có điều nào phải sửa.")

    def action_edit(self) -> None:
        """Go to the cell, as Enter does."""
        self.action_open()

    def label_of(self, action: Action) -> str:
        """Say in the key bar which class F7 is about, and how many records are complete."""
        return f"Nộp lớp {self.class_key} ({self._ready})" if action.name == "submit" else super().label_of(action)

    def action_errors(self) -> None:
        """Show only the errors, or everything."""
        self._errors_only = not self._errors_only
        self.query_one("#title", Title).say(self.heading())
        self.look()

    def action_submit(self) -> None:
        """Open the screen for submitting."""
        self.go("submit", class_key=self.class_key)
