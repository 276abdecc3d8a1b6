"""Gather the facts of a record, and build its data region once."""

from __future__ import annotations

from hocba_tui.errors import Refused
from hocba_tui.export.record.profile import Profile
from hocba_tui.export.record.region import RecordFacts, build_region
from hocba_tui.export.record.schema import canonical, parse, schema_problems
from hocba_tui.flow.desk import RESULTS, OpenClass
from hocba_tui.model.curriculum import TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import (
    ABSENT_EXCUSED,
    ABSENT_UNEXCUSED,
    AWARD_EXTRA,
    HEIGHT,
    HOMEROOM,
    WEIGHT,
    Cell,
    Results,
)
from hocba_tui.model.school import ClassRoom, IssueRound
from hocba_tui.model.values import Period
from hocba_tui.rules.awards import award_text
from hocba_tui.rules.curriculum import class_for, grade_of, is_scored, subjects_of
from hocba_tui.rules.outcome import completion_of, outcome_of

_END = Period.END_YEAR
EXEMPT = "M"


def freeze(profile: Profile, facts: RecordFacts) -> bytes:
    """Return the frozen bytes of the data region, checked against the XSD.

    Raises Refused when the format does not accept what the record says.
    """
    region = build_region(profile, facts)
    element = parse(region)
    if canonical(element) != region:
        raise Refused("Vùng dữ liệu không ở dạng chuẩn; học bạ này chưa được tạo.", "Báo người phụ trách phần mềm.")
    problems = schema_problems(profile, element)
    if problems:
        raise Refused(f"Định dạng {profile.name} không nhận: {'; '.join(problems[:3])}", "Sửa dữ liệu rồi nộp lại.")
    return region


def facts_of(opened: OpenClass, pupil: Pupil, issue_round: IssueRound, uuid: str) -> RecordFacts:
    """Return everything that the record of a pupil says, by the names that profiles use."""
    school, classroom = opened.school.settings, opened.classroom
    homeroom, results = opened.school.staff(classroom.homeroom), Results(opened.document(RESULTS, pupil.key))
    outcome = outcome_of(pupil, classroom, results)
    if outcome is None:
        raise Refused(f"{pupil.name}: chưa đủ dữ liệu để đánh giá kết quả giáo dục.")
    completion = completion_of(outcome, pupil, classroom, results)
    values = {
        "year": school.year,
        "department.code": school.department_code,
        "department.name": school.department,
        "school.code": school.code,
        "school.name": school.name,
        "school.district": school.district,
        "school.commune": school.commune,
        "school.province": school.province,
        "signer.name": issue_round.signer_name,
        "signer.personal_id": issue_round.signer_id,
        "signer.title": issue_round.signer_title,
        "round.place": issue_round.place,
        "round.date": issue_round.date,
        "created": opened.school.today.isoformat(),
        "homeroom.name": homeroom.name,
        "homeroom.personal_id": homeroom.personal_id,
        "grade": str(grade_of(pupil, classroom)),
        "class.name": classroom.key,
        "outcome": outcome.label,
        "promoted": _flag(completion.promoted),
        "completed": _flag(completion.completed),
        "completed_primary": _flag(completion.primary_completed),
        "completion.text": completion.text,
        "year.award": award_text(outcome, results),
        "year.award_extra": results.text(AWARD_EXTRA),
        "comment.homeroom": results.comment(_END, HOMEROOM),
    }
    values |= _personal(pupil)
    values |= {
        f"year.{cell.item}": _number(results, cell) for cell in (HEIGHT, WEIGHT, ABSENT_EXCUSED, ABSENT_UNEXCUSED)
    }
    values |= {f"trait.{code}": results.level(_END, code) for code in TRAITS}
    values |= {f"comment.{group}": results.comment(_END, group) for group in TraitGroup}
    history = tuple(
        {"year": row.year, "class_name": row.class_name, "school": row.school, "arrived": row.arrived}
        for row in pupil.history
    )
    return RecordFacts(uuid, values, history, _subject_rows(pupil, classroom, results))


def _personal(pupil: Pupil) -> dict[str, str]:
    plain = (
        "code", "name", "birth", "personal_id", "ethnic", "nationality", "birthplace", "hometown", "address",
        "father", "mother", "guardian", "register_no",
    )  # fmt: skip
    values = {f"pupil.{name}": getattr(pupil, name) for name in plain}
    values["pupil.sex"] = Sex(pupil.sex).label
    return values


def _subject_rows(pupil: Pupil, classroom: ClassRoom, results: Results) -> tuple[dict[str, str], ...]:
    rows = []
    own = class_for(pupil, classroom)
    for subject in subjects_of(own):
        if subject.code in pupil.left_out:
            continue
        scored = is_scored(own, subject.code, _END)
        if subject.code in pupil.exempt_subjects:
            level, score = EXEMPT, EXEMPT if scored else ""
        else:
            level = results.level(_END, subject.code)
            score = str(results.score(_END, subject.code) or "") if scored else ""
        rows.append({"code": subject.code, "name": subject.name, "level": level, "score": score})
    return tuple(rows)


def _flag(value: bool) -> str:
    return "1" if value else "0"


def _number(results: Results, cell: Cell) -> str:
    number = results.number(cell)
    return "" if number is None else f"{number:g}"
