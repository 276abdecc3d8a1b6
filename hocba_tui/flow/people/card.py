"""Everything about one person of the school, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hocba_tui.flow.activity.coming_and_going import KEY, WayIn, last_way_in
from hocba_tui.flow.desk import STAFF, Desk, OpenSchool
from hocba_tui.flow.opening import login_exists
from hocba_tui.flow.people.assignments import stays
from hocba_tui.flow.people.staff import Person, one_person
from hocba_tui.flow.requested import all_requests, outcomes_of, until
from hocba_tui.flow.school.assigning import duties_of
from hocba_tui.flow.school.duties import duties_in_words
from hocba_tui.flow.staff_facts import LABELS, typed_facts
from hocba_tui.model.school import Staff
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Value
from hocba_tui.text import day_first, moment


@dataclass(frozen=True)
class PersonCard:
    """A person, and what there is to say of them: label and text, a heading where the text is empty."""

    person: Person
    lines: tuple[tuple[str, str], ...]


def person_card(desk: Desk, account: str) -> PersonCard:
    """Return the card of an account; NotAllowed unless the actor manages accounts."""
    school = desk.open_school()
    school.require(Act.MANAGE_STAFF)
    person = one_person(school, account)
    lines = (
        *_account(person, school.document(STAFF, account)),
        *_duties(person),
        *_classes(school, account),
        *_way_in(desk, school, person),
    )
    return PersonCard(person, lines)


def _account(person: Person, document: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    one = person.staff
    yield "Tài khoản", one.key
    since = f" từ ngày {day_first(one.left or one.closed)}" if one.barred else ""
    why = f": {one.why_closed}" if one.closed and one.why_closed else ""
    yield "Tình trạng", person.standing.value + since + why
    if odd := Staff.odd_fields(document):
        yield "Mục lạ", f"{', '.join(odd)}: kho có giá trị lạ, được đọc như không có; ghi lại mục ấy."
    yield "Quyền", person.role_words
    if (found := person.proposal) is not None:
        who = f"{found.by.name} ({found.by.key}) đề nghị ngày {day_first(found.day)}"
        yield "Chờ người thứ hai", f"{found.words}. {who}; xác nhận được đến hết {day_first(found.last_day)}."
    typed = typed_facts(one)
    yield from ((label, typed[name] or "chưa ghi") for name, label in LABELS.items())


def _duties(person: Person) -> Iterator[tuple[str, str]]:
    if words := duties_in_words(person.staff):
        yield "Việc giao theo quyết định", ""
        yield from (("", each) for each in words)


def _classes(school: OpenSchool, account: str) -> Iterator[tuple[str, str]]:
    found = [
        stay for room in school.classrooms() for what in duties_of(room) for stay in stays(room, what)
        if stay.account == account
    ]  # fmt: skip
    if found:
        yield "Phân công", ""
    for stay in sorted(found, key=lambda stay: (bool(stay.until), stay.class_key)):
        since = f"từ {day_first(stay.since)}" if stay.since else "từ đầu năm học"
        yield f"Lớp {stay.class_key}", f"{stay.words}, {since}{f' đến {day_first(stay.until)}' if stay.until else ''}"


def _way_in(desk: Desk, school: OpenSchool, person: Person) -> Iterator[tuple[str, str]]:
    one = person.staff
    yield "Vào chương trình", ""
    yield "Tên đăng nhập", one.system_user or "chưa có"
    if one.system_user and not school.settings.training:
        yield "Trên máy này", "có người dùng ấy" if login_exists(one.system_user) else NOT_ON_MACHINE
    for asked in (found for found in all_requests(school) if found.before.key == one.key):
        waits = "chờ người thứ hai" if asked.waiting else "máy chủ sắp làm"
        yield "Đã nhờ máy chủ", f"{asked.words}; {asked.by.name} nhờ lúc {moment(asked.at)}; {waits}, {until(asked)}."
    for done in outcomes_of(school, one.key):
        what = f"KHÔNG làm được: {done.problem}" if done.problem else "đã làm"
        yield "Máy chủ", f"{done.kind.label}: {what} lúc {moment(done.done)}, theo yêu cầu của {done.by}."
    yield "Lần vào gần nhất", _last_in_words(last_way_in(desk, one.key))
    if one.certificate:
        yield "Chứng thư kí số", f"đã đăng kí, SHA-256 {one.certificate[:16]}…"
    if one.recovered:
        yield "Mở lại từ máy chủ", one.recovered


def _last_in_words(found: WayIn | None) -> str:
    if found is None:
        return "không thấy trong nhật kí năm nay, năm trước"
    place = f"từ {found.came_from}" if found.came_from else "ngay trên máy chủ"
    return f"{moment(found.at)}, {place}{', bằng khóa' if found.way == KEY else ''}"


NOT_ON_MACHINE = "chưa có; người trông máy tạo: sudo hocba account apply"
"""What is said of a login that the machine does not know."""
