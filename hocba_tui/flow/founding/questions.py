"""What the wizard asks about a new school, step by step; each answer goes to its place in the founding file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hocba_tui.errors import Refused
from hocba_tui.flow.founding.class_line import classrooms_of, grades_of
from hocba_tui.flow.school.accounts import read_account
from hocba_tui.flow.school.settings import LABELS, REQUIRED, read_settings, require_portal
from hocba_tui.model.school import School, Staff
from hocba_tui.model.values import Role
from hocba_tui.store.backend import SCHOOL
from hocba_tui.text import clean_line

Place = tuple[str, ...]
"""Where an answer stands in the file: its table, or the table of an account, and its name there."""


@dataclass(frozen=True)
class Question:
    """One line to fill in."""

    place: Place
    label: str
    check: Callable[[str], object]
    """Raises Refused when what was typed is not valid."""
    required: bool = False

    def problem(self, typed: str) -> str:
        """Return why what was typed will not do; empty when it does."""
        if not clean_line(typed):
            return f"{self.label}: phải ghi." if self.required else ""
        try:
            self.check(typed)
        except Refused as error:
            return f"{error.what} {error.now}".strip()
        return ""


@dataclass(frozen=True)
class Step:
    """Questions that are asked together."""

    title: str
    note: str
    questions: tuple[Question, ...]
    begins_with: Mapping[Place, str]
    """What stands in a line before anybody has typed there."""
    account: str = ""
    """The account that the step is about; it is left out of the file when nothing is said of it."""

    def first_problem(self, typed: Sequence[str]) -> tuple[int, str] | None:
        """Return the first line that will not do and why; None when the next step may come."""
        lines = list(zip(self.questions, typed, strict=True))
        # Where somebody is spoken of, they have a name.
        said = bool(self.account) and any(
            clean_line(text) not in ("", self.begins_with.get(q.place)) for q, text in lines
        )
        for line, (question, text) in enumerate(lines):
            named = bool(said) and question.place[-1] == "name"
            if problem := replace(question, required=question.required or named).problem(text):
                return line, problem
        return None


def steps(today: date, login: str) -> tuple[Step, ...]:
    """Return the steps; ``login`` is that of the person who answers, who looks after the computer."""
    begin = today.year if today.month >= 6 else today.year - 1
    return (
        Step(
            "Trường", "Những gì ghi ở đây đi vào học bạ; xem kĩ từng chữ. Chưa biết thì để trống, ghi sau.",
            _settings(
                name="Tên trường", code="Mã trường (danh mục của Bộ)", address="Địa chỉ", year="Năm học",
                deadline_completed="Bộ nhận học bạ trước ngày", deadline_others="Các em còn lại: trước ngày",
                portal="Cổng tiếp nhận (https://…)",
            ),
            {("school", "year"): f"{begin}-{begin + 1}"},
        ),
        Step(
            "Nơi quản lí", "Sở, tỉnh, xã theo tên gọi hiện nay. Mã tỉnh, mã xã: không rõ thì để trống.",
            _settings(
                department="Sở Giáo dục và Đào tạo", department_code="Mã sở (hai chữ số)",
                province="Tỉnh, thành phố", province_code="Mã tỉnh", commune="Xã, phường", commune_code="Mã xã",
                district="Huyện (chỉ cho định dạng cũ)",
            ),
            {("school", "district"): "Không còn cấp huyện"},
        ),
        _person("hieutruong", Role.PRINCIPAL, "Hiệu trưởng", "hieutruong", required=True, note=
                "Người duyệt và ký. Số định danh đi vào chữ ký; chưa biết thì để trống, ghi sau."),
        _person("vanthu", Role.CLERK, "Văn thư", "vanthu", note=
                "Người giữ con dấu. Chưa có thì để trống họ tên."),
        _person("quantri", Role.ADMINISTRATOR, "Quản trị", login, title="Nhân viên công nghệ thông tin", note=
                f"Người trông máy và tài khoản, không sửa được kết quả nào. Bạn đang vào máy này bằng tên “{login}”."),
        Step(
            "Các lớp", "Gõ một dòng: 1A-1D, 2A 2B, 3A. Chữ số đầu là khối. Lớp ghép thì sửa sau ở trang Các lớp.",
            (
                Question(("classes", "names"), "Các lớp", classrooms_of),
                Question(("classes", "english"), "Khối 1, 2 học tiếng Anh", grades_of),
            ),
            {("classes", "english"): "không"},
        ),
    )  # fmt: skip


def roles_of(account: str) -> tuple[str, ...]:
    """Return the roles of an account that the wizard makes."""
    return {
        "hieutruong": (Role.PRINCIPAL.value,), "vanthu": (Role.CLERK.value,), "quantri": (Role.ADMINISTRATOR.value,)
    }[account]  # fmt: skip


def _settings(**labels: str) -> tuple[Question, ...]:
    return tuple(Question(("school", name), label, _checker(name), name in REQUIRED) for name, label in labels.items())


def _checker(name: str) -> Callable[[str], object]:
    def check(typed: str) -> None:
        read = read_settings({name: typed})
        if name == "portal":
            require_portal(School(SCHOOL, **read))

    assert name in LABELS
    return check


def _person(
    account: str, role: Role, words: str, login: str, *, note: str, title: str = "", required: bool = False
) -> Step:
    def checker(name: str) -> Callable[[str], object]:
        return lambda typed: read_account(account, Staff(account, name=words, roles=(role.value,)), {name: typed})

    labels = {"name": "Họ và tên", "title": "Chức danh", "system_user": "Tên đăng nhập máy chủ",
              "personal_id": "Số định danh cá nhân"}  # fmt: skip
    return Step(
        words, note,
        tuple(
            Question(("accounts", account, name), label, checker(name), required and name == "name")
            for name, label in labels.items()
        ),
        {("accounts", account, "title"): title or words, ("accounts", account, "system_user"): login},
        account,
    )  # fmt: skip
