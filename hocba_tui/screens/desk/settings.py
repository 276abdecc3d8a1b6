"""Show and change the settings of the school: what each means, who may change it, what a change would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from textual.app import ComposeResult

from hocba_tui.errors import HocbaError
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.school.settings import LABELS, change_settings, choices, last_change, said, undo_setting
from hocba_tui.log.keeping import shown
from hocba_tui.model.school import School
from hocba_tui.rules.permits import WHO, Act
from hocba_tui.screens.actions import bindings_for
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm
from hocba_tui.screens.listed import ListPage
from hocba_tui.text import day_first
from hocba_tui.widgets.rows import RowColumn, Rows


class Said(NamedTuple):
    """What is said of a setting."""

    label: str
    meaning: str
    """What it is for."""
    doing: str = ""
    """What a change would do, where that must be confirmed."""


SETTINGS: Mapping[str, Said] = {
    "name": Said("Tên trường", "In trong học bạ và trên con dấu.",
        "Học bạ nộp từ nay mang tên mới; học bạ đã nộp giữ tên cũ. Con dấu phải có tên đúng như vậy."),
    "code": Said("Mã trường", "Theo danh mục của Bộ; đi vào học bạ và vào gói gửi.",
        "Học bạ nộp từ nay mang mã mới; mã cũ được giữ lại để nhận ra học bạ trước đây."),
    "year": Said("Năm học", "Quyết định quy định nào áp dụng. Sang năm học mới là một việc khác, không sửa ở đây."),
    "deadline_completed": Said("Hạn của Bộ", "Bộ nhận học bạ trước ngày này; màn hình đầu đếm ngày."),
    "deadline_others": Said("Hạn, các em còn lại", "Bộ nhận học bạ các em đánh giá bổ sung trước ngày này."),
    "department": Said("Sở GDĐT", "Tên sở, in trong học bạ."),
    "department_code": Said("Mã sở", "Hai chữ số, theo danh mục của Bộ."),
    "commune": Said("Xã, phường", "Tên gọi hiện nay, in trong học bạ."),
    "commune_code": Said("Mã xã", "Năm chữ số, theo danh mục hành chính."),
    "district": Said("Huyện", "Chỉ định dạng cũ còn bắt buộc có; huyện đã bỏ từ 01/07/2025."),
    "province": Said("Tỉnh, thành phố", "Tên gọi hiện nay, in trong học bạ."),
    "province_code": Said("Mã tỉnh", "Hai chữ số, theo danh mục hành chính."),
    "address": Said("Địa chỉ", "Địa chỉ của trường, in trong học bạ."),
    "portal": Said("Cổng tiếp nhận", "Địa chỉ https nhận học bạ; trống là chưa gửi. Thử lại bằng: Hộp gửi.",
        "Gói đang chờ và gói sau này được gửi tới địa chỉ mới. Chỉ đổi theo văn bản của nơi nhận."),
    "profile": Said("Định dạng học bạ", "Cách viết tệp XML mà nơi nhận đòi hỏi.",
        "Học bạ nộp từ nay theo định dạng mới; học bạ đã nộp giữ định dạng của nó. Hỏi nơi nhận trước khi đổi."),
    "xades": Said("Thuộc tính XAdES", "Chữ ký kèm thuộc tính XAdES; cần có khi dùng dấu thời gian.",
        "Chữ ký từ nay theo cách mới; chữ ký đã có giữ nguyên. Bỏ XAdES thì bỏ cả dấu thời gian."),
    "timestamps": Said("Nơi cấp dấu thời gian", "Địa chỉ http hoặc https; trống là không dùng. Dùng thì kèm XAdES.",
        "Chữ ký từ nay hỏi dấu thời gian ở địa chỉ ấy, và kèm XAdES."),
    "idle_minutes": Said("Phút không bấm phím", "Sau ngần ấy phút không có phím nào thì phiên lưu xong rồi đóng."),
    "idle_admin": Said("Phút ấy, với quản trị", "Như trên, cho người quản lí tài khoản."),
    "trusted_by_key": Said("Vào bằng khóa chung", "Ban giám hiệu, văn thư, quản trị vào bằng khóa SSH của máy chung.",
        "Ai giữ tệp khóa của máy chủ thì vào được bằng tài khoản của ban giám hiệu, văn thư, quản trị."),
}  # fmt: skip
"""In the order of the page."""


class SettingsPage(ListPage):
    """One row for each setting."""

    SCOPE = "settings"
    BINDINGS = bindings_for("settings")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._news = ""

    def heading(self) -> str:
        """Return the title."""
        return "Trường"

    def body(self) -> ComposeResult:
        """Yield the table."""
        yield Rows((RowColumn("Mục", 23), RowColumn("Hiện nay", 0)), "")

    def look(self) -> None:
        """Show the settings as they are now."""
        school = self.desk.school
        self.query_one(Rows).fill((name, (one.label, said(school, name) or "–")) for name, one in SETTINGS.items())
        if self._news:
            self.say(self._news)
            self._news = ""
        else:
            self.on_rows_moved()

    def on_rows_moved(self) -> None:
        """Say what the setting under the cursor is for, and who changes it."""
        if name := self.query_one(Rows).chosen:
            self.say(f"{SETTINGS[name].meaning} {WHO[act_for(name)].capitalize()} sửa.")

    def row_words(self) -> str:
        """Return which setting the numbered list is about."""
        return SETTINGS[self.query_one(Rows).chosen].label

    def action_open(self) -> None:
        """Ask for another value."""
        name = self.query_one(Rows).chosen
        if not self.permits(act_for(name)):
            self.refuse(f"Mục này do {WHO[act_for(name)]} sửa.")
            return
        if name == "year":
            self.refuse(SETTINGS[name].meaning)
            return
        school = self.desk.school
        now, title = said(school, name), f"{SETTINGS[name].label}: {LABELS[name].lower()}"
        if options := choices(name):

            def chosen(value: str | None) -> None:
                if value is not None and value != now:
                    self._confirm(name, value, now)

            self.app.push_screen(Choose(title, [(value, value) for value in options], now), chosen)
        else:
            self._ask(name, now)

    def _ask(self, name: str, now: str) -> None:
        def check(typed: dict[str, str]) -> str:
            if SETTINGS[name].doing:
                return ""
            try:
                self._change(name, typed["value"])
            except HocbaError as error:
                shown(error)
                return f"{error.what} {error.now}"
            return ""

        def answered(typed: dict[str, str] | None) -> None:
            if typed is not None and SETTINGS[name].doing and typed["value"] != now:
                self._confirm(name, typed["value"], now)

        as_typed = name in ("portal", "timestamps", "code")
        field = {"value": (LABELS[name], now)}
        self.app.push_screen(
            AskFields(SETTINGS[name].label, field, SETTINGS[name].meaning, check=check, as_typed=as_typed), answered
        )

    def _confirm(self, name: str, value: str, now: str) -> None:
        """Ask once more before what cannot be seen at once, then change it."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.attempt(lambda: self._change(name, value))

        question = f"{SETTINGS[name].label}: “{now or 'trống'}” thành “{value or 'trống'}”?"
        self.app.push_screen(Confirm(question, SETTINGS[name].doing, "đổi"), answered)

    def _change(self, name: str, value: str) -> None:
        school = change_settings(self.desk, _with(self.desk.school, name, value))
        self._news = f"Đã đổi {SETTINGS[name].label.lower()}: {said(school, name) or 'trống'}. F3 để hoàn tác."

    def action_undo(self) -> None:
        """Ask, then take back the last change of the setting under the cursor."""
        name = self.query_one(Rows).chosen
        entry = self.attempt(lambda: last_change(self.desk, name))
        if entry is None:
            self.refuse(f"{SETTINGS[name].label}: chưa ai sửa từ khi lập trường.")
            return
        lines = [
            f"{SETTINGS[edit.field].label}: “{_value(edit.after)}” về “{_value(edit.before)}”"
            for edit in entry.edits
            if edit.field in SETTINGS
        ]
        by = self.desk.staff(entry.actor).name or entry.actor

        def answered(yes: bool | None) -> None:
            if yes and self.attempt(lambda: undo_setting(self.desk, name)) is not None:
                self._news = f"Đã hoàn tác: {'; '.join(lines)}."

        detail = f"{'; '.join(lines)}. {by} đã sửa ngày {day_first(entry.at[:10])}. {SETTINGS[name].doing}"
        self.app.push_screen(Confirm("Hoàn tác lần sửa cuối?", detail, "hoàn tác"), answered)


def act_for(name: str) -> Act:
    """Return the act that changing a setting is."""
    return Act.ADMIT_BY_KEY if name == "trusted_by_key" else Act.SET_SCHOOL


def _with(school: School, name: str, value: str) -> dict[str, str]:
    """Return a setting with what must be changed together with it."""
    if name == "timestamps" and value.strip() and not school.xades:
        return {"xades": "có", name: value}
    if name == "xades" and value != "có" and school.timestamps:
        return {name: value, "timestamps": ""}
    return {name: value}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    return day_first(str(value)) if value else "trống"
