"""The permission is asked for before a file is opened or a place looked at, by every command that is given one."""

from __future__ import annotations

import argparse
import io
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hocba_tui.cli.main import main, parser
from hocba_tui.errors import NotAllowed
from hocba_tui.flow.opening import open_desk
from hocba_tui.rules.permits import Act, may
from tests.cli.test_every_command import LEFT, commands
from tests.support.actors import ACTORS, add_actors


@dataclass(frozen=True)
class Given:
    """The acts of which one is needed, in 5A or (``somewhere``) in any class, and the words with the file."""

    acts: tuple[Act, ...]
    words: tuple[str, ...]
    somewhere: bool = False


_IN = ("--class", "5A")
_FROM = ("--period", "mid_1", "--source", "x")
READING: dict[str, Given] = {
    "intake pupils": Given((Act.IMPORT_PUPILS,), ("{file}",), somewhere=True),
    "intake staff": Given((Act.MANAGE_STAFF,), ("{file}",)),
    "intake results": Given((Act.VIEW_CLASS,), ("{file}", *_IN)),
    "intake results: every class": Given((Act.VIEW_CLASS,), ("{file}",), somewhere=True),
    "intake comments": Given((Act.VIEW_CLASS,), ("{file}", *_IN)),
    "intake comments: every class": Given((Act.VIEW_CLASS,), ("{file}", "--grade", "5"), somewhere=True),
    "intake earlier": Given((Act.BRING_EARLIER,), ("{file}", *_IN, *_FROM)),
    "intake undo": Given(
        (Act.IMPORT_PUPILS, Act.MANAGE_STAFF, Act.BRING_EARLIER, Act.ENTER_SUBJECT, Act.ENTER_HOMEROOM), (),
        somewhere=True,
    ),
    "intake undo: only said": Given(
        (Act.IMPORT_PUPILS, Act.MANAGE_STAFF, Act.BRING_EARLIER, Act.ENTER_SUBJECT, Act.ENTER_HOMEROOM), ("--dry-run",),
        somewhere=True,
    ),
    "bank import": Given((Act.KEEP_BANK,), ("{file}", "--school")),
    "trust show": Given((Act.VERIFY,), ("{file}",)),
    "trust add": Given((Act.PIN,), ("{file}", "--school", "37000123")),
    "trust add: an issuer": Given((Act.PIN,), ("{file}", "--issuer", "--fingerprint", "00")),
    "trust remove": Given((Act.PIN,), ("00",)),
    "trust list": Given((Act.VERIFY,), ()),
    "submit": Given((Act.SUBMIT,), (*_IN, "--signed", "{file}")),
    "submit: a request": Given((Act.SUBMIT,), (*_IN, "--request", "{file}")),
    "approve": Given((Act.APPROVE,), (*_IN, "--signed", "{file}")),
    "approve: a request": Given((Act.APPROVE,), (*_IN, "--request", "{file}")),
    "issue": Given((Act.ISSUE,), (*_IN, "--signed", "{file}")),
    "issue: a request": Given((Act.ISSUE,), (*_IN, "--request", "{file}")),
    "export records": Given((Act.EXPORT,), (*_IN, "--out", "{file}")),
    "export sheet": Given((Act.EXPORT,), (*_IN, "--form", "danh-sach", "--out", "{file}")),
    "export sheet: a grade": Given((Act.EXPORT,), ("--grade", "5", "--form", "csdl", "--out", "{file}")),
    "export sheet: a grade without pupils": Given(
        (Act.EXPORT,), ("--grade", "3", "--form", "csdl", "--out", "{file}"), somewhere=True
    ),
    "export summary": Given((Act.REPORT,), ("--out", "{file}"), somewhere=True),
}  # fmt: skip
NO_PERMIT = {
    "bank export": "the own bank and what everybody may use",
    "doctor": "writes what it shows; a machine's report, no pupil",
    "school found": "the machine: no store yet",
    "sign-request": "no store: on the computer of the token",
    "verify": "no account: the files are the caller's own",
    "ssh-key add": "the machine",
    "restore": "the machine",
    "backup": "the machine",
    "sandbox": "no store",
    "send": "an address, no file",
    "serve": "the machine",
    "setup": "the machine",
    "demo": "no store yet",
    "store protect": "the machine",
    "store rebuild": "the machine",
    "store check": "the machine",
    "store stats": "the machine",
    "store hand-over": "the machine",
    "ssh-key list": "the machine",
    "ssh-key remove": "the machine",
}
"""Commands with an argument that is a path, which need no permission of the table."""
_STORE = {"store", "help", "account"}


def takes_a_path(found: argparse.ArgumentParser, words: list[str]) -> bool:
    for word in words:
        (deeper,) = (a for a in found._actions if isinstance(a, argparse._SubParsersAction))
        found = deeper.choices[word]
    return any(
        action.dest not in _STORE and (action.type is Path or str(action.metavar).startswith(("TỆP", "THƯ_MỤC")))
        for action in found._actions
    )


def test_every_command_that_is_given_a_path_is_in_a_row() -> None:
    given = {name for name in commands(parser()) if takes_a_path(parser(), name.split())}
    assert len(given) > 15
    assert given <= {name.partition(":")[0] for name in READING} | set(NO_PERMIT)


def places(folder: Path) -> dict[str, str]:
    """Return a file that is not there, one that is garbage, a folder, what is no file, and the standard input."""
    (folder / "garbage.xlsx").write_bytes(b"PK\x03\x04\xff\x00<garbage")
    (folder / "folder").mkdir()
    return {
        "missing": str(folder / "none" / "missing.xlsx"),
        "garbage": str(folder / "garbage.xlsx"),
        "folder": str(folder / "folder"),
        "device": "/dev/null",
        "input": "-",
    }


def test_who_may_not_is_refused_whatever_the_file_is(
    made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    root = tmp_path / "store"
    shutil.copytree(made_store, root, ignore=shutil.ignore_patterns("log"))
    add_actors(root)
    desk = open_desk(root, "hieutruong")
    found, day = places(tmp_path), desk.clock.today()
    wrong: list[str] = []
    refused = 0
    for (name, given), account in itertools.product(READING.items(), ACTORS):
        rooms = (None, *desk.classrooms()) if given.somewhere else (desk.classroom("5A"),)
        person = desk.staff(account)
        if any(may(person, act, room, on=day).allowed for act in given.acts for room in rooms):
            continue
        for kind, path in found.items() if "{file}" in given.words else [("", "")]:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe garbage"), "utf-8"))
            words = [word.format(file=path) for word in given.words]
            code = main([*name.partition(":")[0].split(), *words, "--store", str(root), "--as", account])
            said = capsys.readouterr()
            refused += 1
            if code != NotAllowed.exit_code:
                wrong.append(f"{name}: {account}, {kind}: {code} {said.err[:100]}")
            elif account != LEFT and ("missing.xlsx" in said.err or "garbage" in said.err):
                wrong.append(f"{name}: {account}, {kind}: told of the file: {said.err[:100]}")
    assert not wrong, "\n".join(wrong)
    assert refused > 500
    assert {path.name for path in tmp_path.iterdir()} == {"store", "garbage.xlsx", "folder"}
