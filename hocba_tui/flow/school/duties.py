"""Give and end the roles by duty: the head of a subject group, a member of the school's working group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import STAFF, Desk, OpenSchool
from hocba_tui.flow.proposals import scope_in_words
from hocba_tui.flow.school.accounts import change_of, require_as_seen
from hocba_tui.intake.dates import in_school_year, read_date
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.school import Post, Staff
from hocba_tui.model.values import Role
from hocba_tui.rules.permits import BY_DUTY, Act
from hocba_tui.store.backend import Expect
from hocba_tui.text import clean_line, day_first

_LONGEST = 120
"""Most characters of a decision's number and date."""
_GRADES = frozenset(grade for subject in SUBJECTS.values() for grade in subject.grades)


@dataclass(frozen=True)
class TypedDuty:
    """A duty as a person types it: the days as day/month/year, the subjects by their codes."""

    role: str
    since: str
    until: str
    decision: str
    grades: Sequence[int] = ()
    subjects: Sequence[str] = ()


def give_duty(desk: Desk, account: str, typed: TypedDuty, seen: Staff | None = None) -> Post:
    """Give ``account`` a role by duty from its first to its last day, and return it.

    It takes the place of the same duty from the same first day, and of the role without an end that the account may
    hold from a version before. Refused when something is not valid, or the person has left; NotAllowed unless the actor
    may assign; Conflict when the duties are not as they were ``seen``, or the account is changed at the same time.
    """
    school, person, post = _look_through(desk, account, typed, seen)
    others = [held for held in person.duties if _same(held) != _same(post)]
    _write(school, person, [*others, post], post.role, "give_duty")
    return post


def look_at_duty(desk: Desk, account: str, typed: TypedDuty, seen: Staff | None = None) -> Post:
    """Return the duty that :func:`give_duty` would give, errors included; nothing is written."""
    return _look_through(desk, account, typed, seen)[2]


def _look_through(desk: Desk, account: str, typed: TypedDuty, seen: Staff | None) -> tuple[OpenSchool, Staff, Post]:
    school = desk.open_school()
    school.require(Act.ASSIGN)
    person = _person(school, account, seen)
    post = _read(typed, school.settings.year)
    if post in person.duties and post.role not in person.roles:
        raise Refused(f"{account} đã được giao đúng như vậy; không có gì để đổi.")
    return school, person, post


def end_duty(desk: Desk, account: str, role: str, last: str = "", seen: Staff | None = None) -> Staff:
    """End the duties of one role of ``account`` with the day ``last``, by default yesterday, and return the account.

    What would have begun later is taken away, and so is the role without an end from a version before. Errors as for
    :func:`give_duty`.
    """
    school, person, kept = _look_at_end(desk, account, role, last, seen)
    return _write(school, person, kept, role, "end_duty")


def look_at_end(desk: Desk, account: str, role: str, last: str = "", seen: Staff | None = None) -> Sequence[Post]:
    """Return the duties that :func:`end_duty` would leave, errors included; nothing is written."""
    return _look_at_end(desk, account, role, last, seen)[2]


def _look_at_end(
    desk: Desk, account: str, role: str, last: str, seen: Staff | None
) -> tuple[OpenSchool, Staff, Sequence[Post]]:
    school = desk.open_school()
    school.require(Act.ASSIGN)
    person = _person(school, account, seen)
    _require_role(role)
    day = _day("cuối", last, school.settings.year) if last else (school.today - timedelta(days=1)).isoformat()
    kept = [
        post if post.role != role or post.until <= day else post._replace(until=day)
        for post in person.duties
        if post.role != role or post.since <= day
    ]
    if kept == list(person.duties) and role not in person.roles:
        raise Refused(
            f"{account} không được giao {Role(role).label.lower()} sau ngày {day_first(day)}; không có gì để đổi."
        )
    return school, person, kept


def duty_in_words(post: Post) -> str:
    """Return a duty for a person."""
    days = f"từ {day_first(post.since)} đến hết {day_first(post.until)}"
    return f"{Role(post.role).label}: {scope_in_words(post)}, {days}, theo quyết định {post.decision}"


def duties_in_words(person: Staff) -> list[str]:
    """Return the duties of an account for a person, with those of a version before, which have no end."""
    old = [
        f"{Role(role).label}: ghi theo bản cũ, nghĩa là mọi lớp, không thời hạn; giao lại: hocba account duty"
        for role in person.roles
        if Role(role) in BY_DUTY
    ]
    return [*map(duty_in_words, person.duties), *old]


def _same(post: Post) -> tuple[object, ...]:
    return post.role, post.since, tuple(post.grades), tuple(post.subjects)


def _person(school: OpenSchool, account: str, seen: Staff | None) -> Staff:
    person = school.staff(account)
    if seen is not None:
        require_as_seen(school, person, seen, ("posts",))
    if not person.name:
        raise Refused(
            f"Không có tài khoản “{account[:32]}” trong trường này.",
            "Xem màn hình Cán bộ, tài khoản, hoặc hocba account list.",
        )
    if person.left:
        raise Refused(f"{person.name} đã rời trường ngày {day_first(person.left)}; không giao việc được.")
    return person


def _write(school: OpenSchool, person: Staff, posts: Sequence[Post], role: str, act: str) -> Staff:
    document = school.document(STAFF, person.key)
    rows = [[p.role, p.since, p.until, p.decision, list(p.grades), list(p.subjects)] for p in sorted(posts)]
    after = Staff.from_fields(
        person.key, {**document, "roles": [held for held in person.roles if held != role], "posts": rows}
    )
    expecting = [Expect(STAFF, person.key, dict(document))]
    school.shard.change(school.account, act, change_of(document, after, ("roles", "posts")), expecting=expecting)
    return after


def _read(typed: TypedDuty, year: str) -> Post:
    _require_role(typed.role)
    since, until = _day("đầu", typed.since, year), _day("cuối", typed.until, year)
    if until < since:
        raise Refused(f"Ngày cuối {day_first(until)} trước ngày đầu {day_first(since)}.")
    decision = clean_line(typed.decision)[:_LONGEST]
    if not any(map(str.isdigit, decision)):
        raise Refused("Chưa ghi số quyết định.", "Ghi số và ngày, ví dụ 12/QĐ-TH ngày 05/09/2025.")
    grades = tuple(sorted(set(typed.grades)))
    if wrong := [grade for grade in grades if grade not in _GRADES]:
        raise Refused(f"Không có khối {wrong[0]}.", "Các khối: " + ", ".join(map(str, sorted(_GRADES))))
    subjects = tuple(dict.fromkeys(code.upper() for code in typed.subjects))
    if unknown := [code for code in subjects if code not in SUBJECTS]:
        raise Refused(f"Không có môn mã “{unknown[0][:16]}”.", "Mã: " + ", ".join(SUBJECTS))
    group = Role(typed.role) is Role.GROUP_HEAD
    if group and not (grades or subjects):
        raise Refused("Tổ trưởng của tổ nào? Chưa ghi khối hay môn nào.", "Ví dụ khối 4 5, hoặc môn NN1.")
    if not group and (grades or subjects):
        raise Refused("Tổ công tác làm việc với mọi lớp; không ghi khối, môn.")
    return Post(typed.role, since, until, decision, grades, subjects)


def _require_role(role: str) -> None:
    if role not in BY_DUTY:
        raise Refused(f"“{role[:16]}” không phải việc được giao theo quyết định.", "Là: " + ", ".join(sorted(BY_DUTY)))


def _day(which: str, typed: str, year: str) -> str:
    text = clean_line(typed)
    day = None if text.isdigit() else read_date(in_school_year(text, year))
    if not day:
        raise Refused(f"Ngày {which} “{text[:16]}” không đọc được.", "Gõ ngày/tháng/năm, ví dụ 05/09/2025.")
    return day
