"""Open an issue round: it says who signs with which title, and the place and date of issue."""

from __future__ import annotations

from hocba_tui.errors import Refused
from hocba_tui.flow.desk import ISSUE_ROUNDS, Desk
from hocba_tui.intake.dates import read_date
from hocba_tui.model.school import IssueRound
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Edit, edits_for
from hocba_tui.text import clean_line


def open_round(desk: Desk, place: str, date: str, name: str = "") -> IssueRound:
    """Open an issue round in which the actor signs, close the one before, and return it.

    ``date`` is the date of issue, dd/mm/yyyy or ISO, that is printed in every record. Refused when place or date is
    not valid, or when the actor has no personal id or no registered certificate: the records could not be signed.
    """
    school = desk.open_school()
    school.require(Act.OPEN_ROUND)
    actor, year = school.actor, school.settings.year
    place = clean_line(place)
    if not place:
        raise Refused("Chưa ghi địa danh phát hành.", "Ví dụ: Liễu Đề.")
    day = None if date.strip().isdigit() else read_date(date)
    if not day:
        raise Refused(f"Ngày phát hành “{date}” không đúng dạng.", "Ví dụ: 12/06/2026.")
    if not actor.personal_id or not actor.certificate:
        raise Refused(
            "Tài khoản này chưa có số định danh hoặc chưa đăng ký chứng thư số.",
            "Nhờ quản trị đăng ký chứng thư trước khi mở đợt.",
        )
    number = len(school.table(ISSUE_ROUNDS)) + 1
    opened = IssueRound(
        key=f"dot-{number}",
        name=clean_line(name) or f"Đợt {number} năm học {year}",
        year=year,
        signer=actor.key,
        signer_name=actor.name,
        signer_id=actor.personal_id,
        signer_title=actor.title,
        place=place,
        date=day,
    )
    edits = edits_for(ISSUE_ROUNDS, opened.key, {}, opened.to_fields())
    current = school.open_round()
    if current is not None:
        edits.append(Edit(ISSUE_ROUNDS, current.key, "open", True, False))
    school.shard.change(actor.key, "open_round", edits)
    return opened
