"""Ask for the facts of a class, show what would come of them, and save it."""

from __future__ import annotations

from collections.abc import Callable

from hocba_tui.errors import HocbaError
from hocba_tui.flow.school.classes import PlannedClass, as_facts, plan_class, save_class
from hocba_tui.log.keeping import shown
from hocba_tui.model.school import ClassRoom
from hocba_tui.rules.permits import WHO, Act
from hocba_tui.screens.dialogs import AskFields, Confirm
from hocba_tui.screens.page import Page
from hocba_tui.text import clean_line

_NOTE = "Môn tự chọn: NN1 (tiếng Anh lớp 1, 2), TDT (tiếng dân tộc), cách nhau một dấu cách."
Told = Callable[[str], None]
"""Called with what was done."""


def ask_new_class(page: Page, told: Told) -> None:
    """Ask for a new class; it can be changed later, but not removed."""
    _ask(page, "Thêm lớp", {"key": ("Tên lớp", ""), **_fields(ClassRoom(""))}, "", told)


def ask_change(page: Page, key: str, told: Told) -> None:
    """Ask what is to be changed of a class."""
    fields = _fields(page.desk.classroom(key))
    _ask(page, f"Sửa lớp {key}", {**fields, "reason": ("Lí do, khi bỏ môn", "")}, key, told)


def _fields(room: ClassRoom) -> dict[str, tuple[str, str]]:
    return {
        "grade": ("Khối", str(room.grade or "")),
        "combined": ("Lớp ghép: khối khác", " ".join(map(str, room.combined))),
        "code": ("Mã lớp CSDL ngành", room.code),
        "optional": ("Môn tự chọn", " ".join(room.optional)),
        "tested": ("Trong đó có KTĐK", " ".join(room.tested)),
    }


def _ask(page: Page, title: str, fields: dict[str, tuple[str, str]], key: str, told: Told) -> None:
    plans: list[PlannedClass] = []

    def check(typed: dict[str, str]) -> str:
        name = key or clean_line(typed["key"]).upper()
        try:
            plan = plan_class(page.desk, name, as_facts({**typed, "key": name}), new=not key)
        except HocbaError as error:
            shown(error)
            return f"{error.what} {error.now}"
        if not plan.words:
            return "Chưa đổi gì."
        if plan.dropped and not page.permits(Act.DROP_SUBJECT, key):
            return f"Lớp {key} đã có kết quả ở {plan.dropped}: chỉ {WHO[Act.DROP_SUBJECT]} bỏ được."
        if plan.dropped and not clean_line(typed["reason"]):
            return f"Lớp {key} đã có kết quả ở {plan.dropped}: bỏ thì ghi lí do."
        plans.append(plan)
        return ""

    def answered(typed: dict[str, str] | None) -> None:
        if typed is None:
            return
        plan = plans[-1]
        gone = f" Kết quả đã nhập ở {plan.dropped} không mất, nhưng không còn vào học bạ." if plan.dropped else ""
        once = " Lớp đã thêm thì sửa được, không xóa được." if plan.new else ""

        def sure(yes: bool | None) -> None:
            facts = as_facts({**typed, "key": plan.after.key})
            if yes and page.attempt(
                lambda: save_class(page.desk, plan.after.key, facts, typed.get("reason", ""), plan.before)
            ):
                told(f"Đã lưu. {plan.words}")

        page.app.push_screen(Confirm(f"{title}?", f"{plan.words}{gone}{once}", "lưu"), sure)

    page.app.push_screen(AskFields(title, fields, _NOTE, check=check), answered)
