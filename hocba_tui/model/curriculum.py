"""Subjects, qualities and competencies of the 2018 curriculum for primary schools (TT 32/2018, TT 27/2020)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TraitGroup(StrEnum):
    """How qualities and competencies are grouped; each group shares one comment (TT 27/2020, Phụ lục 1)."""

    QUALITIES = "qualities"
    GENERAL = "general"
    SPECIFIC = "specific"

    @property
    def label(self) -> str:
        """Return the name on the screen."""
        return _GROUP_LABELS[self]


_GROUP_LABELS = {
    TraitGroup.QUALITIES: "Phẩm chất",
    TraitGroup.GENERAL: "Năng lực chung",
    TraitGroup.SPECIFIC: "Năng lực đặc thù",
}


@dataclass(frozen=True)
class Subject:
    """A row of the card: a subject or an educational activity."""

    code: str
    name: str
    short: str
    grades: tuple[int, ...]
    """Grades in which it is compulsory."""
    optional_grades: tuple[int, ...] = ()
    """Grades in which a class may choose it."""

    @property
    def spoken(self) -> str:
        """Return the name as people say it: Tin học, Âm nhạc, Tiếng Anh."""
        return self.name.partition("(")[2].rstrip(")") or self.name


@dataclass(frozen=True)
class Trait:
    """A quality (phẩm chất) or a competency (năng lực)."""

    code: str
    name: str
    short: str
    group: TraitGroup
    grades: tuple[int, ...] = (1, 2, 3, 4, 5)


SUBJECTS: dict[str, Subject] = {
    subject.code: subject
    for subject in (
        Subject("TV", "Tiếng Việt", "T.Việt", (1, 2, 3, 4, 5)),
        Subject("TOAN", "Toán", "Toán", (1, 2, 3, 4, 5)),
        Subject("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "T.Anh", (3, 4, 5), (1, 2)),
        Subject("LSDL", "Lịch sử và Địa lí", "LS&ĐL", (4, 5)),
        Subject("KH", "Khoa học", "K.học", (4, 5)),
        Subject("TIN", "Tin học và Công nghệ (Tin học)", "Tin", (3, 4, 5)),
        Subject("CN", "Tin học và Công nghệ (Công nghệ)", "C.nghệ", (3, 4, 5)),
        Subject("DD", "Đạo đức", "Đ.đức", (1, 2, 3, 4, 5)),
        Subject("TNXH", "Tự nhiên và Xã hội", "TN&XH", (1, 2, 3)),
        Subject("GDTC", "Giáo dục thể chất", "GDTC", (1, 2, 3, 4, 5)),
        Subject("AN", "Nghệ thuật (Âm nhạc)", "Nhạc", (1, 2, 3, 4, 5)),
        Subject("MT", "Nghệ thuật (Mĩ thuật)", "M.thuật", (1, 2, 3, 4, 5)),
        Subject("HDTN", "Hoạt động trải nghiệm", "HĐTN", (1, 2, 3, 4, 5)),
        Subject("TDT", "Tiếng dân tộc", "T.DT", (), (1, 2, 3, 4, 5)),
    )
}
"""In the row order of the Ministry's sample card (CV 2088, Phụ lục 2)."""

TRAITS: dict[str, Trait] = {
    trait.code: trait
    for trait in (
        Trait("YN", "Yêu nước", "Y.nước", TraitGroup.QUALITIES),
        Trait("NA", "Nhân ái", "N.ái", TraitGroup.QUALITIES),
        Trait("CC", "Chăm chỉ", "C.chỉ", TraitGroup.QUALITIES),
        Trait("TT", "Trung thực", "T.thực", TraitGroup.QUALITIES),
        Trait("TN", "Trách nhiệm", "T.nhiệm", TraitGroup.QUALITIES),
        Trait("TCTH", "Tự chủ và tự học", "T.chủ", TraitGroup.GENERAL),
        Trait("GTHT", "Giao tiếp và hợp tác", "G.tiếp", TraitGroup.GENERAL),
        Trait("GQVD", "Giải quyết vấn đề và sáng tạo", "GQVĐ", TraitGroup.GENERAL),
        Trait("NLNN", "Ngôn ngữ", "N.ngữ", TraitGroup.SPECIFIC),
        Trait("NLTT", "Tính toán", "T.toán", TraitGroup.SPECIFIC),
        Trait("NLKH", "Khoa học", "K.học", TraitGroup.SPECIFIC),
        Trait("NLCN", "Công nghệ", "C.nghệ", TraitGroup.SPECIFIC, (3, 4, 5)),
        Trait("NLTH", "Tin học", "T.học", TraitGroup.SPECIFIC, (3, 4, 5)),
        Trait("NLTM", "Thẩm mĩ", "T.mĩ", TraitGroup.SPECIFIC),
        Trait("NLTC", "Thể chất", "T.chất", TraitGroup.SPECIFIC),
    )
}
"""In the order of the form (TT 27/2020, Điều 4 and 5, Phụ lục 1)."""
