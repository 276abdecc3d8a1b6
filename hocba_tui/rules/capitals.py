"""Words with a capital letter in a comment that are not a pupil's name."""

from __future__ import annotations

import re

from hocba_tui.model.curriculum import SUBJECTS, TRAITS

CALLS = frozenset(("em", "bạn", "con", "cháu", "trò", "bé", "tên", "hs", "sinh"))
"""Words that precede a pupil's name; the last for "học sinh Lan"."""

OTHERS = frozenset((
    "xã", "phường", "tỉnh", "phố", "huyện", "quận", "thôn", "xóm", "làng", "bản", "ấp", "đường", "trường", "lớp",
    "tổ", "khối", "nhóm", "sông", "núi", "biển", "đảo", "hồ", "miền", "phía", "phương", "hướng", "nước", "tiếng",
    "người", "dân", "tộc", "môn", "bài", "vở", "sách", "cuốn", "truyện", "chuyện", "thơ", "vai", "vật", "phim",
    "giải", "tết", "lễ", "hội", "đội", "cúp", "cô", "thầy", "bác", "ông", "bà", "chú", "dì", "cậu", "mợ", "mẹ", "bố",
    "cha", "ba", "má", "anh", "chị", "đất", "quê", "hương", "phẩm", "chất", "lực", "tính", "đề", "chữ", "điểm",
    "mức", "tháng", "mùa", "ngày", "loại", "hạng", "số", "vua", "hùng", "sĩ", "thời",
))  # fmt: skip
"""A word with a capital letter after one of these is something else: a place, a book, an adult, a subject."""

PLACES = frozenset((
    "việt nam", "thái bình", "hòa bình", "ninh bình", "quảng bình", "an giang", "hà giang", "bắc giang",
    "tiền giang", "hậu giang", "kiên giang", "hải dương", "bình dương", "khánh hòa", "hà nam", "thái nguyên",
    "bình phước", "lạng sơn", "kim đồng", "minh khai", "trung thu", "quốc khánh", "trạng nguyên", "thái lan",
    "quang trung",
))  # fmt: skip
"""Pairs of capitalised words that could be the end of a pupil's name but are well known as something else."""

_ORDINARY = (
    "An toàn", "Bảo tàng", "Bình tĩnh", "Chăm ngoan", "Chăm học", "Chi đội", "Công an", "Hiền lành", "Hoa điểm",
    "Hoà đồng", "Hòa đồng", "Học sinh",
    "Mạnh dạn", "Ngoan ngoãn", "Nhi đồng", "Phong trào", "Quốc gia", "Quốc tế", "Thành phố", "Thành thạo", "Thái độ",
    "Thiếu niên", "Thiếu nhi", "Tiên tiến", "Tiến bộ", "Tiền phong", "Trung thu", "Trung tâm", "Trung ương",
    "Tự tin", "Văn nghệ", "Vượt khó", "Yên lặng", "Ý thức", "Ý kiến",
)  # fmt: skip
_TAUGHT = (
    *(subject.name for subject in SUBJECTS.values()),
    *(trait.name for trait in TRAITS.values()),
)
PHRASES = (*_ORDINARY, *(part for name in _TAUGHT for part in re.split(r" ?[()] ?| và ", name) if part))
"""Terms that begin like a given name and continue in small letters: contests, virtues, subjects, qualities."""
