"""Names of the columns of results in the files that schools have: words as data, no rules.

A school whose software calls a column something else adds the word here. Words are compared by
:func:`plain`, so that case, tones, punctuation and the i and y of lí and lý do not matter.
"""

from __future__ import annotations

import re
from functools import lru_cache

from hocba_tui.model.curriculum import SUBJECTS, TRAITS, TraitGroup
from hocba_tui.model.results import COMMENT, HOMEROOM, LEVEL, SCORE
from hocba_tui.text import fold

_APART = re.compile(r"[^0-9a-z]+")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a header as bare words: no tones, no punctuation, & as và, y as i (mỹ thuật is mĩ thuật)."""
    return _APART.sub(" ", fold(text).replace("&", " va ").replace("y", "i")).strip()


BANK_CODE = "bank_code"
"""The aspect of a column that names comments by their codes in the bank."""
SUBJECT_WORDS: dict[str, tuple[str, ...]] = {
    "TV": ("Tiếng Việt", "T.Việt", "Việt"),
    "TOAN": ("Toán", "Toán học"),
    "NN1": (
        "Ngoại ngữ", "Ngoại ngữ 1", "Ngoại ngữ 1 Tiếng Anh", "Ngoại ngữ (Tiếng Anh)", "Tiếng Anh", "Anh văn",
        "T.Anh", "NN 1", "NN",
    ),
    "LSDL": ("Lịch sử và Địa lí", "Lịch sử - Địa lí", "LS&ĐL", "LS-ĐL", "LSĐL", "Sử Địa", "LS và Địa lí"),
    "KH": ("Khoa học", "K.học"),
    "TIN": (
        "Tin học", "TH-CN (Tin học)", "TH&CN (Tin học)", "Tin học và Công nghệ (Tin học)",
        "Tin học - Công nghệ (Tin học)", "Tin",
    ),
    "CN": (
        "Công nghệ", "TH-CN (Công nghệ)", "TH&CN (Công nghệ)", "Tin học và Công nghệ (Công nghệ)",
        "Tin học - Công nghệ (Công nghệ)", "C.nghệ",
    ),
    "DD": ("Đạo đức", "Đ.đức"),
    "TNXH": ("Tự nhiên và Xã hội", "Tự nhiên xã hội", "TN&XH", "TNXH", "TN-XH"),
    "GDTC": ("Giáo dục thể chất", "GD thể chất", "GDTC", "Thể dục"),
    "AN": ("Âm nhạc", "Nghệ thuật (Âm nhạc)", "NT (Âm nhạc)", "Nhạc"),
    "MT": ("Mĩ thuật", "Nghệ thuật (Mĩ thuật)", "NT (Mĩ thuật)", "M.thuật"),
    "HDTN": ("Hoạt động trải nghiệm", "HĐTN", "HĐ trải nghiệm", "Trải nghiệm"),
    "TDT": ("Tiếng dân tộc", "Tiếng dân tộc thiểu số", "T.DT", "TDTTS"),
}  # fmt: skip
TRAIT_WORDS: dict[str, tuple[str, ...]] = {
    "YN": ("Yêu nước",),
    "NA": ("Nhân ái",),
    "CC": ("Chăm chỉ",),
    "TT": ("Trung thực",),
    "TN": ("Trách nhiệm",),
    "TCTH": ("Tự chủ và tự học", "Tự chủ, tự học", "TC&TH", "Tự chủ tự học"),
    "GTHT": ("Giao tiếp và hợp tác", "Giao tiếp, hợp tác", "GT&HT"),
    "GQVD": (
        "Giải quyết vấn đề và sáng tạo", "Giải quyết vấn đề, sáng tạo", "GQVĐ và sáng tạo", "GQVĐ&ST", "GQVĐ",
        "GQVĐ ST",
    ),
    "NLNN": ("Ngôn ngữ",),
    "NLTT": ("Tính toán",),
    "NLKH": ("Khoa học",),
    "NLCN": ("Công nghệ",),
    "NLTH": ("Tin học",),
    "NLTM": ("Thẩm mĩ",),
    "NLTC": ("Thể chất",),
}  # fmt: skip
"""Khoa học, Công nghệ, Tin học are subjects unless the header says năng lực."""
GROUP_WORDS: dict[str, tuple[str, ...]] = {
    TraitGroup.QUALITIES: ("Phẩm chất", "Phẩm chất chủ yếu", "Những phẩm chất chủ yếu", "Các phẩm chất chủ yếu", "PC"),
    TraitGroup.GENERAL: ("Năng lực chung", "Những năng lực chung", "Các năng lực chung", "NL chung", "NLC"),
    TraitGroup.SPECIFIC: ("Năng lực đặc thù", "Những năng lực đặc thù", "Các năng lực đặc thù", "NL đặc thù", "NLĐT"),
    HOMEROOM: ("GVCN", "Giáo viên chủ nhiệm", "GV chủ nhiệm", "Nhận xét chung", "Chủ nhiệm"),
}
"""Subjects and traits that share one comment."""
ASPECT_WORDS: dict[str, tuple[str, ...]] = {
    LEVEL: ("Mức đạt được", "Mức đánh giá", "Mức độ", "Mức ĐĐ", "Mức", "MĐĐ", "Đánh giá", "ĐG", "ĐGTX", "Mức ĐG"),
    SCORE: (
        "Điểm KTĐK", "Điểm kiểm tra định kì", "Điểm bài kiểm tra định kì", "Điểm bài KTĐK", "Điểm kiểm tra", "Điểm KT",
        "Điểm số", "Điểm thi", "Điểm", "KTĐK",
    ),
    COMMENT: ("Nhận xét", "Lời nhận xét", "Nội dung nhận xét", "NX", "Lời phê"),
    BANK_CODE: ("Mã nhận xét", "Mã lời nhận xét", "Mã NX", "Mã nội dung nhận xét"),
}  # fmt: skip
LEVEL_WORDS: dict[str, tuple[str, ...]] = {
    "T": ("T", "Tốt", "Hoàn thành tốt", "HTT"),
    "H": ("H", "Hoàn thành", "HT"),
    "Đ": ("Đ", "Đạt"),
    "C": ("C", "Cần cố gắng", "Chưa hoàn thành", "CHT", "CCG"),
}
"""Headers of columns with a mark for each level, below the name of the item."""
PERSON_WORDS: dict[str, tuple[str, ...]] = {
    "code": ("Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT", "Mã định danh Bộ GDĐT", "Mã định danh"),
    "name": ("Họ tên", "Họ và tên", "Họ và tên học sinh", "Họ tên học sinh", "Tên học sinh", "Học sinh"),
    "family": ("Họ", "Họ đệm", "Họ và đệm", "Họ và tên đệm", "Họ tên đệm"),
    "given": ("Tên",),
    "birth": ("Ngày sinh", "Ngày, tháng, năm sinh", "Ngày tháng năm sinh"),
    "class": ("Mã lớp", "Tên lớp", "Lớp", "Lớp học"),
    "period": (
        "Thời điểm đánh giá",
        "Thời điểm",
        "Giai đoạn",
        "Giai đoạn đánh giá",
        "Kỳ đánh giá",
        "Đợt đánh giá",
        "Học kỳ",
        "HK",
        "Kỳ",
        "Kỳ học",
    ),
    "year": ("Năm học", "Niên khóa"),
}
SAID_WORDS: dict[str, tuple[str, ...]] = {
    "outcome": ("Xếp loại", "Đánh giá KQGD", "Đánh giá kết quả giáo dục", "Kết quả giáo dục", "KQGD"),
    "HTXS": ("Hoàn thành xuất sắc", "HTXS"),
    "HTT": ("Hoàn thành tốt", "HTT"),
    "HT": ("Hoàn thành", "HT"),
    "CHT": ("Chưa hoàn thành", "CHT"),
    "completed": (
        "Hoàn thành chương trình lớp học", "Hoàn thành chương trình", "Hoàn thành chương trình tiểu học",
        "HTCT lớp học", "HTCTLH", "Hoàn thành CTLH",
    ),
    "promoted": ("Lên lớp", "Được lên lớp"),
    "held": ("Chưa được lên lớp", "Ở lại lớp", "Lưu ban"),
}  # fmt: skip
"""Columns of what the rules compute or the principal decides: compared, never stored."""
SEVERAL_WORDS = (
    "Môn học và hoạt động giáo dục", "Các môn học và hoạt động giáo dục", "Môn học", "Các môn học", "Năng lực",
    "Năng lực cốt lõi", "Những năng lực cốt lõi", "Tin học và Công nghệ", "TH-CN", "Nghệ thuật", "Năng lực, phẩm chất",
    "Phẩm chất, năng lực", "Năng lực và phẩm chất", "Phẩm chất và năng lực", "NL-PC", "PC-NL",
)  # fmt: skip
"""Headers above several items; they hold no value themselves."""
OTHER_WORDS = (
    "STT", "TT", "Số TT", "Số thứ tự", "Giới tính", "Nam", "Nữ", "Dân tộc", "Ghi chú", "Khen thưởng", "Danh hiệu",
    "Số định danh", "Số định danh cá nhân", "Mã trường", "Trường", "Khối",
)  # fmt: skip
"""Known columns that are not read."""
FILLERS = ("mon", "ve", "cua", "cac", "nhung", "cho", "giao vien", "gv")
"""Words before the name of an item that carry no meaning, in the form of :func:`plain`."""
TRAIT_CONTEXT = ("nang luc", "nl", "pham chat", "pc")


def by_word(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return a look-up by :func:`plain` from a table of this module."""
    return {plain(word): key for key, many in words.items() for word in many}


SUBJECT_BY_WORD = by_word({code: (*SUBJECT_WORDS[code], SUBJECTS[code].name, code) for code in SUBJECTS})
TRAIT_BY_WORD = by_word({code: (*TRAIT_WORDS[code], TRAITS[code].name, TRAITS[code].short) for code in TRAITS})
