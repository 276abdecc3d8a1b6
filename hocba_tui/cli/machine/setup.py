"""``hocba setup``: make this computer the server of a school, look whether it still is, or take that back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hocba_tui.cli.common import Commands, command, confirm
from hocba_tui.errors import WrongUse

if TYPE_CHECKING:
    from hocba_tui.machine.answers import Answers

_YES = "co"


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands, "setup", "Cài máy này làm máy chủ của trường: hỏi năm câu, cho xem việc sẽ làm, rồi làm.",
        "hocba setup --check; hocba setup",
    )  # fmt: skip
    added.add_argument("--store", metavar="THƯ_MỤC", help="câu 1: kho của trường, mặc định /srv/hocba/kho")
    added.add_argument("--backups", metavar="THƯ_MỤC", help="câu 2: bản sao lưu, mặc định /var/backups/hocba")
    added.add_argument(
        "--recipient", metavar="KHÓA", action="append",
        help="câu 3: khóa nhận của bản sao lưu (age1… hoặc ssh-ed25519 …), nhiều lần được",
    )  # fmt: skip
    added.add_argument(
        "--keeper", metavar="TÊN", help="câu 4: tên đăng nhập của người trông máy, không bao giờ bị chặn"
    )
    added.add_argument("--address", metavar="TÊN_MÁY", help="câu 5: mọi người gọi máy này bằng tên hoặc địa chỉ nào")
    added.add_argument("--owner", metavar="TÊN", help="tài khoản dịch vụ giữ kho, mặc định hocba")
    added.add_argument("--group", metavar="NHÓM", help="nhóm của người vào, mặc định hocba-gv")
    added.add_argument(
        "--codes", choices=("co", "khong"),
        help="ban giám hiệu, văn thư, quản trị có gõ thêm mã 6 số của điện thoại không, mặc định có",
    )  # fmt: skip
    ways = added.add_mutually_exclusive_group()
    ways.add_argument(
        "--check", action="store_true", help="chỉ xem máy còn thiếu gì, không đổi gì; thiếu thì mã thoát 1"
    )
    ways.add_argument(
        "--remove", action="store_true", help="gỡ những gì lệnh này đã đặt; kho, bản sao lưu, tài khoản ở lại"
    )
    added.add_argument("--ask", action="store_true", help="hỏi lại năm câu dù máy đã cài")
    added.add_argument("--yes", action="store_true", help="không hỏi gì: lấy các tham số, câu trả lời cũ và mặc định")
    added.add_argument("--programs", metavar="THƯ_MỤC", help="chỗ có hocba và hocba-attach, mặc định bản đang chạy")
    added.set_defaults(run=run, act="")  # No log: the store is not root's to write in.


def run(options: argparse.Namespace) -> int:
    """Ask, show what will be done, do it. Exit 1 when something is missing (--check), or nobody agreed."""
    from hocba_tui.machine.answers import Answers
    from hocba_tui.machine.server_setup import differences, require_root

    require_root()
    kept = Answers.read()
    answers = _given(kept or _defaults(), options)
    if options.remove:
        return _remove(answers, options)
    if not options.yes and not options.check:
        if not (sys.stdin and sys.stdin.isatty()):
            raise WrongUse("Không có bàn phím để hỏi.", "Thêm --yes và các tham số.", "Chưa đổi gì của máy.")
        if kept is None or options.ask:
            answers = _ask(answers)
    wanted = differences(answers, _new_key)
    if not wanted:
        print("Máy đã đúng như cài đặt; không có gì phải làm.")
        return 0
    print("Máy còn thiếu:" if options.check else "Sẽ làm:")
    for step, missing in wanted:
        print(f"  {missing}: {step.what}")
    if options.check:
        print("Làm: sudo hocba setup")
        return 1
    if not options.yes and not confirm(f"Làm những việc trên? (gõ '{_YES}') ", _YES):
        print("Chưa đổi gì của máy.")
        return 1
    for step, _ in wanted:
        step.do()
        print(f"✓ {step.what}", flush=True)
    _say_next(answers)
    return 0


def _defaults() -> Answers:
    import socket

    from hocba_tui.machine.answers import Answers
    from hocba_tui.machine.keepers import caller

    return Answers(address=socket.gethostname(), keeper=caller())


def _given(answers: Answers, options: argparse.Namespace) -> Answers:
    import sysconfig

    here = Path(options.programs or sysconfig.get_path("scripts"))
    if here.parent.parent.name == "versions":  # Where an update goes: the next version is behind the same name.
        here = here.parent.parent.parent / "current" / "bin"
    typed = {name: getattr(options, name) for name in ("store", "backups", "keeper", "address", "owner", "group")}
    recipients = answers.recipients if options.recipient is None else tuple(options.recipient)
    codes = answers.codes if options.codes is None else options.codes == _YES
    return replace(
        answers, **{name: value for name, value in typed.items() if value is not None},
        recipients=recipients, codes=codes,
        program=str(here / "hocba"), attach=str(here / "hocba-attach"),
    )  # fmt: skip


def _ask(answers: Answers) -> Answers:
    """Ask the five questions; Enter keeps what is in brackets."""
    print("Năm câu hỏi. Enter: giữ câu trả lời trong ngoặc.")
    store = _asked("1. Kho của trường để ở thư mục nào?", answers.store)
    backups = _asked("2. Bản sao lưu để ở thư mục nào (nên ở ổ khác)?", answers.backups)
    print(
        "3. Bản sao lưu được mã hóa. Khóa mở để ở nhà trường, không ở máy này: tạo một cặp ở máy khác bằng\n"
        "   hocba backup --new-key khoa-sao-luu.txt, rồi chép dòng age1… vào đây. Chưa có thì để trống: chỉ khóa diễn\n"
        "   tập của máy này mở được, mất máy là mất cả bản sao lưu."
    )
    recipients = tuple(_asked("   Khóa nhận, cách nhau bằng dấu phẩy:", ", ".join(answers.recipients)).split(","))
    keeper = _asked("4. Ai trông máy này (tên đăng nhập, không bao giờ bị chặn)?", answers.keeper)
    address = _asked("5. Mọi người gọi máy này bằng tên hoặc địa chỉ nào?", answers.address)
    return replace(
        answers, store=store, backups=backups, keeper=keeper, address=address,
        recipients=tuple(one.strip() for one in recipients if one.strip()),
    )  # fmt: skip


def _asked(question: str, default: str) -> str:
    try:
        return input(f"{question} [{default}] ").strip() or default
    except EOFError as error:
        raise WrongUse("Chưa trả lời xong.", "Chạy lại lệnh.", "Chưa đổi gì của máy.") from error


def _remove(answers: Answers, options: argparse.Namespace) -> int:
    from hocba_tui.machine.server_setup import remove, steps

    print("Gỡ dịch vụ, cấu hình sshd, PAM, hẹn giờ sao lưu. Ai đang vào được báo, lưu xong rồi đóng.")
    if not options.yes and not confirm(f"Gỡ? (gõ '{_YES}') ", _YES):
        print("Chưa đổi gì của máy.")
        return 1
    for step in remove(steps(answers, _new_key)):
        print(f"✓ đã gỡ {step.what}")
    print(
        f"Còn nguyên: kho {answers.store}, bản sao lưu {answers.backups}, tài khoản {answers.owner}, nhóm"
        f" {answers.group} và người trong đó, khóa diễn tập trong /etc/hocba, mã 6 số trong /var/lib/hocba-totp."
    )
    return 0


def _say_next(answers: Answers) -> None:
    from hocba_tui.machine.server_setup import FINGERPRINTS
    from hocba_tui.machine.services import running

    as_owner = f"sudo -u {answers.owner} {answers.program}"
    lines: Sequence[str] = (
        "",
        f"Vân tay của máy chủ ở {FINGERPRINTS}: in ra, để cạnh mỗi máy.",
        *(
            []
            if answers.recipients
            else ["Bản sao lưu chưa có khóa nhận của nhà trường: sudo hocba setup --ask, câu 3."]
        ),
        *([] if running() else ["systemd không chạy ở đây: tự chạy hocba serve, sao lưu hằng đêm và nạp lại sshd."]),
        "Lập trường (chưa lập thì làm tiếp): trả lời từng bước trên màn hình,",
        f"  {as_owner} open --store {answers.store}",
        "rồi mở cửa: sudo systemctl start hocba",
    )
    print("\n".join(lines))


def _new_key(path: Path) -> str:
    from hocba_tui.flow.school.backups import new_key

    return new_key(path)
