"""Names of the columns of lists of pupils: CSDL ngành (C1-HocSinh and the school's own export), vnEdu, SMAS, schools.

Words as data: a school whose software calls a column something else adds the word here.
"""

from __future__ import annotations

HEADERS: dict[str, tuple[str, ...]] = {
    "class": ("Mã lớp", "Tên lớp", "Lớp", "Lớp học"),
    "code": ("Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT", "Mã định danh Bộ GDĐT", "Mã định danh Bộ"),
    "name": ("Họ tên", "Họ và tên", "Họ tên học sinh", "Họ và tên học sinh"),
    "birth": ("Ngày sinh", "Ngày, tháng, năm sinh", "Ngày tháng năm sinh"),
    "sex": ("Giới tính",),
    "girl": ("Nữ",),
    "status": ("Trạng thái HS", "Trạng thái học sinh", "Trạng thái"),
    "status_date": ("Ngày nhập trạng thái", "Ngày trạng thái"),
    "left_reason": ("Lí do rời trường", "Lý do thôi học", "Lý do chuyển đi", "Lý do chuyển"),
    "ethnic": ("Dân tộc",),
    "disability": ("Loại khuyết tật", "Khuyết tật", "K.tật", "K. tật"),
    "personal_id": (
        "Số định danh cá nhân", "Số định danh", "Số CCCD", "CCCD", "Số CCCD / Số định danh", "Số CCCD/Số định danh",
        "Số CCCD/ Số định danh", "Số định danh cá nhân/CCCD", "Số CCCD/Định danh cá nhân", "Số ĐDCN",
        "Mã định danh cá nhân", "Căn cước công dân", "Số căn cước", "Số căn cước công dân", "Số CMND/CCCD",
        "Số CMTND/CCCD", "Số CMND/TCC",
    ),
    "birthplace": ("Nơi sinh", "Nơi sinh chi tiết", "Nơi sinh (chi tiết)"),
    "hometown": ("Quê quán", "Nguyên quán", "Quê quán chi tiết"),
    "address": (
        "Chỗ ở hiện nay", "Nơi ở hiện nay", "Nơi ở hiện tại", "Chỗ ở hiện tại", "Địa chỉ", "Địa chỉ hiện tại",
        "Địa chỉ hiện nay", "Địa chỉ chỗ ở", "Chỗ ở",
    ),
    "father": ("Họ tên cha", "Họ và tên cha", "Tên cha", "Họ tên bố", "Họ và tên bố", "Tên bố", "Cha", "Bố"),
    "mother": ("Họ tên mẹ", "Họ và tên mẹ", "Tên mẹ", "Mẹ"),
    "guardian": ("Họ tên người giám hộ", "Họ và tên người giám hộ", "Tên người giám hộ", "Người giám hộ",
                 "Người đỡ đầu", "Tên người đỡ đầu"),
    "register_no": ("Số đăng bộ", "Sổ đăng bộ"),
    "grade": ("Khối", "Khối lớp", "Khối học", "Mã khối"),
    "year": ("Năm học", "Niên khóa"),
}  # fmt: skip
PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "birthplace": (
        ("Phường/Xã nơi sinh", "Phường Xã nơi sinh", "Nơi sinh Xã (cũ)"),
        ("Quận/Huyện nơi sinh", "Nơi sinh Huyện (cũ)"),
        ("Tỉnh/Thành nơi sinh", "Tỉnh thành nơi sinh", "Nơi sinh Tỉnh (cũ)"),
    ),
    "hometown": (
        ("Tổ thôn quê quán", "Tổ/thôn quê quán", "Thôn xóm quê quán"),
        ("Phường Xã quê quán", "Phường/Xã quê quán", "Xã quê quán", "Quê quán Xã (cũ)"),
        ("Quận Huyện quê quán", "Quận/Huyện quê quán", "Quê quán Huyện (cũ)"),
        ("Tỉnh thành quê quán", "Tỉnh/Thành quê quán", "Tỉnh/thành phố quê quán", "Quê quán Tỉnh (cũ)"),
    ),
    "address": (
        ("Tổ/thôn chỗ ở hiện nay", "Tổ thôn chỗ ở hiện nay"),
        ("Phường/Xã chỗ ở hiện nay", "Phường Xã chỗ ở hiện nay", "Phường/Xã nơi ở hiện nay"),
        ("Quận/Huyện chỗ ở hiện nay", "Quận Huyện chỗ ở hiện nay"),
        ("Tỉnh thành chỗ ở hiện nay", "Tỉnh/Thành chỗ ở hiện nay", "Tỉnh thành nơi ở hiện nay"),
    ),
}
"""A place in several columns, from the smallest part to the largest."""
PART_FIELDS = {
    f"{place}{number}": names for place, parts in PARTS.items() for number, names in enumerate(parts, start=1)
}
PASSED_OVER = (
    "STT", "TT", "Số TT", "Số thứ tự", "Ghi chú", "Nam", "Mã trường", "Tên trường", "Trường", "SĐT liên hệ",
    "Số điện thoại", "Điện thoại", "SĐT", "Email",
)  # fmt: skip
"""Columns that everybody knows not to be part of a record."""
