"""A pupil's whole card of one year, in the order of the paper form, as lines to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import RESULTS, Desk, OpenClass
from hocba_tui.model.curriculum import SUBJECTS, TraitGroup
from hocba_tui.model.pupil import Movement, Pupil, Sex
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    AWARD_EXTRA,
    COMMENT,
    HEIGHT,
    HOMEROOM,
    PROMOTED,
    PROMOTED_BY,
    PROMOTED_ON,
    WEIGHT,
    Cell,
    Results,
)
from hocba_tui.model.school import ClassRoom
from hocba_tui.model.values import Outcome, Period
from hocba_tui.rules.awards import award_text
from hocba_tui.rules.curriculum import class_for, is_scored, subjects_of, traits_for
from hocba_tui.rules.outcome import completion_of, outcome_of
from hocba_tui.rules.permits import Act
from hocba_tui.rules.reading import Sensitive, as_read, may_read_cell, may_read_field
from hocba_tui.text import day_first

_END = Period.END_YEAR
NOTHING = "—"


@dataclass(frozen=True)
class CardLine:
    """One line of the card: a heading, a fact, or a row of results with four periods."""

    label: str
    value: str = ""
    heading: bool = False
    periods: tuple[str, ...] = ()


def card(desk: Desk, class_key: str, pupil_key: str) -> tuple[CardLine, ...]:
    """Return the card; viewing it changes nothing and is noted in the access log."""
    opened = desk.open_class(class_key, Act.VIEW_CLASS)
    classroom, pupil = opened.classroom, opened.pupil(pupil_key)
    if pupil is None:
        raise Refused("Em này không còn trong lớp.", "Về danh sách lớp để xem em ấy ở đâu.")
    results = Results(opened.document(RESULTS, pupil_key))
    desk.store.log_access(desk.account, "view_card", class_key=class_key, pupil=pupil_key)
    return (
        *_person(as_read(pupil, opened.readable), opened.readable),
        *_history(pupil),
        *_year(results, opened.readable),
        *_subjects(pupil, classroom, results),
        *_again(results),
        *_traits(pupil, classroom, results),
        *_conclusion(opened, pupil, results),
    )


def _person(pupil: Pupil, groups: frozenset[Sensitive]) -> Iterator[CardLine]:
    yield CardLine("Học sinh", heading=True)
    for field, label, value in (
        ("name", "Họ và tên", pupil.name), ("sex", "Giới tính", Sex(pupil.sex).label),
        ("birth", "Ngày sinh", day_first(pupil.birth)), ("ethnic", "Dân tộc", pupil.ethnic),
        ("nationality", "Quốc tịch", pupil.nationality), ("personal_id", "Số định danh", pupil.personal_id),
        ("code", "Mã học sinh", pupil.code), ("birthplace", "Nơi sinh", pupil.birthplace),
        ("hometown", "Quê quán", pupil.hometown), ("address", "Nơi ở hiện nay", pupil.address),
        ("father", "Họ tên cha", pupil.father), ("mother", "Họ tên mẹ", pupil.mother),
        ("guardian", "Người giám hộ", pupil.guardian), ("register_no", "Số đăng bộ", pupil.register_no),
    ):  # fmt: skip
        if may_read_field(field, groups):
            yield CardLine(label, value or NOTHING)
    if groups != frozenset(Sensitive):
        yield CardLine("", "Những mục khác do GVCN, ban giám hiệu, văn thư xem (NĐ 356/2025).")
    if pupil.disability:
        yield CardLine("Khuyết tật", pupil.disability + ("" if pupil.assessed else " (không đánh giá)"))
    for label, value in (
        ("Đối tượng chính sách", pupil.policy), ("KH giáo dục cá nhân", pupil.plan),
        ("Mã học sinh trước đây", ", ".join(pupil.former_codes)),
    ):  # fmt: skip
        if value:
            yield CardLine(label, value)
    for moved in pupil.enrolment:
        detail = "; ".join(filter(None, [moved.place, moved.reason]))
        yield CardLine(f"{day_first(moved.day)} {Movement(moved.kind).label}", detail)


def _history(pupil: Pupil) -> Iterator[CardLine]:
    yield CardLine("Quá trình học tập", heading=True)
    for row in pupil.history:
        paper = f"; trích lục học bạ giấy: {row.extract}" if row.extract else ""
        place = f"{row.school}, {row.province}" if row.province else row.school
        yield CardLine(f"{row.year}  lớp {row.class_name}", f"{place}, từ {day_first(row.arrived)}{paper}")


def _year(results: Results, groups: frozenset[Sensitive]) -> Iterator[CardLine]:
    yield CardLine("Sức khỏe, chuyên cần", heading=True)
    for label, cell in (
        ("Chiều cao (cm)", HEIGHT), ("Cân nặng (kg)", WEIGHT),
        ("Số buổi nghỉ có phép", ABSENT_EXCUSED), ("Số buổi nghỉ không phép", ABSENT_UNEXCUSED),
    ):  # fmt: skip
        if may_read_cell(cell, groups):
            yield CardLine(label, results.text(cell) or NOTHING)


def _subjects(pupil: Pupil, classroom: ClassRoom, results: Results) -> Iterator[CardLine]:
    yield CardLine("1. Các môn học và hoạt động giáo dục", heading=True, periods=tuple(p.label for p in Period))
    own = class_for(pupil, classroom)
    for subject in subjects_of(own):
        if subject.code in pupil.left_out:
            continue
        if subject.code in pupil.exempt_subjects:
            yield CardLine(subject.name, "miễn")
            continue
        shown = []
        for period in Period:
            level = results.level(period, subject.code) or NOTHING
            score = results.score(period, subject.code)
            scored = is_scored(own, subject.code, period)
            shown.append(f"{level} {NOTHING if score is None else score}" if scored else level)
        yield CardLine(subject.name, results.comment(_END, subject.code), periods=tuple(shown))


def _again(results: Results) -> Iterator[CardLine]:
    """Yield the tests that a later one replaced, and the reassessments after CHT."""
    tests = [
        (f"{subject.name} {period.label.lower()}", results.attempts(period, subject.code))
        for subject in SUBJECTS.values()
        for period in Period
    ]
    lines = [
        CardLine(
            label, "; ".join(f"{a.score}" + (f" ({day_first(a.day)}: {a.reason})" if a.day else "") for a in attempts)
        )
        for label, attempts in tests
        if attempts
    ]
    if lines:
        yield CardLine("Các lần kiểm tra (lần cuối được tính)", heading=True)
        yield from lines


def _traits(pupil: Pupil, classroom: ClassRoom, results: Results) -> Iterator[CardLine]:
    titles = {
        TraitGroup.QUALITIES: "2. Những phẩm chất chủ yếu",
        TraitGroup.GENERAL: "3.1 Năng lực chung",
        TraitGroup.SPECIFIC: "3.2 Năng lực đặc thù",
    }
    for group, title in titles.items():
        yield CardLine(title, heading=True, periods=tuple(p.label for p in Period))
        for trait in traits_for(pupil, classroom):
            if trait.group is group:
                yield CardLine(trait.name, periods=tuple(results.level(p, trait.code) or NOTHING for p in Period))
        yield CardLine("Nhận xét", results.text(Cell(_END, group, COMMENT)) or NOTHING)


def _conclusion(opened: OpenClass, pupil: Pupil, results: Results) -> Iterator[CardLine]:
    classroom, staff = opened.classroom, opened.school.staff
    yield CardLine("4. Đánh giá kết quả giáo dục", heading=True)
    outcome = outcome_of(pupil, classroom, results)
    if not pupil.assessed:
        yield CardLine("Kết quả", "không đánh giá")
    else:
        yield CardLine("Kết quả", outcome.label if outcome else "chưa đủ dữ liệu")
    yield CardLine("Nhận xét của GVCN", results.comment(_END, HOMEROOM) or NOTHING)
    yield CardLine("5. Khen thưởng", heading=True)
    yield CardLine("Khen thưởng", award_text(outcome, results) or NOTHING)
    yield CardLine("Đột xuất", results.text(AWARD_EXTRA) or NOTHING)
    yield CardLine("6. Hoàn thành chương trình", heading=True)
    yield CardLine("", completion_of(outcome, pupil, classroom, results).text if outcome else NOTHING)
    for extra in results.reassessments():
        by = staff(extra.by).name or extra.by
        after = Outcome(extra.outcome).label if extra.outcome else "chưa đủ dữ liệu"
        yield CardLine("Đánh giá bổ sung", f"{day_first(extra.day)}, {by}: {after}. {extra.note}")
    if results.text(PROMOTED):
        by = staff(results.text(PROMOTED_BY)).name or results.text(PROMOTED_BY) or NOTHING
        decided = "được lên lớp" if results.text(PROMOTED) == "1" else "chưa được lên lớp"
        yield CardLine("Quyết định", f"{decided}; {by}, {day_first(results.text(PROMOTED_ON)) or NOTHING}")
