"""``hocba verify``: whether a file is what three people signed."""

from __future__ import annotations

import argparse
import errno
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hocba_tui.cli.common import Commands, command
from hocba_tui.config import Config
from hocba_tui.errors import system_reason

if TYPE_CHECKING:
    from hocba_tui.export.verdict import FileVerdict


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "verify",
        "Kiểm tra tệp học bạ: từng bước, từng chữ ký.",
        "hocba verify demo-school/school/issued/*.xml --store demo-school/school",
    )
    added.add_argument("files", nargs="+", type=Path, metavar="TỆP")
    added.add_argument("--json", action="store_true", help="in kết quả cho máy đọc")
    added.add_argument("--trust", type=Path, metavar="THƯ_MỤC", help="chứng thư (.pem) của các nơi cấp được tin cậy")
    added.add_argument("--store", metavar="THƯ_MỤC", help="dùng danh sách tin cậy của kho này (hoặc HOCBA_STORE)")
    added.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Verify every file; exit 0 only when all are PASSED."""
    from hocba_tui.export.trust import Trust
    from hocba_tui.export.verdict import Verdict
    from hocba_tui.export.verify import verify

    store = Config.from_environment(options.store).store
    folders = [folder for folder in (options.trust, store / "trust" if store else None) if folder is not None]
    trust = Trust.from_folders(folders)
    answers: list[dict[str, Any]] = []
    good = True
    for path in options.files:
        try:
            data = _read(path)
        except OSError as error:
            answers.append({"file": str(path), "verdict": "FAILED", "reason": system_reason(error)})
            good = False
            if not options.json:
                print(f"{path}: không đọc được tệp ({system_reason(error)})")
            continue
        found = verify(data, trust)
        good = good and found.verdict is Verdict.PASSED
        if options.json:
            answers.append({"file": str(path), "reason": found.reason, "training": found.training, **asdict(found)})
        else:
            _print(path, found, verbose=len(options.files) == 1 or found.verdict is not Verdict.PASSED)
    if options.json:
        print(json.dumps(answers, ensure_ascii=False, indent=2))
    return 0 if good else 1


def _read(path: Path) -> bytes:
    """Read a file of reasonable size; a pipe, a device or a giant is not a record."""
    from hocba_tui.export.schema import MAX_BYTES

    if not path.is_file():
        raise OSError(errno.EINVAL, "không phải là tệp" if path.exists() else "không có tệp này")
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _print(path: Path, found: FileVerdict, *, verbose: bool) -> None:
    from hocba_tui.export.verdict_lines import details, headline

    print(headline(path.name, found))
    if verbose:
        for line in details(found):
            print(f"  {line}")
