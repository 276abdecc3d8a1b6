"""``hocba school``: found a school, show its settings, change them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hocba_tui.cli.common import Commands, command, desk_of, root_option, store_options
from hocba_tui.config import Config
from hocba_tui.errors import WrongUse


def add(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "school",
        "Lập trường mới; xem, sửa thông tin của trường.",
        "hocba school sample > truong.toml; hocba school found truong.toml --store /srv/hocba",
    )
    verbs = added.add_subparsers(dest="verb", metavar="VIỆC", required=True)
    sample = command(verbs, "sample", "In tệp lập trường mẫu.", "hocba school sample > truong.toml")
    sample.set_defaults(run=_sample)
    found = command(verbs, "found", "Lập trường từ tệp ấy.", "hocba school found truong.toml --store /srv/hocba")
    found.add_argument("file", type=Path, metavar="TỆP", help="tệp lập trường, - là đầu vào chuẩn")
    root_option(found)
    found.set_defaults(run=_found)
    show = command(verbs, "show", "Xem thông tin của trường.", "hocba school show --store /srv/hocba")
    store_options(show)
    show.set_defaults(run=_show)
    change = command(verbs, "set", "Sửa thông tin của trường.", "hocba school set address='Xóm 1' --store /srv/hocba")
    change.add_argument("facts", nargs="+", metavar="MỤC=GIÁ_TRỊ")
    store_options(change)
    change.set_defaults(run=_set)


def _sample(_: argparse.Namespace) -> int:
    from importlib.resources import files

    print(files("hocba_tui.cli.school").joinpath("sample_school.toml").read_text(encoding="utf-8"), end="")
    return 0


def _found(options: argparse.Namespace) -> int:
    from hocba_tui.flow.founding.settings_file import found_from, found_from_file, said_when_founded

    root = Config.from_environment(options.store).store
    if root is None:
        raise WrongUse("Chưa biết lập trường ở đâu.", "Thêm --store THƯ_MỤC, ví dụ /srv/hocba.", "")
    if str(options.file) == "-":  # Another user's file, as under sudo -u.
        school = found_from("Tệp lập trường", sys.stdin.buffer.read(), root)
    else:
        school = found_from_file(options.file, root)
    print(*said_when_founded(school, root), sep="\n")
    print("Tiếp theo: hocba class save, hocba intake staff, hocba assign, hocba intake pupils (docs/lap-truong.md).")
    return 0


def _show(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.settings import LABELS, said
    from hocba_tui.rules.versions import ruleset_of

    school = desk_of(options).school
    for name, label in LABELS.items():
        print(f"{label} ({name}): {said(school, name)}")
    if school.former_codes:
        print(f"Mã trường trước đây: {', '.join(school.former_codes)}")
    rules = ruleset_of(school.year)
    print(f"Quy định áp dụng: {rules.assessment}; {rules.charter}; {rules.records}")
    return 0


def _set(options: argparse.Namespace) -> int:
    from hocba_tui.flow.school.settings import LABELS, change_settings, said

    pairs = [fact.partition("=") for fact in options.facts]
    if wrong := next((name for name, sign, _ in pairs if not sign), None):
        raise WrongUse(f"“{wrong}” thiếu dấu =.", "Ví dụ: hocba school set address='Xóm 1'.", "")
    school = change_settings(desk_of(options), {name: value for name, _, value in pairs})
    for name, _, _ in pairs:
        print(f"{LABELS[name]}: {said(school, name)}")
    return 0
