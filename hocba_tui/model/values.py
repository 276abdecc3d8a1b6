"""Enumerations: periods, levels, outcomes, roles, states."""

from __future__ import annotations

from enum import StrEnum


class Period(StrEnum):
    """The four moments of assessment (TT 27/2020, Điều 7)."""

    MID_1 = "mid_1"
    END_1 = "end_1"
    MID_2 = "mid_2"
    END_YEAR = "end_year"

    @property
    def label(self) -> str:
        """Return the name on the screen."""
        return {"mid_1": "Giữa HK I", "end_1": "Cuối HK I", "mid_2": "Giữa HK II", "end_year": "Cuối năm"}[self.value]

    @property
    def short(self) -> str:
        """Return the name above a narrow column, as teachers write it."""
        return {"mid_1": "GK1", "end_1": "CK1", "mid_2": "GK2", "end_year": "CN"}[self.value]


SUBJECT_LEVELS = ("T", "H", "C")
"""Hoàn thành tốt, Hoàn thành, Chưa hoàn thành (TT 27/2020, Điều 7.1a)."""
TRAIT_LEVELS = ("T", "Đ", "C")
"""Tốt, Đạt, Cần cố gắng (TT 27/2020, Điều 7.2)."""
SCORES = range(1, 11)
"""Whole numbers on a scale of ten (TT 27/2020, Điều 7.1d)."""


class Outcome(StrEnum):
    """Result of the year (TT 27/2020, Điều 9.2a)."""

    HTXS = "HTXS"
    HTT = "HTT"
    HT = "HT"
    CHT = "CHT"

    @property
    def label(self) -> str:
        """Return the words of the law."""
        return {
            "HTXS": "Hoàn thành xuất sắc",
            "HTT": "Hoàn thành tốt",
            "HT": "Hoàn thành",
            "CHT": "Chưa hoàn thành",
        }[self.value]


class Title(StrEnum):
    """The two titles of the year's end (TT 27/2020, Điều 13.1a)."""

    XS = "XS"
    TB = "TB"

    @property
    def label(self) -> str:
        """Return the words of the law."""
        return {
            "XS": "Học sinh Xuất sắc",
            "TB": "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện",
        }[self.value]

    @property
    def short(self) -> str:
        """Return the name as people say it."""
        return {"XS": "Học sinh Xuất sắc", "TB": "Học sinh Tiêu biểu"}[self.value]


class SheetForm(StrEnum):
    """What may be written as an Excel file."""

    CSDL = "csdl"
    RESULT_SHEET = "bang-tong-hop"
    ROSTER = "danh-sach"
    COMMENTS = "nhan-xet"

    @property
    def label(self) -> str:
        """Return the name on the screen."""
        return {
            "csdl": "Tệp kết quả để nạp vào CSDL ngành",
            "bang-tong-hop": "Bảng tổng hợp kết quả đánh giá (để in, kí)",
            "danh-sach": "Danh sách lớp (nạp lại được)",
            "nhan-xet": "Nhận xét của GVCN và của từng môn",
        }[self.value]

    @property
    def of_a_period(self) -> bool:
        """Return whether the file is about one period; a class list is not."""
        return self is not SheetForm.ROSTER


class EntryKind(StrEnum):
    """How a cell is typed: one key, a score, a number, or text in an editor."""

    LEVEL = "level"
    SCORE = "score"
    NUMBER = "number"
    MARK = "mark"
    """A title or a yes: one key."""
    TEXT = "text"


class Role(StrEnum):
    """The role of an account in the school. Homeroom and subject teachers are named in their classes."""

    TEACHER = "teacher"
    PRINCIPAL = "principal"
    DEPUTY = "deputy"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"
    GROUP_HEAD = "group_head"
    WORKING_GROUP = "working_group"
    OBSERVER = "observer"

    @property
    def label(self) -> str:
        """Return the name on the screen."""
        return {
            "teacher": "Giáo viên",
            "principal": "Hiệu trưởng",
            "deputy": "Phó hiệu trưởng",
            "clerk": "Văn thư",
            "administrator": "Quản trị",
            "group_head": "Tổ trưởng chuyên môn",
            "working_group": "Tổ công tác",
            "observer": "Người xem",
        }[self.value]


class RecordState(StrEnum):
    """The states of a record, in order; going back is an act of its own and needs a reason."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ISSUED = "issued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def label(self) -> str:
        """Return the name on the screen."""
        return {
            "draft": "đang nhập",
            "submitted": "GVCN đã nộp",
            "approved": "HT đã duyệt",
            "issued": "đã phát hành",
            "sent": "đã gửi",
            "accepted": "đã tiếp nhận",
            "rejected": "bị từ chối",
        }[self.value]


class Slot(StrEnum):
    """The three signatures of a record (CV 2088, Phụ lục 1.1), in the order in which they are made."""

    HOMEROOM = "GVCN"
    PRINCIPAL = "CBQL"
    SEAL = "KY_PHAT_HANH"

    @property
    def label(self) -> str:
        """Return the name on the screen."""
        return {"GVCN": "Giáo viên chủ nhiệm", "CBQL": "Cán bộ quản lý", "KY_PHAT_HANH": "Ký số phát hành"}[self.value]
