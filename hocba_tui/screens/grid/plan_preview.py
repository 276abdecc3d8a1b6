"""What an act on many cells would write, what not and why; nothing is written before a yes."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from hocba_tui.flow.grades.blocks import BEFORE, CLEAR, EMPTY, FILL, PASTE, Line, Plan
from hocba_tui.model.results import Value
from hocba_tui.screens.dialog import BOX, Dialog
from hocba_tui.screens.grid.places import column_name
from hocba_tui.widgets.grid_model import fit

_TITLES = {
    FILL: "Giống ô trên cùng",
    BEFORE: "Lấy của kỳ trước",
    EMPTY: "Điền các ô trống",
    CLEAR: "Xóa các ô",
    PASTE: "Dán",
}


class PlanPreview(Dialog[bool]):
    """A plan, cell by cell; Enter does nothing, so that nobody agrees by accident."""

    DEFAULT_CSS = f"""PlanPreview {{ {BOX}
        & > Vertical {{ width: 78; }}
        & OptionList, & OptionList:focus {{ max-height: 13; }}
    }}"""
    BINDINGS = [
        Binding("f2,ctrl+w", "answer(True)", "Ghi", id="plan.yes"),
        Binding("escape", "answer(False)", "Không", id="plan.no"),
    ]
    OLD_KEYS = {"c": "F2"}

    def __init__(self, plan: Plan) -> None:
        super().__init__("F2: ghi   Esc: không ghi gì" if plan.writing else "Esc: đóng")
        self._plan = plan

    def compose(self) -> ComposeResult:
        """Lay out the numbers and the cells; cells that need attention come first."""
        plan = self._plan
        lines = [*map(_left_out, plan.left_out), *map(_changed, plan.changing)]
        lines += [_new(line) for line in plan.writing if line.before is None]
        with Vertical():
            yield Label(plan_title(plan), classes="title", markup=False)
            for words in plan_words(plan):
                yield Label(words, markup=False)
            yield OptionList(*[Option(line) for line in lines], markup=False)
            yield self.keys_line()

    def action_answer(self, answer: bool) -> None:
        """Return the answer; when there is nothing to write, only no is possible."""
        if not answer or self._plan.writing:
            self.dismiss(answer)


def plan_title(plan: Plan) -> str:
    """Return what would be done, with the number of cells."""
    count, pupils = len(plan.writing), len({line.pupil.key for line in plan.writing})
    what = f"ghi {count} ô của {pupils} em?" if count else "không có ô nào ghi được."
    return f"{_TITLES[plan.act]}: {what}"


def plan_words(plan: Plan) -> Iterator[str]:
    """Yield in words what changes, what stays and what does not fit."""
    if plan.changing:
        yield f"{len(plan.changing)} ô đang có giá trị khác sẽ bị thay."
    stays = [f"{plan.same} ô đã đúng như vậy"] if plan.same else []
    stays += [f"{plan.kept} ô có giá trị mà khối dán để trống: giữ nguyên"] if plan.kept else []
    if stays:
        yield f"{'; '.join(stays)}."
    if plan.left_out:
        reasons = ", ".join(f"{count} {why}" for why, count in plan.reasons().items())
        yield f"Để lại {len(plan.left_out)} ô: {reasons}."
    if plan.over:
        yield f"Không vừa bảng: {'; '.join(plan.over)}."


def _left_out(line: Line) -> str:
    wanted = f" {_short(line.text)}" if line.text else ""
    return f"không ghi  {_where(line)}{wanted} ({line.why}) {line.reason}".rstrip()


def _changed(line: Line) -> str:
    return f"thay       {_where(line)} {_short(line.before)} → {_short(line.after)}"


def _new(line: Line) -> str:
    return f"mới        {_where(line)} {_short(line.after)}"


def _where(line: Line) -> str:
    return f"{fit(line.pupil.name, 20)} {column_name(line.column)}:"


def _short(value: Value) -> str:
    text = "trống" if value in (None, "") else str(value).replace("\n", " ")
    return text if len(text) <= 24 else f"“{text[:22]}…”"
