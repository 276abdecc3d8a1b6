"""``hocba demo``: make a fictitious school in which everything can be tried safely."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from hocba_tui.cli.common import Commands, command
from hocba_tui.config import Config, softhsm_module
from hocba_tui.errors import Refused, WrongUse

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
    added.set_defaults(run=run, act="")  # No log: what is made up needs none, and in a real school it leaves no trace.


def run(options: argparse.Namespace) -> int:
    """Make the demo school if it is not there, then open it or do the job unattended."""
    if options.pupils < 1:
        raise WrongUse("Số học sinh phải từ 1 trở lên.", safe="")
    base = Config.from_environment(options.store).store or Path(DEFAULT_FOLDER).resolve()
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    from hocba_tui.demo.place import require_place

    require_place(base)
    base.mkdir(parents=True, exist_ok=True)
    if options.unattended or not (terminal or options.make_only):
        with _alone(base):
            return _unattended(base / "unattended", options.seed, options.pupils)
    root = base / "school"
    with _alone(base):
        _make(root, options.seed, options.pupils)
    if options.make_only:
        return 0
    return _open(root, options.account or DEFAULT_ACCOUNT)


@contextlib.contextmanager
def _alone(base: Path) -> Iterator[None]:
    """Keep a second demo from removing or reading the school while the first one makes it; WrongUse for the second."""
    import fcntl  # Windows has none, and sign-request runs there too.

    with (base / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WrongUse("Một lệnh demo khác đang chạy ở thư mục này.", "Đợi nó xong rồi chạy lại.", "") from error
        yield


def _unattended(root: Path, seed: int, pupils: int) -> int:
    from hocba_tui.demo.job import run_job
    from hocba_tui.demo.place import Found, begin, finish, found_at, remove_own

    if found_at(root) is not Found.NOTHING:
        remove_own(root)
    held = run_job(root, seed, pupils, identity=begin(root))
    finish(root)
    return 0 if held else 1


def _make(root: Path, seed: int, pupils: int) -> None:
    from hocba_tui.demo.place import Found, begin, finish, found_at, remove_own

    found = found_at(root)
    if found in (Found.OWN, Found.TRAINING):
        print(f"Dùng lại trường mẫu ở {root} (dời hoặc xóa thư mục này để làm lại từ đầu).")
        return
    if found is Found.HALF:
        print("Lần tạo trước bị ngắt giữa chừng; tạo lại.")
        remove_own(root)
    elif found is Found.OTHER:
        raise Refused(
            f"{root} đã có và không phải trường mẫu; không dùng và không ghi vào đó.",
            "Chọn thư mục khác bằng --store.",
            "Chưa có gì bị thay đổi.",
        )
    from hocba_tui.demo.school import found_demo, make_school

    identity = begin(root)
    module = softhsm_module()
    if module is None:
        print("Chưa cài SoftHSM2: ký bằng khóa tập huấn trong tệp; không tập được việc cắm và rút token.")
    print(f"Đang tạo trường mẫu {pupils} học sinh ở {root} …", flush=True)
    found_demo(root, make_school(seed, pupils), module, identity)
    finish(root)


def _open(root: Path, account: str) -> int:
    from hocba_tui.cli import open as screen
    from hocba_tui.demo.job import sandbox

    with sandbox(root) as url:
        return screen.run(argparse.Namespace(store=str(root), account=account, portal=url))
