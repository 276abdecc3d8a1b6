"""Home: today's tasks, and how many days are left."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.widgets import Static

from hocba_tui.flow.desk import Desk
from hocba_tui.flow.reports.home_tasks import Task, known_tasks, tasks
from hocba_tui.flow.reports.progress import count_all
from hocba_tui.rules.windows import deadlines
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.listed import ListPage
from hocba_tui.screens.reading import ReadingPage
from hocba_tui.widgets.rows import RowColumn, Rows


class HomePage(ReadingPage[tuple[Task, ...]], ListPage):
    """The tasks of this person."""

    SCOPE = "home"
    BINDINGS = bindings_for("home")
    DEFAULT_CSS = "HomePage #deadlines { height: auto; padding: 0 1 1 1; }"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._tasks: dict[str, Task] = {}
        self._put_on: str | None = ""
        """The task on which the page has put the cursor; None when that is the person's own business."""

    def heading(self) -> str:
        """Return the title of the page."""
        return "Việc của tôi hôm nay"

    def body(self) -> ComposeResult:
        """Yield the deadlines and the tasks."""
        yield Static(self._deadlines(), id="deadlines", markup=False)
        yield Rows((RowColumn("", 1), RowColumn("Việc", 40), RowColumn("Tình trạng", 0)), "Không có việc nào chờ bạn.")

    def steps(self) -> Iterator[object]:
        """Count one class after the other."""
        return count_all(self.desk)

    def read(self) -> tuple[Task, ...]:
        """Return the tasks."""
        return tasks(self.desk)

    def read_so_far(self) -> tuple[Task, ...]:
        """Return the tasks with what has been counted."""
        return known_tasks(self.desk)

    def show(self, found: tuple[Task, ...]) -> None:
        """Show the tasks; at first the cursor is on what is urgent, unless the person has moved it meanwhile."""
        rows = self.query_one(Rows)
        self._tasks = {task.name: task for task in found}
        rows.fill((name, ("»" if task.urgent else " ", task.label, task.detail)) for name, task in self._tasks.items())
        urgent = next((name for name, task in self._tasks.items() if task.urgent), "")
        if self._put_on is not None and urgent:
            self._put_on = urgent
            rows.go_to(urgent)
        if self.whole:
            self._put_on = None
            self.summarise(self._next(urgent, here=rows.chosen == urgent))

    def on_rows_moved(self) -> None:
        """Leave the cursor to the person from now on."""
        if self.query_one(Rows).chosen != self._put_on:
            self._put_on = None

    def action_open(self) -> None:
        """Open the task under the cursor."""
        chosen = self.query_one(Rows).chosen
        if chosen:
            self.open_task(self._tasks[chosen])

    def _next(self, urgent: str, *, here: bool) -> str:
        """Return the next task, for the status line; Enter opens it only when the cursor is on it."""
        if not urgent:
            return "Mũi tên để chọn, Enter để mở."
        task = self._tasks[urgent]
        how = "Enter để mở" if here else "Mũi tên để tới, Enter để mở"
        return f"Việc tiếp theo: {task.label} ({task.detail}). {how}."

    def _deadlines(self) -> str:
        lines = []
        for deadline in deadlines(self.desk.school, self.desk.clock.today()):
            day = f"{deadline.last_good_day:%d/%m/%Y}"
            if deadline.days_left < 0:
                lines.append(f"Đã quá hạn {-deadline.days_left} ngày ({day}): {deadline.label}.")
            else:
                lines.append(f"Còn {deadline.days_left} ngày, tới hết {day}: {deadline.label}.")
        if self.desk.school.training:
            lines.append("Kho tập huấn: không có gì ở đây là thật; mọi mã PIN là 123456.")
        return "\n".join(lines)
