"""Everything that argparse says to a person is said in Vietnamese."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Iterator

import pytest

from hocba_tui.cli.argparse_words import WORDS, speaking_vietnamese
from hocba_tui.cli.main import COMMANDS, main, parser
from tests.support.table import table

OURS_TO_AVOID = "a mistake in how our code sets up a parser: every parser is set up by the tests"
NEVER_SHOWN = {
    ".__call__() not defined": OURS_TO_AVOID,
    "conflicting subparser: %s": OURS_TO_AVOID,
    "conflicting subparser alias: %s": OURS_TO_AVOID,
    "cannot merge actions - two groups are named %r": OURS_TO_AVOID,
    "'required' is an invalid argument for positionals": OURS_TO_AVOID,
    "invalid option string %(option)r: must start with a character %(prefix_chars)r": OURS_TO_AVOID,
    "dest= is required for options like %r": OURS_TO_AVOID,
    "invalid conflict_resolution value: %r": OURS_TO_AVOID,
    "conflicting option string: %s": OURS_TO_AVOID,
    "conflicting option strings: %s": OURS_TO_AVOID,
    "mutually exclusive arguments must be optional": OURS_TO_AVOID,
    "cannot have multiple subparser arguments": OURS_TO_AVOID,
    "%r is not callable": OURS_TO_AVOID,
    'argument "-" with mode %r': OURS_TO_AVOID,
    "unexpected option string: %s": "only where options and positional arguments are parsed intermixed",
    "subcommands": "only where commands are added under a title",
    " (default: %(default)s)": "only where a formatter adds defaults to the help; our help texts name them",
    "command '%(parser_name)s' is deprecated": "no command is marked as deprecated",
    "option '%(option)s' is deprecated": "no option is marked as deprecated",
    "argument '%(argument_name)s' is deprecated": "no argument is marked as deprecated",
    "%(prog)s: warning: %(message)s\n": "only for what is marked as deprecated",
    "%(prog)s: error: %(message)s\n": "Parser.error says it, before the usage line",
}
"""Texts of argparse that none of our parsers can show, each with the reason."""

PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[sr]")


def texts_of_argparse() -> Iterator[str]:
    """Yield each text that the argparse of this Python hands to gettext."""
    for node in ast.walk(ast.parse(inspect.getsource(argparse))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext"):
            for given in node.args[:1] if node.func.id == "_" else node.args[:2]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def test_each_text_of_argparse_is_translated_or_never_shown() -> None:
    texts = set(texts_of_argparse())
    assert {"usage: ", "expected one argument", "expected %s arguments"} <= texts, "argparse asks for texts otherwise"
    assert sorted(texts - WORDS.keys() - NEVER_SHOWN.keys()) == []
    assert WORDS.keys() & NEVER_SHOWN.keys() == set()


@table("text", WORDS)
def test_a_translation_has_no_placeholder_of_its_own(text: str) -> None:
    theirs, ours = PLACEHOLDER.findall(text), PLACEHOLDER.findall(WORDS[text])
    assert set(ours) <= set(theirs)
    assert ours.count("") == theirs.count("")
    assert WORDS[text].count("%") == len(ours)


def test_argparse_speaks_vietnamese_to_our_parsers_only() -> None:
    before = dict(vars(argparse))
    with pytest.raises(SystemExit), speaking_vietnamese():
        parser(["check"]).parse_args(["check", "--khong-co"])
    assert vars(argparse) == before
    assert argparse.ArgumentParser(prog="x").format_help().startswith("usage: x")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "--khong-co"], "không hiểu --khong-co"),
        (["ban-giao"], "LỆNH: không có lựa chọn 'ban-giao'"),
        ([], "thiếu LỆNH"),
        (["submit"], "thiếu --class"),
        (["check", "--class"], "--class: thiếu giá trị"),
        (["demo", "--pupils", "ba"], "--pupils: không hiểu 'ba'"),
        (["store", "check", "--quiet=1"], "--quiet: không nhận giá trị '1'"),
        (["token", "register", "3f", "--seal", "--for", "x"], "--for: không dùng cùng --seal được"),
        (["backup", "--keep", "1"], "--keep có thể là --keep-days, --keep-weeks, --keep-months; gõ cho đủ"),
        (["verify"], "thiếu TỆP"),
        (["export", "sheet", "--class", "5A", "--form", "la", "--out", "x"], "--form: không có lựa chọn 'la'"),
    ],
)
def test_what_is_mistyped_is_said_in_vietnamese(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    first, second, *_ = capsys.readouterr().err.splitlines()
    assert (first, second.partition(": ")[0]) == (f"hocba: gõ sai lệnh: {said}", "cách dùng")


@pytest.mark.parametrize("name", COMMANDS)
def test_no_help_holds_a_word_of_argparse(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([name, "--help"])
    shown = capsys.readouterr().out
    assert re.search(r"^(tùy chọn|lệnh và tham số):$", shown, re.MULTILINE)
    assert not re.search(
        r"usage|optional arguments|^(options|positional arguments)|show this help", shown, re.MULTILINE
    )
