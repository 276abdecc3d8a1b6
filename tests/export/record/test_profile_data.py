from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

from hocba_tui.export.record.profile import load_profile
from hocba_tui.model.curriculum import SUBJECTS
from hocba_tui.model.values import Slot

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "hocba_tui" / "export" / "profiles" / "hbs-1.0"

# The data tags of CV 2088, Phụ lục 1.1, in the order of the specification, X where required.
SPECIFICATION = """
PHIEN_BAN X THONG_TU X MA_TRA_CUU_UUID X TEN_NAM_HOC X MA_SO_GIAO_DUC X TEN_SO_GD X MA_TRUONG X TEN_TRUONG X
TEN_QUAN_HUYEN X TEN_XA_PHUONG X TEN_TINH_THANH_PHO X MA_CAP_HOC X SO_SO_DANG_BO X HO_VA_TEN X SO_CCCD X
MA_HOC_SINH X GIOI_TINH X NGAY_SINH X CAN_NANG X CHIEU_CAO X TONG_SO_BUOI_NGHI_CO_PHEP X
THONG_SO_BUOI_NGHI_KHONG_PHEP X NOI_SINH X QUE_QUAN X CHO_O_HIEN_NAY X DAN_TOC X QUOC_TICH X HO_VA_TEN_CHA -
HO_VA_TEN_ME X HO_VA_TEN_NGUOI_GIAM_HO - TEN_GIAM_HIEU_KY_HOC_BA X SO_CCCD_GIAM_HIEU_KY_HOC_BA X
DIA_DANH_PHAT_HANH_HOC_BA X NGAY_TAO_HOC_BA X NGAY_KY_PHAT_HANH_HOC_BA X CHUC_VU_GIAM_HIEU_KY_HOC_BA X
TEN_GIAO_VIEN_CHU_NHIEM - SO_CCCD_GIAO_VIEN_CHU_NHIEM - MA_KHOI X TEN_LOP X NAM_HOC X TEN_LOP X TEN_TRUONG X
NGAY_TRANG_THAI_CHUYEN_DEN X KET_QUA_XEP_LOAI X DUOC_LEN_LOP X NOI_DUNG_HOAN_THANH_CHUONG_TRINH -
DA_HOAN_THANH_CHUONG_TRINH_LOP_HOC X DA_HOAN_THANH_CHUONG_TRINH_TIEU_HOC - NOI_DUNG_KHEN_THUONG -
NOI_DUNG_KHEN_THUONG_DOT_XUAT - NHAN_XET_GVCN X MA_MON_HOC X TEN_MON_HOC X MUC_DAT_DUOC X
DIEM_KIEM_TRA_DINH_KY - NANG_LUC_TU_CHU_TU_HOC X NANG_LUC_GIAO_TIEP_HOC_TAC X
NANG_LUC_GIAI_QUYET_VAN_DE_SANG_TAO X NANG_LUC_NGON_NGU X NANG_LUC_TINH_TOAN X NANG_LUC_KHOA_HOC X
NANG_LUC_CONG_NGHE - NANG_LUC_TIN_HOC - NANG_LUC_THAM_MI X NANG_LUC_THE_CHAT X PHAM_CHAT_YEU_NUOC X
PHAM_CHAT_NHAN_AI X PHAM_CHAT_CHAM_CHI X PHAM_CHAT_TRUNG_THUC X PHAM_CHAT_TRACH_NHIEM X NHAN_XET_PHAM_CHAT X
NHAN_XET_NANG_LUC_CHUNG X NHAN_XET_NANG_LUC_DAC_THU X
"""


def test_every_data_tag_of_the_specification_is_there_in_order_and_as_required() -> None:
    words = SPECIFICATION.split()
    expected = [(tag, mark == "X") for tag, mark in zip(words[::2], words[1::2], strict=True)]
    assert [(field.tag, field.required) for field in load_profile("hbs-1.0").fields] == expected


def test_the_three_signatures_stand_in_their_order_and_only_the_teachers_is_optional() -> None:
    slots = [(place.slot, place.required) for place in load_profile("hbs-1.0").slots]
    assert slots == [(Slot.HOMEROOM, False), (Slot.PRINCIPAL, True), (Slot.SEAL, True)]


def test_every_subject_has_a_code_that_fits() -> None:
    codes = load_profile("hbs-1.0").subject_codes
    assert set(codes) == set(SUBJECTS)
    assert all(len(code) <= 3 for code in codes.values())
    assert len(set(codes.values())) == len(codes)


def test_the_xsd_is_the_one_that_its_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("make_xsd", ROOT / "scripts" / "make_xsd.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (FOLDER / "hbs-1.0.xsd").read_text(encoding="utf-8") == module.make("hbs-1.0")


def test_lengths_of_the_national_dictionary_are_kept() -> None:
    with (FOLDER / "fields.csv").open(encoding="utf-8", newline="") as rows:
        lengths = {row["tag"]: int(row["max"]) for row in csv.DictReader(rows) if row["block"] != "history"}
    assert lengths["HO_VA_TEN"] == 150
    assert lengths["TEN_LOP"] == 10
    assert lengths["NHAN_XET_GVCN"] == 2000
    assert lengths["NHAN_XET_PHAM_CHAT"] == 500


def test_every_field_has_a_name_for_people() -> None:
    fields = load_profile("hbs-1.0").fields
    assert all(field.label and "_" not in field.label for field in fields)
    for block in {field.block for field in fields}:
        labels = [field.label for field in fields if field.block == block]
        assert len(set(labels)) == len(labels)
