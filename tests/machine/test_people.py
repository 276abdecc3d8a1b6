"""Users of the machine: only those of the school's group are touched, whatever the owner of the store says."""

from __future__ import annotations

import grp
import pwd
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from hocba_tui.errors import Refused
from hocba_tui.machine import people
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.people import _WORDS, Change, Plan, What, is_ours, plan, slip
from hocba_tui.telex.typing import NO_WORD, typed
from hocba_tui.telex.word import Method
from tests.support.table import table

GROUP, NUMBER = "hocba-gv", 4000


def user(name: str, group: int = NUMBER, number: int = 1001) -> Any:
    return SimpleNamespace(pw_name=name, pw_gid=group, pw_uid=number)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer with a teacher, one whose account was closed, the person who looks after it, and root."""
    found = {
        one.pw_name: one for one in (user("gv.hoa"), user("gv.cu"), user("quan.tri", 1000), user("root", NUMBER, 0))
    }
    monkeypatch.setattr(grp, "getgrnam", lambda _: SimpleNamespace(gr_gid=NUMBER))
    monkeypatch.setattr(pwd, "getpwall", lambda: list(found.values()))
    monkeypatch.setattr(pwd, "getpwnam", found.__getitem__)
    monkeypatch.setattr(people, "expired", lambda login: login == "gv.cu")
    monkeypatch.setattr(people, "has_code", lambda login: login == "gv.cu")


def row(login: str, *, here: object = True) -> dict[str, object]:
    return {"login": login, "name": "Hoa", "account": "x", "here": here}


def test_who_is_here_is_added_or_let_in_again_and_everybody_else_of_the_group_is_closed() -> None:
    found = plan([row("gv.moi"), row("gv.cu"), row("gv.nghi", here=False)], GROUP)
    assert found.changes == (
        Change(What.ADD, "gv.moi", "Hoa"), Change(What.OPEN, "gv.cu", "Hoa"), Change(What.CLOSE, "gv.hoa"),
    )  # fmt: skip
    assert plan([row("gv.hoa")], GROUP) == Plan((), ())


def test_who_needs_a_code_gets_one_once_and_the_store_takes_none_away() -> None:
    codes = [{**row("gv.moi"), "code": True}, {**row("gv.hoa"), "code": True}, {**row("gv.cu"), "code": False}]
    found = plan(codes, GROUP, with_codes=True).changes
    assert [(one.what, one.login) for one in found] == [
        (What.ADD, "gv.moi"), (What.CODE, "gv.moi"), (What.CODE, "gv.hoa"), (What.OPEN, "gv.cu"),
    ]  # fmt: skip
    assert all(one.what is not What.CODE for one in plan(codes, GROUP).changes)
    assert plan([{**row("quan.tri"), "code": True}, row("gv.hoa")], GROUP, with_codes=True).changes == ()


@table(
    "login",
    ["root", "quan.tri", "", "-x", "a b", "Hoa", "../x", "a\nb:0", "x" * 32, "hoa;reboot", "a:b", "họa", "1hoa", None],
)  # fmt: skip
def test_no_list_touches_others_or_makes_a_name_that_is_more_than_one(login: object) -> None:
    found = plan([{**row("x"), "login": login}, row("gv.hoa")], GROUP)
    assert found.changes == ()
    assert len(found.left_alone) == 1


@table("here", [False, None, "yes", 1, "true"])
def test_only_a_plain_yes_means_that_somebody_is_here(here: object) -> None:
    assert plan([row("gv.moi", here=here), row("gv.hoa")], GROUP).changes == ()


def test_root_and_who_looks_after_the_computer_get_no_new_password() -> None:
    assert [one for one in ("gv.hoa", "root", "quan.tri", "nobody.here") if is_ours(one, GROUP)] == ["gv.hoa"]


@pytest.mark.parametrize("said", [b"", b"{}", b"[1]", b"null", b"[" + b"{}," * 3000 + b"{}]"])
def test_a_list_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    done = SimpleNamespace(returncode=0, stdout=said, stderr=b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    monkeypatch.setattr(pwd, "getpwnam", lambda _: SimpleNamespace(pw_uid=1, pw_gid=1, pw_dir="/"))
    with pytest.raises(Refused, match="Không đọc được danh sách từ kho"):
        people.wanted(Answers(program="/bin/true"))


@table("word", _WORDS)
def test_an_input_method_leaves_the_words_of_a_password_as_they_are(word: str) -> None:
    for method in Method:
        text, known = "", NO_WORD
        for key in f"{word}-":
            change = typed(text, key, method, known)
            text, known = text[: len(text) - change.remove] + change.insert, change.word
        assert text == f"{word}-"


def test_a_slip_fits_on_a_page_and_names_what_is_typed() -> None:
    text = slip("gv.hoa", "Phạm Thị Hoa", "mai-sen-oi-123", "may-chu")
    assert "ssh gv.hoa@may-chu" in text
    assert "mai-sen-oi-123" in text
    assert max(map(len, text.splitlines())) <= 100
