"""``hocba demo``: a made-up school to try everything in, safely."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from hocba_tui.cli.common import Commands, command
from hocba_tui.config import Config, softhsm_module
from hocba_tui.errors import WrongUse

DEFAULT_FOLDER = "demo-school"
DEFAULT_ACCOUNT = "gv.5a"


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "demo",
        "Trường mẫu: trên màn hình thì mở chương trình, không có màn hình thì tự làm trọn việc của một lớp.",
        "hocba demo --as hieutruong",
    )
    added.add_argument("--store", metavar="THƯ_MỤC", help=f"mặc định: ./{DEFAULT_FOLDER}")
    added.add_argument("--as", dest="account", metavar="TÀI_KHOẢN", help="gv.5a, hieutruong, vanthu, admin, gv.tin…")
    added.add_argument("--pupils", type=int, default=1050, metavar="N", help="số học sinh (mặc định 1050)")
    added.add_argument("--seed", type=int, default=2026, help="cùng số thì cùng một trường")
    added.add_argument("--unattended", action="store_true", help="tự làm trọn việc của một lớp, dù có màn hình")
    added.add_argument("--make-only", action="store_true", help="chỉ tạo trường mẫu rồi thôi")
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the demo school if it is not there, then open it or do the job unattended."""
    if options.pupils < 1:
        raise WrongUse("Số học sinh phải từ 1 trở lên.", safe="")
    base = Config.from_environment(options.store).store or Path(DEFAULT_FOLDER).resolve()
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if options.unattended or not (terminal or options.make_only):
        from hocba_tui.demo.job import run_job

        root = base / "unattended"
        _remove_training_store(root)
        return 0 if run_job(root, options.seed, options.pupils) else 1
    root = base / "school"
    _make(root, options.seed, options.pupils)
    if options.make_only:
        return 0
    return _open(root, options.account or DEFAULT_ACCOUNT)


def _make(root: Path, seed: int, pupils: int) -> None:
    if (root / "school" / "journal.log").exists():
        print(f"Dùng lại trường mẫu ở {root} (xóa thư mục này để làm lại từ đầu).")
        return
    from hocba_tui.demo.school import found_demo, make_school

    module = softhsm_module()
    if module is None:
        print("Chưa cài SoftHSM2: ký bằng khóa tập huấn trong tệp; không tập được việc cắm và rút token.")
    print(f"Đang tạo trường mẫu {pupils} học sinh ở {root} …", flush=True)
    found_demo(root, make_school(seed, pupils), module)


def _open(root: Path, account: str) -> int:
    from hocba_tui.cli import tui
    from hocba_tui.demo.job import sandbox

    with sandbox(root) as url:
        return tui.run(argparse.Namespace(store=str(root), account=account, portal=url))


def _remove_training_store(root: Path) -> None:
    """Remove the store of an earlier run; never one that is not for training."""
    if not root.exists():
        return
    from hocba_tui.flow.opening import open_desk

    if not open_desk(root, "admin").school.training:
        raise WrongUse(f"{root} không phải kho tập huấn; không xóa.", safe="")
    shutil.rmtree(root)
