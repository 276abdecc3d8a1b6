"""Examine the computer and the store: what is installed, which tokens are plugged in, what is missing."""

from __future__ import annotations

import asyncio
import locale
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.clock import synchronised
from hocba_tui.config import softhsm_module
from hocba_tui.confine.environment import program
from hocba_tui.flow.desk import STAFF, WITHOUT_STAMPS, Desk
from hocba_tui.flow.records.before_pin import clock_words
from hocba_tui.flow.reports.backup_note import backup_note
from hocba_tui.flow.reports.certificate_note import endings
from hocba_tui.flow.school.held_apart import held_apart
from hocba_tui.model.school import Staff
from hocba_tui.rules.permits import BY_DUTY
from hocba_tui.signing.token import list_tokens
from hocba_tui.signing.training import token_environment, tokens_folder


@dataclass(frozen=True)
class Symptom:
    """One thing that was examined."""

    good: bool
    what: str
    now: str = ""
    outside: str = ""
    """What is said of it outside the school, where ``what`` may name a person; empty: the same."""


def examine(modules: Sequence[Path], desk: Desk | None) -> Iterator[Symptom]:
    """Yield what was found on this computer and, when a store is open, whether people can sign in it."""
    yield Symptom(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}", "Cần Python 3.11 trở lên.")
    encoding = locale.getencoding().lower()
    yield Symptom("utf" in encoding, f"Mã hóa màn hình: {encoding or 'không rõ'}", "Đặt LANG=C.UTF-8 hoặc vi_VN.UTF-8.")
    yield Symptom(bool(os.environ.get("TERM")), f"TERM={os.environ.get('TERM', '(trống)')}", "Đặt TERM=xterm-256color.")
    softhsm = softhsm_module()
    yield Symptom(
        softhsm is not None,
        f"SoftHSM2: {softhsm or 'chưa cài'}",
        "Chỉ cần cho tập huấn: apt install softhsm2. Thiếu thì dùng khóa tập huấn trong tệp.",
    )
    yield Symptom(
        program("xmlsec1") is not None,
        f"xmlsec1: {program('xmlsec1') or 'chưa cài'}",
        "Không bắt buộc; để kiểm chữ ký bằng công cụ thứ hai: apt install xmlsec1.",
    )
    found = [module for module in modules if module.exists()]
    yield Symptom(bool(found), f"Thư viện token: {len(found)}", "Cài trình điều khiển token, hoặc đặt HOCBA_PKCS11.")
    environment = token_environment(desk.root) if desk else {}
    for token in asyncio.run(list_tokens(found, environment)):
        warning = "PIN đã khóa" if token.locked else "chỉ còn một lần thử PIN" if token.final_try else ""
        count = f"{len(token.certificates)} chứng thư"
        yield Symptom(not warning, f"Token “{token.label}”: {count}", warning, f"Một token: {count}")
    yield _clock(desk)
    apart = held_apart()
    yield Symptom(not apart.now, f"Giữ các phiên trên máy chủ tách nhau: {apart.words}", apart.now)
    yield from _server()
    if desk is not None:
        yield from _store(desk)


def _server() -> Iterator[Symptom]:
    """Yield whether this computer is still as it was set up, where it is the server of a school."""
    from hocba_tui.machine.examined import examine as examine_server

    for seen in examine_server():
        # The name of a login may be in it.
        yield Symptom(
            seen.good,
            seen.what,
            seen.now,
            "Máy chủ của trường: như đã cài đặt" if seen.good else "Máy chủ của trường: có điều phải sửa",
        )


def _clock(desk: Desk | None) -> Symptom:
    said = " ".join(clock_words(desk))
    # Practice needs no right time.
    fine = not said or (desk is not None and desk.school.training)
    well = "theo giờ mạng (NTP)" if synchronised() else "không có gì báo là lệch"
    return Symptom(fine, f"Đồng hồ máy: {said or well}", "Bật chỉnh giờ theo mạng: timedatectl set-ntp true.")


def _store(desk: Desk) -> Iterator[Symptom]:
    from hocba_tui.flow.school.backups import lasting_words

    opened = desk.open_school()
    school, classrooms = opened.settings, opened.classrooms()
    kind = "kho tập huấn" if school.training else "kho thật"
    yield Symptom(True, f"{school.name}, năm học {school.year} ({kind}), hôm nay {desk.clock.today():%d/%m/%Y}")
    if school.training and not tokens_folder(desk.root).exists():
        yield Symptom(True, "Kho này ký bằng khóa tập huấn trong tệp (khi tạo chưa có SoftHSM2).")
    damaged = [damage for classroom in classrooms if (damage := opened.damage(classroom.key))]
    yield Symptom(
        not damaged, f"Nhật ký của {len(classrooms)} lớp", "Hỏng, chạy hocba store check: "
        + "; ".join(damaged[:3]),
    )  # fmt: skip
    words, wrong = backup_note(desk)
    yield Symptom(not wrong, f"Sao lưu: {words}", "hocba backup hằng đêm, hocba backup --drill mỗi quý: sao-luu.md.")
    yield Symptom(True, "Dấu thời gian: có" if school.timestamps else WITHOUT_STAMPS)
    if kept := lasting_words(desk.root):
        yield Symptom(True, kept)
    ending = [f"{one.holder} {one.words}" for one in endings(desk)]
    yield Symptom(
        not ending, "Chứng thư số sắp hết hạn: không có" if not ending else f"Chứng thư số sắp hết hạn: {len(ending)}",
        f"Xin cấp mới rồi hocba token register: {'; '.join(ending[:5])}",
    )  # fmt: skip
    yield Symptom(bool(school.seal_certificate), "Chứng thư con dấu", "Chưa đăng ký: văn thư chưa đóng dấu được.")
    without = [p.key for p in opened.everybody() if "teacher" in p.roles and not p.certificate]
    homerooms = {classroom.homeroom for classroom in classrooms}
    missing = sorted(homerooms.intersection(without))
    yield Symptom(
        not missing, f"Giáo viên chủ nhiệm có chứng thư: {len(homerooms) - len(missing)}/{len(homerooms)}",
        "Chưa đăng ký: " + ", ".join(missing[:5]),
    )  # fmt: skip
    if old := [p.key for p in opened.everybody() if p.has(*BY_DUTY) and not p.left]:
        yield Symptom(
            False, f"{len(old)} người giữ việc tổ trưởng, tổ công tác theo bản cũ: mọi lớp, không thời hạn",
            f"Hiệu trưởng giao lại (hocba account duty) hoặc thôi giao (end-duty): {', '.join(old[:5])}",
        )  # fmt: skip
    if odd := [key for key, document in opened.table(STAFF).items() if Staff.odd_fields(document)]:
        yield Symptom(
            False, f"{len(odd)} tài khoản có mục lạ, được đọc như không có",
            f"Kho đã bị sửa ngoài chương trình? Xem, ghi lại ở thẻ cán bộ: {', '.join(odd[:5])}",
        )  # fmt: skip
    yield Symptom(opened.open_round() is not None, "Đợt phát hành", "Hiệu trưởng chưa mở đợt; chưa ai nộp được.")
