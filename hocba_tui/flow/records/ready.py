"""What of a class may be submitted, approved or sealed now.

Asked before a token is looked for, so nothing heavy is imported here.
"""

from __future__ import annotations

from hocba_tui.errors import NotAllowed, Refused, StoreUnusable
from hocba_tui.flow.desk import CLAIMS, ISSUE_ROUNDS, RECORDS, Desk, OpenClass, OpenSchool
from hocba_tui.flow.grades.review import ClassReview, review_of
from hocba_tui.flow.records.jobs import Done, Job, jobs_at
from hocba_tui.flow.records.unknown_files import issued_unknown
from hocba_tui.model.record import Record
from hocba_tui.model.school import IssueRound
from hocba_tui.model.values import RecordState, Slot
from hocba_tui.rules.permits import Act


def require_round(school: OpenSchool) -> IssueRound:
    """Return the open issue round; raise Refused before the principal has opened one."""
    found = school.open_round()
    if found is None:
        raise Refused(
            "Hiệu trưởng chưa mở đợt phát hành (ai ký, chức vụ, nơi và ngày phát hành).",
            "Nhờ hiệu trưởng mở đợt phát hành, rồi nộp lại.",
        )
    return found


def prepare(desk: Desk, class_key: str, *, leave_gaps: bool = False) -> ClassReview:
    """Return the review of a class that may be submitted now.

    Raises Refused when there is no round, when anything is still to be entered (unless ``leave_gaps``: then
    those pupils stay in draft), or when nobody is ready; StoreUnusable when the class can only be read.
    """
    return prepared(desk.open_class(class_key, Act.SUBMIT), leave_gaps=leave_gaps)


def prepared(opened: OpenClass, *, leave_gaps: bool) -> ClassReview:
    """Return the review of a class that was opened to submit it, as :func:`prepare` does."""
    opened.require_sound()  # Before the PIN: nothing could be kept.
    require_round(opened.school)
    found = review_of(opened)
    if found.gaps and not leave_gaps:
        pupils = len({finding.pupil for finding in found.gaps})
        raise Refused(
            f"Lớp {opened.key} còn {len(found.gaps)} ô trống của {pupils} em; chưa nộp em nào.",
            "Mở mục Rà soát để xem và nhập từng ô, hoặc chỉ nộp các em đã đủ.",
        )
    if not found.ready:
        raise Refused(f"Lớp {opened.key} không còn em nào ở trạng thái nộp được.")
    return found


def jobs_to_approve(desk: Desk, class_key: str) -> list[Job]:
    """Return the submitted records of a class.

    Raises Refused when none waits, NotAllowed when this person may not sign, StoreUnusable when the class can only be
    read or the school does not know the round of a record.
    """
    return approvable(desk.open_class(class_key, Act.APPROVE))


def approvable(opened: OpenClass) -> list[Job]:
    """Return the submitted records of a class that was opened to approve them, as :func:`jobs_to_approve` does."""
    opened.require_sound()
    school, jobs = opened.school, jobs_at(opened, RecordState.SUBMITTED)
    if not jobs:
        raise Refused(f"Lớp {opened.key} không có học bạ nào chờ duyệt.")
    for job in jobs:
        signer_of_round = _round_of(school, job.record).signer
        if opened.document(RECORDS, job.pupil.key).get(f"by.{Slot.HOMEROOM}") == school.account:
            raise NotAllowed(
                "Bạn là giáo viên chủ nhiệm đã nộp các học bạ này.", "Người khác trong ban giám hiệu duyệt."
            )
        if signer_of_round != school.account:
            raise NotAllowed(
                f"Đợt phát hành ghi người ký là {school.staff(signer_of_round).name}, không phải bạn.",
                "Người ghi trong đợt ký, hoặc mở đợt mới rồi trả lại để giáo viên nộp lại.",
            )
    return jobs


def _round_of(school: OpenSchool, record: Record) -> IssueRound:
    document = school.document(ISSUE_ROUNDS, record.round)
    if not document:
        raise StoreUnusable(
            f"Học bạ nêu đợt phát hành “{record.round}” mà sổ của trường không có: sổ của trường cũ hơn các lớp.",
            "Báo người phụ trách máy chủ: hocba store check, rồi đưa lại bản mới nhất của thư mục school.",
            "Chưa ký gì.",
        )
    return IssueRound.from_fields(record.round, document)


def jobs_to_issue(desk: Desk, class_key: str) -> list[Job | Done]:
    """Return the approved records of a class, or why one may not be sealed.

    There is none when only the package is missing (a crash after the last seal). Raises Refused when nothing waits,
    NotAllowed when the same person approved a record: the seal and the principal's signature need two people.
    StoreUnusable when the class or the outbox can only be read.
    """
    return sealable(desk.open_class(class_key, Act.ISSUE))


def sealable(opened: OpenClass) -> list[Job | Done]:
    """Return the approved records of a class that was opened to seal them, as :func:`jobs_to_issue` does."""
    opened.require_sound()
    require_outbox(opened.school)
    jobs = jobs_at(opened, RecordState.APPROVED)
    if not jobs and not unpackaged(opened):
        raise Refused(f"Lớp {opened.key} không có học bạ nào chờ đóng dấu.")
    approvers = {opened.document(RECORDS, job.pupil.key).get(f"by.{Slot.PRINCIPAL}") for job in jobs}
    if opened.school.account in approvers:
        raise NotAllowed("Người đã duyệt không được tự đóng dấu.", "Văn thư giữ con dấu thực hiện việc này.")
    unknown = issued_unknown(opened, [job.pupil for job in jobs])
    return [Done(job.pupil, "", unknown[job.pupil.key]) if job.pupil.key in unknown else job for job in jobs]


def require_outbox(school: OpenSchool) -> None:
    """Raise StoreUnusable when the outbox can only be read: what is sealed could not be put into a package."""
    if damage := school.outbox.damage:
        raise StoreUnusable(
            "Hộp gửi chỉ xem được nên chưa đóng dấu được.", f"Báo người phụ trách máy chủ: {damage}.", "Chưa ký gì."
        )


def unpackaged(opened: OpenClass) -> dict[str, Record]:
    """Return the sealed records of a class that are in no package yet, by UUID in class order."""
    claimed = opened.school.outbox.table(CLAIMS)
    own = (opened.records[pupil.key] for pupil in opened.pupils())
    return {record.uuid: record for record in own if record.state is RecordState.ISSUED and record.uuid not in claimed}
