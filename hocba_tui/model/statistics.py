"""The numbers that a school reports: the tables, their categories, and the groups of pupils counted apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.values import Outcome


class Kind(StrEnum):
    """What is counted. Each kind is one sheet of the Excel file."""

    OUTCOMES = "outcomes"
    COMPLETION = "completion"
    PROMOTION = "promotion"
    AWARDS = "awards"
    EXTRA_AWARDS = "extra_awards"
    LEVELS = "levels"
    BANDS = "bands"
    SCORES = "scores"
    TRAITS = "traits"

    @property
    def label(self) -> str:
        """Return the name on the screen and of the Excel sheet (at most 31 characters)."""
        return _LABELS[self]


_LABELS = {
    Kind.OUTCOMES: "Đánh giá kết quả giáo dục",
    Kind.COMPLETION: "Hoàn thành chương trình",
    Kind.PROMOTION: "Lên lớp",
    Kind.AWARDS: "Khen thưởng cuối năm",
    Kind.EXTRA_AWARDS: "Khen thưởng đột xuất",
    Kind.LEVELS: "Mức các môn học",
    Kind.BANDS: "Khoảng điểm KTĐK",
    Kind.SCORES: "Từng điểm KTĐK",
    Kind.TRAITS: "Phẩm chất, năng lực",
}
YEAR_KINDS = (Kind.OUTCOMES, Kind.COMPLETION, Kind.PROMOTION, Kind.AWARDS, Kind.EXTRA_AWARDS)
"""The result of the year exists only at its end (Điều 9.2)."""

MISSING, EXEMPT, NOT_ASSESSED = "missing", "exempt", "not_assessed"
ASIDE = (MISSING, EXEMPT, NOT_ASSESSED)
"""Categories of pupils without a result; a missing value is never counted as a low one."""
YES, NO, UNDECIDED = "yes", "no", "undecided"
EXCELLENT, EXEMPLARY, OTHER = "excellent", "exemplary", "other"
_NOT_ENOUGH = {MISSING: "Chưa đủ dữ liệu", NOT_ASSESSED: "Không đánh giá"}
_NO_SCORE = {MISSING: "Chưa có điểm", EXEMPT: "Miễn, ngoài kế hoạch", NOT_ASSESSED: "Không đánh giá"}

CATEGORIES: Mapping[Kind, Mapping[str, str]] = {
    Kind.OUTCOMES: {**{outcome.value: outcome.label for outcome in Outcome}, **_NOT_ENOUGH},
    Kind.COMPLETION: {YES: "Hoàn thành", NO: "Chưa hoàn thành", **_NOT_ENOUGH},
    Kind.PROMOTION: {
        YES: "Được lên lớp", NO: "Chưa được lên lớp", UNDECIDED: "Chờ quyết định", **_NOT_ENOUGH,
    },
    Kind.AWARDS: {
        EXCELLENT: "Học sinh Xuất sắc", EXEMPLARY: "Học sinh Tiêu biểu", OTHER: "Khen thưởng khác",
        MISSING: "Không ghi khen thưởng",
    },
    Kind.EXTRA_AWARDS: {YES: "Có khen đột xuất", MISSING: "Không ghi khen thưởng"},
    Kind.LEVELS: {
        "T": "Hoàn thành tốt (T)", "H": "Hoàn thành (H)", "C": "Chưa hoàn thành (C)",
        MISSING: "Chưa có mức", EXEMPT: "Miễn, ngoài kế hoạch", NOT_ASSESSED: "Không đánh giá",
    },
    Kind.BANDS: {"9": "Điểm 9–10", "7": "Điểm 7–8", "5": "Điểm 5–6", "1": "Điểm dưới 5", **_NO_SCORE},
    Kind.SCORES: {**{str(score): f"Điểm {score}" for score in range(10, 0, -1)}, **_NO_SCORE},
    Kind.TRAITS: {
        "T": "Tốt (T)", "Đ": "Đạt (Đ)", "C": "Cần cố gắng (C)",
        MISSING: "Chưa có mức", EXEMPT: "Ngoài kế hoạch cá nhân", NOT_ASSESSED: "Không đánh giá",
    },
}  # fmt: skip
"""The categories of each kind, in the order of the report. Every pupil counted is in exactly one."""


@dataclass(frozen=True)
class Count:
    """How many pupils: all, and those of them whom reports count apart."""

    total: int = 0
    girls: int = 0
    minority: int = 0
    minority_girls: int = 0
    disabled: int = 0

    @cached_property
    def values(self) -> tuple[int, ...]:
        """Return the numbers in the order of the report."""
        return (self.total, self.girls, self.minority, self.minority_girls, self.disabled)


def total_of(counts: Iterable[Count]) -> Count:
    """Return the sum of counts, column by column."""
    return Count(*map(sum, zip(*(count.values for count in counts), strict=True)))


@dataclass(frozen=True)
class Topic:
    """One table: a kind, and the subject, quality or competency where the kind has several."""

    kind: Kind
    code: str = ""

    @property
    def name(self) -> str:
        """Return kind and code in one word, for files."""
        return f"{self.kind.value}:{self.code}"

    @property
    def label(self) -> str:
        """Return the name of the subject, quality or competency; empty for a kind with a single table."""
        if self.code in TRAITS:
            return TRAITS[self.code].name
        return SUBJECTS[self.code].name if self.code else ""

    @property
    def categories(self) -> Mapping[str, str]:
        """Return the categories with their labels."""
        return CATEGORIES[self.kind]
