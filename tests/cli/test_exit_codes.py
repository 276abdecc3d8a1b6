"""The exit codes that scripts rely on are the documented ones."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import hocba_tui
from hocba_tui import errors
from hocba_tui.cli.main import main
from hocba_tui.errors import HocbaError

IN_TREE = re.compile(r"[├└]─ (\w+)(?: +(\d+))?")


def documented() -> dict[str, int | None]:
    """Return each class of the tree in the module's text; None where it has its parent's code."""
    return {name: int(code) if code else None for name, code in IN_TREE.findall(errors.__doc__ or "")}


def below(parent: type[HocbaError]) -> Iterator[type[HocbaError]]:
    for child in parent.__subclasses__():
        yield child
        yield from below(child)


def every_error() -> list[type[HocbaError]]:
    """Return all classes of the tree, wherever in the package they are defined."""
    for module in pkgutil.walk_packages(hocba_tui.__path__, "hocba_tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted({child for child in below(HocbaError) if child.__module__.startswith("hocba_tui.")}, key=str)


def test_every_class_of_errors_stands_in_the_documented_tree() -> None:
    here = {child.__name__ for child in below(HocbaError) if child.__module__ == errors.__name__}
    assert here == set(documented())


def test_every_error_of_the_package_exits_with_the_documented_code() -> None:
    tree = documented()
    for error in every_error():
        codes = [tree[base.__name__] for base in error.__mro__ if tree.get(base.__name__) is not None]
        assert codes, f"{error.__name__} has no documented ancestor"
        assert error.exit_code == codes[0], error.__name__


def test_no_two_branches_share_a_code() -> None:
    codes = [code for code in documented().values() if code is not None]
    assert len(codes) == len(set(codes))
    assert 0 not in codes


def test_the_help_names_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out.partition("mã thoát:")[2]
    named = {int(code) for code in re.findall(r"\b(\d) [^\W\d_]", shown)}
    assert named == {0, *(code for code in documented().values() if code is not None)}


def test_every_message_says_what_happened_whether_the_work_is_safe_and_what_to_do() -> None:
    error = HocbaError("Đĩa đầy.", "Gọi người phụ trách.")
    assert str(error) == f"Đĩa đầy. {errors.SAFE} Gọi người phụ trách."
