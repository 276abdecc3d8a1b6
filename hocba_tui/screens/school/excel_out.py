"""Ask for form, period and path of an Excel file of a class, and write it."""

from __future__ import annotations

from hocba_tui.errors import HocbaError
from hocba_tui.flow.handing_out import how_to_fetch, offered, place_of
from hocba_tui.flow.reports.home_tasks import current_period
from hocba_tui.flow.reports.sheets import Written, export_sheet, file_name
from hocba_tui.log.keeping import shown
from hocba_tui.model.values import Period, SheetForm
from hocba_tui.rules.permits import Act
from hocba_tui.screens.dialogs import AskFields, Choose, Notice
from hocba_tui.screens.page import Page


def ask_excel(page: Page, class_key: str) -> None:
    """Ask for the form, the period and the path; write the file and show its path on ``page``."""
    if not page.permits(Act.EXPORT, class_key):
        page.attempt(lambda: page.desk.require(Act.EXPORT, page.desk.classroom(class_key)))
        return
    now = current_period(page.desk)

    def form_chosen(form: str | None) -> None:
        if form is None:
            return
        wanted = SheetForm(form)
        if not wanted.of_a_period:
            _ask_path(page, class_key, wanted, now)
            return

        def period_chosen(period: str | None) -> None:
            if period is not None:
                _ask_path(page, class_key, wanted, Period(period))

        page.app.push_screen(Choose("Kỳ nào?", [(p, p.label) for p in Period], now), period_chosen)

    page.app.push_screen(Choose(f"Xuất Excel lớp {class_key}", [(f, f.label) for f in SheetForm]), form_chosen)


def _ask_path(page: Page, class_key: str, form: SheetForm, period: Period) -> None:
    done: list[Written] = []

    def check(typed: dict[str, str]) -> str:
        try:
            path = place_of(page.desk, typed["path"])
            done.append(export_sheet(page.desk, form, class_key, period, path))
        except HocbaError as error:
            shown(error)
            return f"{error.what} {error.now}"
        return ""

    def answered(typed: dict[str, str] | None) -> None:
        if typed is not None:
            written = done[-1]
            fetch = how_to_fetch(page.desk, written.path)
            said = f"Đã ghi {written.pupils} em" + ("." if fetch else f" vào {written.path}.")
            page.app.push_screen(Notice(said, *fetch, *written.missing, *written.notes))

    present = {"path": ("Tệp", offered(page.desk, file_name(form, class_key, period)))}
    page.app.push_screen(AskFields(f"{form.label}: ghi vào đâu?", present, check=check, as_typed=True), answered)
