"""Every command asks for the permission of the table: exit code 3 for anybody it does not name, and for nobody else."""

from __future__ import annotations

import argparse
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.cli.main import main, parser
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.errors import NotAllowed
from hocba_tui.flow.opening import open_desk
from hocba_tui.rules.permits import Act, may
from tests.support.actors import ACTORS, add_actors

LEFT = "ht.cu"
"""Who has left opens no store at all."""
MACHINE = "for whom the machine belongs to: the files of the store decide"
NO_STORE = "needs no store and no account"
OWN_MATTER = "about the acting account and the classes it may see"
ELSEWHERE = "changes what the next row would find; tests/flow/test_matrix.py and test_proposals.py have it"

ASKING: dict[str, tuple[Act, tuple[str, ...]]] = {
    "school set": (Act.SET_SCHOOL, ("!=1",)),
    "class save": (Act.MANAGE_CLASSES, ("5A", "--grade", "9")),
    "account list": (Act.MANAGE_STAFF, ()),
    "account logins": (Act.MANAGE_STAFF, ()),
    "account leave": (Act.MANAGE_STAFF, ("!",)),
    "account back": (Act.MANAGE_STAFF, ("!",)),
    "account off": (Act.MANAGE_STAFF, ("!", "--reason", "x")),
    "account on": (Act.MANAGE_STAFF, ("!",)),
    "account save": (Act.MANAGE_STAFF, ("!",)),
    "account ask": (Act.MANAGE_STAFF, ("!", "password")),
    "intake pupils": (Act.IMPORT_PUPILS, ("{list}", "--dry-run")),
    "intake staff": (Act.MANAGE_STAFF, ("none.xlsx", "--dry-run")),
    "intake results": (Act.VIEW_CLASS, ("{results}", "--class", "5A", "--subject", "TOAN", "--dry-run")),
    "intake comments": (Act.VIEW_CLASS, ("{comments}", "--class", "5A", "--subject", "TOAN", "--dry-run")),
    "assign": (Act.ASSIGN, ("5A", "!", "x", "--since", "x")),
    "account duty": (
        Act.ASSIGN, ("!", "group_head", "--since", "x", "--until", "x", "--decision", "1", "--grades", "5"),
    ),
    "account end-duty": (Act.ASSIGN, ("!", "group_head")),
    "bank import": (Act.KEEP_BANK, ("none.xlsx", "--school")),
    "bank forget": (Act.KEEP_BANK, ("none", "--school")),
    "check": (Act.VIEW_CLASS, ("--class", "5A")),
    "round": (Act.OPEN_ROUND, ("--place", " ", "--date", "x")),
    "submit": (Act.SUBMIT, ("--class", "5A")),
    "approve": (Act.APPROVE, ("--class", "5A")),
    "issue": (Act.ISSUE, ("--class", "5A")),
    "export records": (Act.EXPORT, ("--class", "5A", "--out", "{out}")),
    "export sheet": (Act.EXPORT, ("--class", "5A", "--form", "danh-sach", "--out", "{out}.xlsx")),
    "token register": (Act.MANAGE_STAFF, ("00", "--for", "gv.3a")),
    "send": (Act.SEND, ("--portal", "http://127.0.0.1:9")),
    "trust remove": (Act.PIN, ("00",)),
    "trust add": (Act.PIN, ("{list}", "--school", "37000123")),
    "trust list": (Act.VERIFY, ()),
    "intake earlier": (
        Act.BRING_EARLIER,
        ("{results}", "--class", "5A", "--subject", "TOAN", "--period", "mid_1", "--source", "x", "--dry-run"),
    ),
    "receipts": (Act.SEND, ("--class", "5A")),
    "store history": (Act.VIEW_CLASS, ("--class", "5A", "--pupil", "{pupil}")),
}  # fmt: skip
FREE = {
    **dict.fromkeys(("demo", "school sample", "sign-request", "verify", "sandbox", "trust show"), NO_STORE),
    **dict.fromkeys(
        (
            "school found", "account recover", "store check", "store rebuild", "store protect", "store stats", "backup",
            "account apply", "restore", "serve", "setup", "store hand-over", "ssh-key add", "ssh-key list",
            "ssh-key remove", "token check",
        ),
        MACHINE,
    ),
    **dict.fromkeys(
        (
            "open", "school show", "class list", "account proposals", "bank export", "export summary", "token list",
            "doctor", "fetch", "account asked", "log",
        ),
        OWN_MATTER,
    ),
    **dict.fromkeys(("account confirm", "account withdraw"), ELSEWHERE),
    "intake undo": "asks for any act that an import needs: tests/cli/test_permission_first.py has it",
}  # fmt: skip


def commands(found: argparse.ArgumentParser, before: tuple[str, ...] = ()) -> Iterator[str]:
    deeper = [action for action in found._actions if isinstance(action, argparse._SubParsersAction)]
    if not deeper:
        yield " ".join(before)
    for action in deeper:
        for name, command in action.choices.items():
            yield from commands(command, (*before, name))


def test_every_command_is_in_a_row() -> None:
    found = set(commands(parser()))
    assert len(found) > 35
    assert found == set(ASKING) | set(FREE)
    assert not set(ASKING) & set(FREE)


def test_every_command_asks_everybody(
    made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    monkeypatch.setenv("HOCBA_PIN", "123456")
    root = tmp_path / "store"
    shutil.copytree(made_store, root, ignore=shutil.ignore_patterns("log"))
    add_actors(root)
    desk = open_desk(root, "hieutruong")
    room, pupils = desk.classroom("5A"), desk.pupils("5A")
    write_class_list(tmp_path / "list.xlsx", room.code, pupils)
    lines = (f"{p.code}\t{p.name}\tT" for p in pupils[:2])
    (tmp_path / "results.csv").write_text("\n".join(["Mã học sinh\tHọ và tên\tMức đạt được", *lines]), encoding="utf-8")
    lines = (f"{p.code}\t{p.name}\tTốt" for p in pupils[:2])
    (tmp_path / "said.csv").write_text("\n".join(["Mã học sinh\tHọ và tên\tNhận xét", *lines]), encoding="utf-8")
    names = {pupil.name for pupil in pupils} - {p.name for key in ("1A", "2A", "3A", "4A") for p in desk.pupils(key)}
    wrong: list[str] = []
    for (name, (act, words)), account in itertools.product(ASKING.items(), ACTORS):
        places = {
            "list": tmp_path / "list.xlsx", "results": tmp_path / "results.csv", "comments": tmp_path / "said.csv",
            "pupil": pupils[0].name,
            "out": tmp_path / f"{name.replace(' ', '-')}-{account}",
        }  # fmt: skip
        given = [word.format(**places) for word in words]
        code = main([*name.split(), *given, "--store", str(root), "--as", account])
        said = capsys.readouterr()
        allowed = account != LEFT and may(desk.staff(account), act, room, on=desk.clock.today()).allowed
        if (code != NotAllowed.exit_code) != allowed:
            wrong.append(f"{name}: {account} ends with {code}: {said.err[:200]}")
        if not allowed and (told := [n for n in names if n in said.out + said.err and n not in given]):
            wrong.append(f"{name}: {account} is told of {len(told)} pupils")
    assert not wrong, "\n".join(wrong)
