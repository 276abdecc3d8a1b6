"""The whole table of permissions over everything public in flow: role and class by verb, in a draft and a sealed class.

A public function of flow that takes a desk is in a row, with the act that it must ask for, or among those that need
none, with the reason; what takes the root of a store is the machine's. A new one that is nowhere fails.
"""

from __future__ import annotations

import ast
import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import hocba_tui.flow
from hocba_tui.errors import HocbaError, NotAllowed
from hocba_tui.flow.activity import coming_and_going, proving
from hocba_tui.flow.comments import bank, bank_import_export
from hocba_tui.flow.desk import PROPOSALS, REQUESTS, Desk
from hocba_tui.flow.grades import conflicts, enter, marks, missing, results_import, retests, review
from hocba_tui.flow.importing import RowKind
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.people import assignments, leaving, staff
from hocba_tui.flow.people import card as people_card
from hocba_tui.flow.portal import outbox, send
from hocba_tui.flow.pupils import enrolment, facts, past_years, pupils_import
from hocba_tui.flow.records import approve, issue, issued_files, offline_server, ready, register_certificate, submit
from hocba_tui.flow.reports import card, history, server_state, sheets
from hocba_tui.flow.requested import Kind
from hocba_tui.flow.school import (
    accounts,
    assigning,
    classes,
    confirming,
    duties,
    issue_rounds,
    login_requests,
    logins,
    periods,
    settings,
    staff_import,
)
from hocba_tui.flow.upkeep import at_once
from hocba_tui.flow.verify import browse, issued
from hocba_tui.model.bank import Shelf
from hocba_tui.model.pupil import Pupil, SchoolYearRow
from hocba_tui.model.results import HEIGHT, LEVEL, PROMOTED, SCORE, Cell
from hocba_tui.model.values import Period, Role, SheetForm, Slot
from hocba_tui.rules.permits import Act, may
from hocba_tui.store.backend import Edit
from tests.support.actors import ACTORS, add_actors

END = Period.END_YEAR
ROOM = "5A"
IT, MATHS, SCORED = Cell(END, "TIN", LEVEL), Cell(END, "TOAN", LEVEL), Cell(END, "TOAN", SCORE)


@dataclass(frozen=True)
class At:
    """What a verb needs besides its desk: read by somebody who may read it all."""

    head: Desk
    pupil: Pupil
    folder: Path

    @property
    def seen(self) -> marks.Marks:
        return marks.open_marks(self.head, ROOM, "TOAN", END)


Verb = Callable[[Desk, At], object]


@dataclass(frozen=True)
class Row:
    """A verb, the act that it asks for and the subject in which it asks."""

    act: Act
    verb: Verb
    subject: str = ""
    somewhere: bool = False
    """Whether the act in any class is enough: which one it is says a file that is still to be read."""


def typed(cell: Cell) -> Verb:
    """Return the verb that writes into a cell what is there already, so that only the permission decides."""

    def run(desk: Desk, at: At) -> None:
        seen = at.head.class_shard(ROOM).document("results", at.pupil.key).get(cell.field)
        refused = enter.enter(
            desk, ROOM, [enter.Typed(at.pupil.key, cell, "" if seen is None else str(seen), seen)]
        ).refused
        require_other_reason([one.reason for one in refused])

    return run


def require_other_reason(reasons: list[str]) -> None:
    """Raise NotAllowed when a cell was refused because it is somebody else's."""
    if any(reason.startswith("Ô này do") for reason in reasons):
        raise NotAllowed(reasons[0])


def first(coming: object) -> object:
    """Run an asynchronous verb up to its first result."""

    async def run() -> object:
        return await anext(coming) if hasattr(coming, "__anext__") else await coming  # type: ignore[misc]

    return asyncio.run(run())


def again(desk: Desk, at: At) -> None:
    try:
        retests.assess_again(desk, ROOM, at.pupil.key, SCORED, retests.Again("", "", ""))
    except HocbaError as refused:
        require_other_reason([refused.what])
        raise


def take_back(desk: Desk, at: At) -> None:
    found = enter.take_back(desk, ROOM, [enter.Typed(at.pupil.key, MATHS, "T", "T")])
    require_other_reason([one.reason for one in found.refused])


def results_block(desk: Desk, at: At) -> results_import.ResultsPreview:
    held = at.head.class_shard(ROOM).document("results", at.pupil.key).get(MATHS.field)
    other = "H" if held == "T" else "T"
    text = f"Mã học sinh\tHọ và tên\tMức đạt được\n{at.pupil.code}\t{at.pupil.name}\t{other}\n"
    return results_import.preview(desk, text, results_import.ResultsRequest(END, ROOM, subject="TOAN"))


def results_apply(desk: Desk, at: At) -> None:
    """Judged cell by cell as if it were typed: what is not the actor's is told and not written."""
    found = results_block(desk, at)
    if any(line.kind is RowKind.REFUSED and line.reason.startswith("Ô này do") for line in found.lines):
        raise NotAllowed("cell")
    results_import.apply(desk, replace(found, lines=()))


def class_list(at: At, account: str = "hieutruong") -> pupils_import.PupilsPreview:
    text = f"Mã học sinh\tHọ và tên\tLớp\tNgày sinh\n{at.pupil.code}\t{at.pupil.name}\t{ROOM}\t{at.pupil.birth}\n"
    return pupils_import.preview(at.head if account == "hieutruong" else open_desk(at.head.root, account), text)


STAFF_LIST = (
    "Họ tên\tEmail\tTrạng thái CB\tVị trí việc làm\tNhóm chức vụ\tMôn dạy\tSố định danh\tGiới tính\n"
    "Phạm Thị Mới\t\tĐang làm việc\tGiáo viên tiểu học\tGiáo viên\t\t\tNữ\n"
)
BANK_LIST = "Nhận xét\nEm tiến bộ nhiều.\n"

A_ROW = SchoolYearRow("2020-2021", "1A", "Trường Mẫu", "2020-09-05")
A_YEAR = {"year": "x", "class_name": "1A", "school": "Trường Mẫu", "arrived": "05/09/2020"}


def bank_list(at: At) -> bank_import_export.BankPreview:
    return replace(bank_import_export.preview(at.head, BANK_LIST, Shelf.SCHOOL), lines=())


ROWS: dict[str, Row] = {
    # --- grades
    "grades.enter.enter": Row(Act.ENTER_SUBJECT, typed(MATHS), "TOAN"),
    "grades.enter.enter: another's subject": Row(Act.ENTER_SUBJECT, typed(IT), "TIN"),
    "grades.enter.enter: a fact of the year": Row(Act.ENTER_HOMEROOM, typed(HEIGHT)),
    "grades.enter.enter: promotion": Row(Act.DECIDE_PROMOTION, typed(PROMOTED)),
    "grades.enter.take_back": Row(Act.ENTER_SUBJECT, take_back, "TOAN"),
    "grades.retests.assess_again": Row(Act.ENTER_SUBJECT, again, "TOAN"),
    "grades.conflicts.clash_over": Row(
        Act.VIEW_CLASS, lambda d, at: conflicts.clash_over(d, ROOM, enter.Typed(at.pupil.key, MATHS, "T", None), "")
    ),
    "grades.marks.open_marks": Row(Act.VIEW_CLASS, lambda d, _: marks.open_marks(d, ROOM, "TOAN", END)),
    "grades.marks.look_again": Row(Act.VIEW_CLASS, lambda d, at: marks.look_again(d, at.seen)),
    "grades.missing.missing": Row(Act.VIEW_CLASS, lambda d, _: missing.missing(d, ROOM, END)),
    "grades.missing.owing": Row(Act.VIEW_CLASS, lambda d, _: missing.owing(d, END, ROOM)),
    "grades.review.review": Row(Act.VIEW_CLASS, lambda d, _: review.review(d, ROOM)),
    "grades.results_import.preview": Row(Act.VIEW_CLASS, results_block),
    "grades.results_import.require_classes": Row(
        Act.VIEW_CLASS, lambda d, _: results_import.require_classes(d, results_import.ResultsRequest(END, ROOM))
    ),
    "grades.results_import.require_classes: results of a period that is over": Row(
        Act.BRING_EARLIER,
        lambda d, _: results_import.require_classes(d, results_import.ResultsRequest(END, ROOM, earlier="x")),
    ),
    "grades.results_import.apply": Row(Act.ENTER_SUBJECT, results_apply, "TOAN"),
    # --- pupils
    "pupils.enrolment.admit": Row(Act.IMPORT_PUPILS, lambda d, _: enrolment.admit(d, ROOM, {"name": ""})),
    "pupils.enrolment.leave": Row(Act.IMPORT_PUPILS, lambda d, at: enrolment.leave(d, ROOM, at.pupil.key, "x", "", "")),
    "pupils.enrolment.come_back": Row(
        Act.IMPORT_PUPILS, lambda d, at: enrolment.come_back(d, ROOM, at.pupil.key, "x", "")
    ),
    "pupils.enrolment.change_class": Row(
        Act.IMPORT_PUPILS, lambda d, at: enrolment.change_class(d, at.pupil.key, ROOM, ROOM, "x", "")
    ),
    "pupils.enrolment.classes_to_move_to": Row(
        Act.IMPORT_PUPILS, lambda d, at: enrolment.classes_to_move_to(d, ROOM, at.pupil)
    ),
    "pupils.facts.correct_pupil": Row(
        Act.IMPORT_PUPILS, lambda d, at: facts.correct_pupil(d, ROOM, at.pupil.key, {"birth": "x"})
    ),
    "pupils.facts.correct_pupil: exemption": Row(
        Act.EXCUSE, lambda d, at: facts.correct_pupil(d, ROOM, at.pupil.key, {"exempt": "!"})
    ),
    "pupils.past_years.write_year": Row(
        Act.IMPORT_PUPILS, lambda d, at: past_years.write_year(d, ROOM, at.pupil, None, A_YEAR)
    ),
    "pupils.past_years.remove_year": Row(
        Act.IMPORT_PUPILS, lambda d, at: past_years.remove_year(d, ROOM, replace(at.pupil, key="x"), A_ROW)
    ),
    "pupils.pupils_import.preview": Row(Act.IMPORT_PUPILS, lambda d, at: class_list(at, d.account)),
    "pupils.pupils_import.require_some_class": Row(
        Act.IMPORT_PUPILS, lambda d, _: pupils_import.require_some_class(d), somewhere=True
    ),
    "pupils.pupils_import.accept": Row(Act.IMPORT_PUPILS, lambda d, at: pupils_import.accept(d, class_list(at))),
    # --- records
    "records.ready.prepare": Row(Act.SUBMIT, lambda d, _: ready.prepare(d, ROOM)),
    "records.submit.submit": Row(Act.SUBMIT, lambda d, _: first(submit.submit(d, ROOM, None))),  # type: ignore[arg-type]
    "records.approve.approve": Row(Act.APPROVE, lambda d, _: first(approve.approve(d, ROOM, None))),  # type: ignore[arg-type]
    "records.ready.jobs_to_approve": Row(Act.APPROVE, lambda d, _: ready.jobs_to_approve(d, ROOM)),
    "records.approve.send_back": Row(Act.RETURN, lambda d, at: approve.send_back(d, ROOM, at.pupil.key, "")),
    "records.issue.issue": Row(Act.ISSUE, lambda d, _: first(issue.issue(d, ROOM, None))),  # type: ignore[arg-type]
    "records.ready.jobs_to_issue": Row(Act.ISSUE, lambda d, _: ready.jobs_to_issue(d, ROOM)),
    "records.issued_files.issued_files": Row(Act.VIEW_CLASS, lambda d, _: issued_files.issued_files(d, ROOM)),
    "records.issued_files.export_zip": Row(
        Act.EXPORT, lambda d, at: issued_files.export_zip(d, ROOM, at.folder / f"out-{d.account}.zip")
    ),
    "records.issued_files.export_class": Row(
        Act.EXPORT, lambda d, at: issued_files.export_class(d, ROOM, at.folder / f"out-{d.account}")
    ),
    "records.offline_server.require_slot": Row(
        Act.APPROVE, lambda d, _: offline_server.require_slot(d, ROOM, Slot.PRINCIPAL)
    ),
    "records.offline_server.make_request: GVCN": Row(
        Act.SUBMIT, lambda d, _: offline_server.make_request(d, ROOM, Slot.HOMEROOM)
    ),
    "records.offline_server.make_request: CBQL": Row(
        Act.APPROVE, lambda d, _: offline_server.make_request(d, ROOM, Slot.PRINCIPAL)
    ),
    "records.offline_server.make_request: the seal": Row(
        Act.ISSUE, lambda d, _: offline_server.make_request(d, ROOM, Slot.SEAL)
    ),
    "records.offline_server.take_back": Row(
        Act.APPROVE, lambda d, _: first(offline_server.take_back(d, ROOM, Slot.PRINCIPAL, b""))
    ),
    "records.offline_server.take_packages": Row(Act.ISSUE, lambda d, _: offline_server.take_packages(d, ROOM, b"")),
    "records.register_certificate.register": Row(
        Act.MANAGE_STAFF, lambda d, _: first(register_certificate.register(d, "gv.3a", "00", ()))
    ),
    "records.register_certificate.register_seal": Row(
        Act.SET_SCHOOL, lambda d, _: first(register_certificate.register_seal(d, "00", ()))
    ),
    "portal.outbox.outbox": Row(Act.SEND, lambda d, _: outbox.outbox(d)),
    "portal.outbox.portal_state": Row(Act.SEND, lambda d, _: outbox.portal_state(d)),
    "portal.outbox.receipts": Row(Act.SEND, lambda d, _: outbox.receipts(d, ROOM)),
    "portal.send.send": Row(Act.SEND, lambda d, _: send.send(d, send.portal_of(d, "http://127.0.0.1:9"))),
    # --- reports
    "reports.card.card": Row(Act.VIEW_CLASS, lambda d, at: card.card(d, ROOM, at.pupil.key)),
    "reports.history.find_pupil": Row(Act.VIEW_CLASS, lambda d, at: history.find_pupil(d, ROOM, at.pupil.name)),
    "reports.history.history": Row(Act.VIEW_CLASS, lambda d, at: list(history.history(d, ROOM, at.pupil.key))),
    "reports.sheets.export_sheet": Row(
        Act.EXPORT, lambda d, at: sheets.export_sheet(d, SheetForm.CSDL, ROOM, END, at.folder / f"{d.account}.xlsx")
    ),
    "reports.sheets.export_grade": Row(
        Act.EXPORT, lambda d, at: sheets.export_grade(d, 5, END, at.folder / f"5-{d.account}.xlsx")
    ),
    # --- the school
    "school.accounts.save_account": Row(Act.MANAGE_STAFF, lambda d, _: accounts.save_account(d, "!", {})),
    "school.accounts.look_at_change": Row(Act.MANAGE_STAFF, lambda d, _: accounts.look_at_change(d, "!", {})),
    "people.staff.everybody": Row(Act.MANAGE_STAFF, lambda d, _: staff.everybody(d)),
    "activity.coming_and_going.last_way_in": Row(
        Act.MANAGE_STAFF, lambda d, _: coming_and_going.last_way_in(d, "gv.5a")
    ),
    "people.card.person_card": Row(Act.MANAGE_STAFF, lambda d, _: people_card.person_card(d, "gv.5a")),
    "people.leaving.move": Row(Act.MANAGE_STAFF, lambda d, _: leaving.move(d, "gv.5a", leaving.Move.LEAVE, "x")),
    "people.leaving.look_at_move": Row(
        Act.MANAGE_STAFF, lambda d, _: leaving.look_at_move(d, "gv.5a", leaving.Move.ON)
    ),
    "people.assignments.who_may_teach": Row(Act.ASSIGN, lambda d, _: assignments.who_may_teach(d)),
    "school.confirming.confirm": Row(Act.CONFIRM_STAFF, lambda d, _: confirming.confirm(d, "gv.3a")),
    "school.confirming.withdraw": Row(Act.CONFIRM_STAFF, lambda d, _: confirming.withdraw(d, "gv.3a")),
    "school.login_requests.ask": Row(Act.MANAGE_STAFF, lambda d, _: login_requests.ask(d, "!", Kind.PASSWORD)),
    "school.login_requests.confirm_request": Row(
        Act.CONFIRM_STAFF, lambda d, _: login_requests.confirm_request(d, "gv.3a", Kind.PASSWORD)
    ),
    "school.login_requests.withdraw_request": Row(
        Act.CONFIRM_STAFF, lambda d, _: login_requests.withdraw_request(d, "gv.3a", Kind.PASSWORD)
    ),
    "school.assigning.assign": Row(Act.ASSIGN, lambda d, _: assigning.assign(d, ROOM, "!", "", "")),
    "school.assigning.look_at_assignment": Row(
        Act.ASSIGN, lambda d, _: assigning.look_at_assignment(d, {ROOM: None}, "!", "", "")
    ),
    "school.assigning.assign_in": Row(Act.ASSIGN, lambda d, _: assigning.assign_in(d, {ROOM: None}, "!", "", "")),
    "school.duties.look_at_duty": Row(
        Act.ASSIGN, lambda d, _: duties.look_at_duty(d, "!", duties.TypedDuty("", "", "", ""))
    ),
    "school.duties.look_at_end": Row(Act.ASSIGN, lambda d, _: duties.look_at_end(d, "!", "")),
    "school.duties.give_duty": Row(
        Act.ASSIGN, lambda d, _: duties.give_duty(d, "!", duties.TypedDuty("", "", "", ""))
    ),
    "school.duties.end_duty": Row(Act.ASSIGN, lambda d, _: duties.end_duty(d, "!", "")),
    "school.classes.plan_class": Row(Act.MANAGE_CLASSES, lambda d, _: classes.plan_class(d, ROOM, {"grade": 9})),
    "school.classes.save_class": Row(Act.MANAGE_CLASSES, lambda d, _: classes.save_class(d, ROOM, {"grade": 9})),
    "school.classes.save_class: a subject with results": Row(
        Act.DROP_SUBJECT, lambda d, _: classes.save_class(d, "1A", {"optional": []})
    ),
    "school.issue_rounds.open_round": Row(Act.OPEN_ROUND, lambda d, _: issue_rounds.open_round(d, "", "")),
    "school.periods.set_open": Row(Act.OPEN_PERIOD, lambda d, _: periods.set_open(d, END, is_open=True)),
    "school.periods.set_window": Row(
        Act.OPEN_PERIOD, lambda d, _: periods.set_window(d, END, "01/05/2026", "02/05/2026")
    ),
    "school.settings.change_settings": Row(Act.SET_SCHOOL, lambda d, _: settings.change_settings(d, {"!": ""})),
    "school.settings.change_settings: who comes in by a key": Row(
        Act.ADMIT_BY_KEY, lambda d, _: settings.change_settings(d, {"trusted_by_key": "có", "portal": "x"})
    ),
    "school.settings.last_change": Row(Act.SET_SCHOOL, lambda d, _: settings.last_change(d, "address")),
    "school.settings.undo_setting": Row(Act.SET_SCHOOL, lambda d, _: settings.undo_setting(d, "address")),
    "reports.server_state.state_of": Row(Act.LOOK_AFTER, lambda d, _: server_state.state_of(d)),
    "upkeep.at_once.back_up_now": Row(Act.LOOK_AFTER, lambda d, _: at_once.back_up_now(d)),
    "upkeep.at_once.shards_to_check": Row(Act.LOOK_AFTER, lambda d, _: at_once.shards_to_check(d)),
    "upkeep.at_once.check_now": Row(Act.LOOK_AFTER, lambda d, _: at_once.check_now(d)),
    "school.staff_import.preview": Row(Act.MANAGE_STAFF, lambda d, _: staff_import.preview(d, STAFF_LIST)),
    "school.staff_import.accept": Row(
        Act.MANAGE_STAFF, lambda d, at: staff_import.accept(d, staff_import.preview(at.head, STAFF_LIST))
    ),
    "school.staff_import.apply": Row(
        Act.MANAGE_STAFF,
        lambda d, at: staff_import.apply(d, replace(staff_import.preview(at.head, STAFF_LIST), lines=())),
    ),
    "comments.bank.keep: the school's": Row(Act.KEEP_BANK, lambda d, _: bank.keep(d, [], Shelf.SCHOOL)),
    "comments.bank.forget: the school's": Row(Act.KEEP_BANK, lambda d, _: bank.forget(d, "!", Shelf.SCHOOL)),
    "comments.bank.require_shelf: the school's": Row(Act.KEEP_BANK, lambda d, _: bank.require_shelf(d, Shelf.SCHOOL)),
    "comments.bank_import_export.preview: the school's": Row(
        Act.KEEP_BANK, lambda d, _: bank_import_export.preview(d, BANK_LIST, Shelf.SCHOOL)
    ),
    "comments.bank_import_export.apply: the school's": Row(
        Act.KEEP_BANK,
        lambda d, at: bank_import_export.apply(d, bank_list(at)),
    ),
    "verify.browse.list_files": Row(Act.VERIFY, lambda d, at: browse.list_files(d, str(at.folder))),
    "verify.browse.verify_listed": Row(
        Act.VERIFY, lambda d, at: list(browse.verify_listed(d, [at.folder / "x.xml"], lambda: False, any_xml=False))
    ),
    "activity.proving.prove": Row(Act.READ_LOGINS, lambda d, _: proving.prove(d)),
    "verify.issued.verify_issued": Row(Act.VIEW_CLASS, lambda d, at: issued.verify_issued(d, ROOM, at.pupil.key)),
    # --- one look of a desk
    "desk.pupils": Row(Act.VIEW_CLASS, lambda d, _: d.pupils(ROOM)),
    "desk.results": Row(Act.VIEW_CLASS, lambda d, _: d.results(ROOM)),
    "desk.records": Row(Act.VIEW_CLASS, lambda d, _: d.records(ROOM)),
    "desk.class_shard": Row(Act.VIEW_CLASS, lambda d, _: d.class_shard(ROOM)),
    "desk.open_class": Row(Act.SUBMIT, lambda d, _: d.open_class(ROOM, Act.SUBMIT)),
    # Last: whose login waits for a second person has a proposal from then on.
    "school.logins.give_logins": Row(Act.MANAGE_STAFF, lambda d, _: logins.give_logins(d)),
}  # fmt: skip


OWN_MATTER = "about the acting account alone"
OWN_CLASSES = "goes through the classes that the actor may see or count, and no other"
NO_PUPIL = "says nothing about any pupil and changes nothing"
INSIDE = "part of a verb that has asked"

FREE: dict[str, str] = {
    **dict.fromkeys(
        (
            "preferences.typing_method",
            "preferences.keep_typing_method",
            "preferences.direction",
            "preferences.keep_direction",
            "preferences.rings",
            "preferences.keep_rings",
            "preferences.calling",
            "preferences.keep_calling",
            "preferences.bank_use",
            "preferences.count_bank_use",
            "grades.drafts.drafts",
            "grades.drafts.keep_draft",
            "grades.undo.undo",
            "grades.undo.redo",
            "comments.bank.bank_of",
            "comments.bank.on_shelf",
            "comments.bank_import_export.export_bank",
            "records.keys.find_key",
            "records.keys.unlock",
            "records.keys.with_key",
            "reports.home_tasks.place_of",
            "proposals.proposals",
            "requested.requests",
            "requested.waiting",
            "requested.outcomes",
            "requested.notices",
            "reports.certificate_note.endings",
            "reports.certificates.certificates",
            "school.login_requests.saw_notices",
            "idle.idle_limit",
            "place.keep_place",
            "place.take_place",
            "handing_out.offered",
            "handing_out.place_of",
            "handing_out.require_from_outside",
            "handing_out.how_to_fetch",
            "handing_out.waiting",
            "handing_out.fetch",
            "activity.coming_and_going.came_in",
            "activity.coming_and_going.went_out",
            "activity.coming_and_going.ran",
            "school.import_undo.last_import",
            "school.import_undo.undo_import",
        ),
        OWN_MATTER,
    ),
    **dict.fromkeys(
        (
            "activity.searching.search",
            "activity.searching.Search",
            "activity.telling.Teller",
            "reports.home_tasks.tasks",
            "reports.home_tasks.known_tasks",
            "reports.progress.count_all",
            "reports.progress.all_progress",
            "reports.progress.sealing_progress",
            "reports.progress.known_progress",
            "reports.statistics.countable_classes",
            "reports.statistics.census",
            "reports.statistics.export_summary",
            "reports.watching.Watch",
            "people.assignments.assignments",
            "reports.statistics.known_census",
            "reports.statistics.count_tables",
            "grades.missing.known_owing",
            "grades.missing.owing_classes",
        ),
        OWN_CLASSES,
    ),
    **dict.fromkeys(
        (
            "activity.searching.find_pupil_key",
            "grades.results_import.only_open_period",
            "reports.home_tasks.current_period",
            "reports.backup_note.backup_note",
            "reports.backup_note.days_since",
            "upkeep.at_once.place_of_backups",
            "records.signatures.pinned_issuers",
            "portal.send.portal_of",
            "records.register_certificate.look_at_tokens",
            "school.doctor.examine",
            "reports.progress.claims",
            "portal.other_copies.foremost",
            "school.trouble_report.trouble_report",
            "portal.other_copies.Foremost",
            "records.before_pin.before_pin",
            "records.before_pin.clock_words",
            "registrations.note_seen",
        ),
        NO_PUPIL,
    ),
    **dict.fromkeys(
        (
            "grades.blocks.copied",
            "grades.blocks.write",
            "grades.counts.counted",
            "grades.counts.known",
            "grades.derived.find",
            "grades.derived.known",
            "grades.missing.first_of",
            "grades.results_import.accept",
            "school.preview_file.save_preview",
            "verify.report_file.save_report",
            "importing.whole_file",
            "comments.suggestions.BankDesk",
            "reports.progress.unpackaged",
            "reports.progress.known_unpackaged",
            "records.keys.require_right_certificate",
            "records.keys.judge",
            "records.journal_heads.newest_in",
            "records.journal_heads.sign_heads",
            "records.sign_batch.sign_records",
            "pupils.pupils_import.apply",
        ),
        INSIDE,
    ),
}
"""What takes a desk and asks for no act of the table, with the reason; the tests of the room hold each of them."""


def public_doors() -> Iterator[str]:
    """Yield what is public in flow and takes a desk: functions, and classes made with one."""
    home = Path(hocba_tui.flow.__file__).parent
    for path in sorted(home.rglob("*.py")):
        place = ".".join(path.relative_to(home).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            made = node
            if isinstance(node, ast.ClassDef):
                made = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), node)
            name = getattr(node, "name", "_")
            if isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef) and not name.startswith("_"):
                arguments = [*made.args.args, *made.args.kwonlyargs]
                if any(a.annotation is not None and "Desk" in ast.unparse(a.annotation) for a in arguments):
                    yield f"{place}.{name}"


def test_everything_public_in_flow_is_in_a_row() -> None:
    known = {name.partition(":")[0] for name in ROWS} | set(FREE)
    doors = set(public_doors())
    assert len(doors) > 80
    assert sorted(doors - known) == [], "give it a row, or say why it needs no act"
    assert sorted(name for name in known - doors if not name.startswith("desk.")) == [], "these are gone"
    assert not {name.partition(":")[0] for name in ROWS} & (set(FREE) - {"comments.bank.on_shelf"})


@pytest.fixture(scope="module", params=["draft", "sealed"])
def state(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The school with an account for everything that one may be to 5A; 5A in draft, and sealed."""
    made: Path = request.getfixturevalue("made_store" if request.param == "draft" else "issued_store")
    root = tmp_path_factory.mktemp(request.param) / "store"
    copy_store(made, root)
    add_actors(root)
    return root


def copy_store(made: Path, root: Path) -> None:
    import shutil

    shutil.copytree(made, root, ignore=shutil.ignore_patterns("log"))


def outcome(verb: Verb, desk: Desk, at: At) -> bool:
    """Return whether the verb went past the permission."""
    try:
        verb(desk, at)
    except NotAllowed:
        return False
    except HocbaError:
        return True  # Refused for what it was given, which comes after the permission.
    return True


def test_every_verb_asks_for_its_act_of_everybody_in_every_state(state: Path, tmp_path: Path) -> None:
    head = open_desk(state, "hieutruong")
    at = At(head, next(p for p in head.pupils(ROOM) if p.assessed and not p.exempt), tmp_path)
    room = head.classroom(ROOM)
    before = head.class_shard(ROOM).seq
    wrong: list[str] = []
    for (name, row), account in itertools.product(ROWS.items(), ACTORS):
        propose(head)
        desk = Desk(head.store, account, head.clock, head.root)
        rooms = head.classrooms() if row.somewhere else (room,)
        expected = any(may(desk.actor, row.act, each, row.subject, head.clock.today()).allowed for each in rooms)
        if name in ("school.confirming.confirm", "school.login_requests.confirm_request") and account == head.account:
            expected = False  # Who proposed it.
        if outcome(row.verb, desk, at) != expected:
            wrong.append(f"{name}: {account} {'may not' if expected else 'may'}")
    assert not wrong, "\n".join(wrong)
    changed = [entry.act for entry in head.class_shard(ROOM).entries() if entry.seq > before]
    assert changed == [], "no row of this table changes the class"


def propose(head: Desk) -> None:
    """Let the head have proposed a role for somebody else, and have asked for that person's new password."""
    if not head.school_shard.table(PROPOSALS):
        other = "clerk" if head.staff("gv.3a").has(Role.ADMINISTRATOR) else "administrator"
        assert accounts.save_account(head, "gv.3a", {"roles": [other]}).waiting
    held = head.school_shard.document(REQUESTS, "gv.3a").get("password")
    wanted = {"by": head.account, "at": "x", "day": head.clock.today().isoformat()}
    if held != wanted:
        head.school_shard.change("test", "test", [Edit(REQUESTS, "gv.3a", "password", held, wanted)])
