"""Permissions: who may do what. One table (for readers: docs/quyen.md); flow checks it, screens only show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.results import PROMOTED, PROMOTED_BY, PROMOTED_ON, REASSESSMENTS, YEAR, Cell
from hocba_tui.model.school import ClassRoom, Post, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.curriculum import subjects_of
from hocba_tui.text import day_first


class Act(StrEnum):
    """What a person may want to do."""

    VIEW_CLASS = "view_class"
    ENTER_SUBJECT = "enter_subject"
    ENTER_HOMEROOM = "enter_homeroom"
    DECIDE_PROMOTION = "decide_promotion"
    IMPORT_PUPILS = "import_pupils"
    EXCUSE = "excuse"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    OPEN_ROUND = "open_round"
    OPEN_PERIOD = "open_period"
    BRING_EARLIER = "bring_earlier"
    ISSUE = "issue"
    SEND = "send"
    EXPORT = "export"
    SET_SCHOOL = "set_school"
    ADMIT_BY_KEY = "admit_by_key"
    LOOK_AFTER = "look_after"
    MANAGE_STAFF = "manage_staff"
    CONFIRM_STAFF = "confirm_staff"
    MANAGE_CLASSES = "manage_classes"
    DROP_SUBJECT = "drop_subject"
    ASSIGN = "assign"
    REPORT = "report"
    KEEP_BANK = "keep_bank"
    VERIFY = "verify"
    PIN = "pin"
    READ_LOG = "read_log"
    READ_LOGINS = "read_logins"


class Relation(StrEnum):
    """What a person is to one class."""

    HOMEROOM = "homeroom"
    SUBJECT = "subject"


_P, _D, _C, _A, _O = Role.PRINCIPAL, Role.DEPUTY, Role.CLERK, Role.ADMINISTRATOR, Role.OBSERVER
_G, _W = Role.GROUP_HEAD, Role.WORKING_GROUP
_HOMEROOM, _SUBJECT = Relation.HOMEROOM, Relation.SUBJECT

PERMITS: dict[Act, frozenset[Role | Relation]] = {
    Act.VIEW_CLASS: frozenset({_HOMEROOM, _SUBJECT, _P, _D, _C, _A, _G, _W, _O}),
    Act.ENTER_SUBJECT: frozenset({_SUBJECT}),
    Act.ENTER_HOMEROOM: frozenset({_HOMEROOM}),
    Act.DECIDE_PROMOTION: frozenset({_P, _D}),
    Act.IMPORT_PUPILS: frozenset({_HOMEROOM, _P, _D, _C, _A}),
    Act.EXCUSE: frozenset({_HOMEROOM, _P, _D}),
    Act.SUBMIT: frozenset({_HOMEROOM}),
    Act.APPROVE: frozenset({_P, _D}),
    Act.RETURN: frozenset({_P, _D}),
    Act.OPEN_ROUND: frozenset({_P, _D}),
    Act.OPEN_PERIOD: frozenset({_P, _D}),
    Act.BRING_EARLIER: frozenset({_P, _D}),
    Act.ISSUE: frozenset({_C}),
    Act.SEND: frozenset({_C, _P, _D}),
    Act.EXPORT: frozenset({_HOMEROOM, _P, _D, _C}),
    Act.SET_SCHOOL: frozenset({_P, _D, _A}),
    Act.ADMIT_BY_KEY: frozenset({_P, _D}),
    Act.LOOK_AFTER: frozenset({_P, _D, _A}),
    Act.MANAGE_STAFF: frozenset({_P, _D, _A}),
    Act.CONFIRM_STAFF: frozenset({_P, _D}),
    Act.MANAGE_CLASSES: frozenset({_P, _D, _C, _A}),
    Act.DROP_SUBJECT: frozenset({_P, _D}),
    Act.ASSIGN: frozenset({_P, _D}),
    Act.REPORT: frozenset({_HOMEROOM, _P, _D, _C}),
    Act.KEEP_BANK: frozenset({_P, _D}),
    Act.VERIFY: frozenset({_P, _D, _C, _G, _W}),
    Act.PIN: frozenset({_P, _D, _C}),
    Act.READ_LOG: frozenset({_HOMEROOM, _P, _D}),
    Act.READ_LOGINS: frozenset({_P, _D, _A}),
}

BY_DUTY = frozenset({_G, _W})
"""Roles that a decision gives for a time, and to the head of a group for that group: see :class:`Post`.

An account of a store from before that may hold one of them as any other role: it then means every class and no end,
until a head gives the duty again, with its days.
"""

NOT_BY_ADMINISTRATORS = frozenset(
    {Act.ENTER_SUBJECT, Act.ENTER_HOMEROOM, Act.DECIDE_PROMOTION, Act.EXCUSE, Act.DROP_SUBJECT, Act.SUBMIT}
)
"""What changes a result or what it rests on, and the teacher's signature under it (QĐ 1789, Điều 5.3c).

An administrator does none of it, whatever other role or class the account has.
"""

WHO: dict[Act, str] = {
    Act.VIEW_CLASS: "giáo viên của lớp, ban giám hiệu, văn thư, quản trị, tổ trưởng chuyên môn, tổ công tác, người xem",
    Act.ENTER_SUBJECT: "giáo viên dạy môn đó ở lớp",
    Act.ENTER_HOMEROOM: "giáo viên chủ nhiệm của lớp",
    Act.DECIDE_PROMOTION: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.IMPORT_PUPILS: "giáo viên chủ nhiệm, ban giám hiệu, văn thư, quản trị",
    Act.EXCUSE: "giáo viên chủ nhiệm hoặc ban giám hiệu",
    Act.SUBMIT: "giáo viên chủ nhiệm của lớp",
    Act.APPROVE: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.RETURN: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.OPEN_ROUND: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.OPEN_PERIOD: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.BRING_EARLIER: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.ISSUE: "văn thư giữ con dấu",
    Act.SEND: "văn thư hoặc ban giám hiệu",
    Act.EXPORT: "giáo viên chủ nhiệm, ban giám hiệu, văn thư",
    Act.SET_SCHOOL: "ban giám hiệu hoặc quản trị",
    Act.ADMIT_BY_KEY: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.LOOK_AFTER: "ban giám hiệu hoặc quản trị",
    Act.MANAGE_STAFF: "ban giám hiệu hoặc quản trị",
    Act.CONFIRM_STAFF: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.MANAGE_CLASSES: "ban giám hiệu, văn thư hoặc quản trị",
    Act.DROP_SUBJECT: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.ASSIGN: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.REPORT: "giáo viên chủ nhiệm (lớp mình), ban giám hiệu, văn thư",
    Act.KEEP_BANK: "hiệu trưởng hoặc phó hiệu trưởng",
    Act.VERIFY: "ban giám hiệu, văn thư, tổ trưởng chuyên môn hoặc tổ công tác",
    Act.PIN: "ban giám hiệu hoặc văn thư",
    Act.READ_LOG: "ban giám hiệu (cả trường), giáo viên chủ nhiệm (lớp mình)",
    Act.READ_LOGINS: "ban giám hiệu hoặc quản trị",
}


@dataclass(frozen=True)
class Permission:
    """Whether an act is allowed, and if not, who may do it."""

    allowed: bool
    reason: str = ""


def may(
    staff: Staff, act: Act, classroom: ClassRoom | None = None, subject: str = "", on: date | None = None
) -> Permission:
    """Return the permission of ``staff`` for ``act``, in ``classroom`` and ``subject`` where that matters, on a day.

    A person who has left the school or whose account is switched off may do nothing, even if the account still holds a
    role, and an administrator nothing to a result. Without the day no role by duty counts.
    """
    if staff.barred:
        return Permission(False, why_barred(staff))
    if act in NOT_BY_ADMINISTRATORS and staff.has(Role.ADMINISTRATOR):
        return Permission(
            False,
            f"Quản trị không sửa, không nộp kết quả nào (QĐ 1789, Điều 5.3c). Việc này do {WHO[act]} làm, bằng một tài "
            "khoản không có quyền quản trị.",
        )
    permitted = PERMITS[act]
    if any(role in permitted for role in map(Role, staff.roles)):
        return Permission(True)
    if on is not None and any(
        Role(post.role) in permitted and (act is not Act.VIEW_CLASS or _is_of(post, classroom, subject))
        for post in in_force(staff, on)
    ):
        return Permission(True)
    if classroom is not None:
        if _HOMEROOM in permitted and classroom.homeroom == staff.key:
            return Permission(True)
        taught = (subject,) if subject else SUBJECTS
        if _SUBJECT in permitted and any(classroom.teacher_of(code) == staff.key for code in taught):
            return Permission(True)
    return Permission(False, f"Việc này do {WHO[act]} làm.")


def why_barred(staff: Staff) -> str:
    """Return why an account can do nothing."""
    if staff.left:
        return f"Tài khoản {staff.key} là của người đã rời trường."
    return (
        f"Tài khoản {staff.key} đang khóa từ ngày {day_first(staff.closed)}: {staff.why_closed or 'không ghi lí do'}."
    )


def in_force(staff: Staff, on: date) -> tuple[Post, ...]:
    """Return the roles by duty that a person has on a day."""
    return tuple(post for post in staff.duties if post.since <= on.isoformat() <= post.until)


def _is_of(post: Post, classroom: ClassRoom | None, subject: str) -> bool:
    """Return whether a class, and a subject of it, are of the duty: of the group, or any for the working group."""
    if not (post.grades or post.subjects):
        return Role(post.role) is Role.WORKING_GROUP
    if classroom is None or (post.grades and not set(post.grades) & set(classroom.grades)):
        return False
    taught = {subject} if subject else {each.code for each in subjects_of(classroom)}
    return not post.subjects or bool(taught & set(post.subjects))


def act_for_cell(cell: Cell) -> Act:
    """Return the act that changing ``cell`` is: subjects belong to their teacher, the rest to the GVCN."""
    if cell in (PROMOTED, PROMOTED_BY, PROMOTED_ON):
        return Act.DECIDE_PROMOTION
    if cell == REASSESSMENTS or (cell.item in SUBJECTS and cell.period != YEAR):
        return Act.ENTER_SUBJECT
    return Act.ENTER_HOMEROOM


def may_enter(staff: Staff, classroom: ClassRoom, cell: Cell) -> Permission:
    """Return the permission of ``staff`` to change ``cell`` in ``classroom``."""
    act = act_for_cell(cell)
    return may(staff, act, classroom, cell.item if cell.item in SUBJECTS else "")
