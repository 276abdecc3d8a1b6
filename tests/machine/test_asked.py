"""What the store asks root for: four words for checked names, done once, and written down by the store's owner."""

from __future__ import annotations

import grp
import json
import pwd
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hocba_tui.errors import Refused
from hocba_tui.machine import asked, outcomes, people
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.asked import Slips, to_do, unasked
from hocba_tui.machine.codes import Code
from hocba_tui.machine.outcomes import Done, Outcomes
from tests.support.table import table

ANSWERS = Answers(group="hocba-gv", address="may-chu", attach="/opt/hocba-attach")
NUMBER = 4000
AT = "2026-06-03T08:15:00+07:00"
CODE = Code("JRBGVN5IBJRPE64PBMMPARRW24", ("19463204", "69093732"), ("  █▀▀  ",))


@pytest.fixture(autouse=True)
def did(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What is done to a computer with a teacher and the person who looks after it."""
    found = [("gv.hoa", NUMBER), ("quan.tri", 1000)]
    known = {name: SimpleNamespace(pw_name=name, pw_gid=group, pw_uid=1001) for name, group in found}
    known["root"] = SimpleNamespace(pw_name="root", pw_gid=NUMBER, pw_uid=0)
    done = list[tuple[str, ...]]()

    def noted(name: str, answer: object = None) -> Callable[..., object]:
        def act(*words: str) -> object:
            done.append((name, *words))
            if name == "add":
                known[words[0]] = SimpleNamespace(pw_name=words[0], pw_gid=NUMBER, pw_uid=1002)
            return answer

        return act

    monkeypatch.setattr(grp, "getgrnam", lambda _: SimpleNamespace(gr_gid=NUMBER, gr_mem=[]))
    monkeypatch.setattr(pwd, "getpwall", lambda: list(known.values()))
    monkeypatch.setattr(pwd, "getpwnam", known.__getitem__)
    monkeypatch.setattr(people, "expired", lambda _: False)
    for name, answer in (
        ("add", None), ("close", None), ("let_in_again", None), ("new_password", "mai-sen-oi-123"), ("new_code", CODE),
        ("drop_code", True),
    ):  # fmt: skip
        monkeypatch.setattr(asked, name, noted(name, answer))
    return done


def row(login: str, *kinds: object, **more: object) -> dict[str, object]:
    wishes = [{"kind": kind, "at": AT} for kind in kinds]
    return {"login": login, "name": "Phạm Thị Hoa", "here": True, "asked": wishes, **more}


def run(rows: list[dict[str, object]], folder: Path, answers: Answers = ANSWERS) -> list[Done]:
    slips = Slips(folder / "phieu" / "1.txt")
    kept = Outcomes(folder / "pending")
    jobs, _ = to_do(rows, answers, slips, "quan.tri")
    return [kept.carry_out(job.done, job.act) for job in jobs if job.done is not None]


def test_each_thing_is_done_to_the_login_that_was_named(tmp_path: Path, did: list[tuple[str, ...]]) -> None:
    done = run([row("gv.hoa", "password", "code", "unlock")], tmp_path)
    assert [(one.kind, one.login, one.at, one.problem) for one in done] == [
        (kind, "gv.hoa", AT, "") for kind in ("password", "code", "unlock")
    ]
    assert did == [("new_password", "gv.hoa"), ("new_code", "gv.hoa", "may-chu"), ("let_in_again", "gv.hoa")]
    sheet = (tmp_path / "phieu" / "1.txt").read_text(encoding="utf-8")
    assert "Password: mai-sen-oi-123" in sheet
    assert "JRBG VN5I BJRP E64P BMMP ARRW 24" in sheet
    assert "19463204" in sheet
    assert (tmp_path / "phieu").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "phieu" / "1.txt").stat().st_mode & 0o777 == 0o600


def test_a_new_login_gets_one_password_and_one_code(tmp_path: Path, did: list[tuple[str, ...]]) -> None:
    rows = [row("gv.hoa"), row("vanthu", "login", "password", "code", code=True)]
    done = run(rows, tmp_path)
    assert [(one.kind, one.problem) for one in done] == [("login", ""), ("password", ""), ("code", "")]
    assert [words[0] for words in did] == ["add", "new_password", "new_code"]
    assert "phiếu mã kèm theo" in (tmp_path / "phieu" / "1.txt").read_text(encoding="utf-8")


def test_unattended_nobody_who_comes_in_by_password_is_asked_for_a_code_all_at_once(tmp_path: Path) -> None:
    rows = [row("gv.hoa", code=True), row("vanthu", code=True)]
    slips = Slips(tmp_path / "1.txt")
    for attended, given in ((True, ["gv.hoa", "vanthu"]), (False, ["vanthu"])):
        jobs, _ = to_do(rows, ANSWERS, slips, "x", attended=attended)
        assert [job.done.login for job in jobs if job.done and job.done.kind == "code"] == given
    jobs, _ = to_do([row("gv.hoa", "code", code=True)], ANSWERS, slips, "x", attended=False)
    assert [job.done.kind for job in jobs if job.done] == ["code"], "what was asked for is done"


@table(
    "wished",
    [
        row("quan.tri", "password"), row("root", "password"), row("gv.hoa", "shell"), row("gv.hoa", "no_code"),
        row("gv.hoa", ["password"]), row("gv.hoa", None), row("../x", "code"), row("a\nb:0", "password"),
        row("gv.hoa", "password", here="yes"), row("gv.hoa", asked="password"), row("gv.hoa", asked=[["password"]]),
        row("gv.hoa", asked=[{"kind": "password", "at": "x; reboot"}]), row("gv.hoa", asked=[{"kind": "password"}]),
        row("gv.hoa", asked=[None] * 100 + [{"kind": "password", "at": AT}]),
    ],
)  # fmt: skip
def test_nothing_else_is_done_and_to_nobody_else(
    wished: dict[str, object], tmp_path: Path, did: list[tuple[str, ...]]
) -> None:
    rows = [wished, *([] if wished["login"] == "gv.hoa" else [row("gv.hoa")])]
    done = run(rows, tmp_path)
    assert [words for words in did if words[0] != "close"] == []
    assert all("không phải người dùng của nhóm" in one.problem for one in done)


def test_no_code_where_nobody_is_asked_for_one(tmp_path: Path, did: list[tuple[str, ...]]) -> None:
    (done,) = run([row("gv.hoa", "code")], tmp_path, Answers(**{**vars(ANSWERS), "codes": False}))
    assert "không dùng mã 6 số" in done.problem
    assert did == []


def test_what_the_keeper_does_is_for_the_schools_logins_alone(tmp_path: Path, did: list[tuple[str, ...]]) -> None:
    slips = Slips(tmp_path / "1.txt")
    with pytest.raises(Refused, match=r"quan\.tri không phải người dùng của nhóm hocba-gv"):
        unasked("password", ["gv.hoa", "quan.tri"], ANSWERS, slips, "quan.tri")
    (job,) = unasked("no_code", ["gv.hoa"], ANSWERS, slips, "quan.tri")
    job.act()
    assert job.done == Done("no_code", "gv.hoa", "", "quan.tri")
    assert did == [("drop_code", "gv.hoa")]


def test_what_the_store_could_not_take_down_is_kept_and_told_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> bytes:
        raise Refused("đĩa đầy")

    run([row("gv.hoa", "unlock")], tmp_path)
    monkeypatch.setattr(outcomes, "as_owner", full)
    with pytest.raises(Refused, match="đĩa đầy"):
        Outcomes(tmp_path / "pending").note(ANSWERS)
    said = list[bytes]()
    monkeypatch.setattr(outcomes, "as_owner", lambda _, option, text: said.append(text) if option == "--note" else None)
    Outcomes(tmp_path / "pending").note(ANSWERS)
    assert json.loads(said[0])[0]["kind"] == "unlock"
    Outcomes(tmp_path / "pending").note(ANSWERS)
    assert len(said) == 1, "once"


def test_what_breaks_off_in_the_middle_is_told_as_that(tmp_path: Path) -> None:
    def power_cut() -> None:
        raise KeyboardInterrupt

    kept = Outcomes(tmp_path / "pending")
    with pytest.raises(KeyboardInterrupt):
        kept.carry_out(Done("password", "gv.hoa", AT), power_cut)
    (row,) = json.loads((tmp_path / "pending").read_text(encoding="utf-8"))
    assert "ngắt giữa chừng" in row["problem"]


@pytest.mark.parametrize("text", ["{", '[{"what": 1}]', "[1]"])
def test_a_file_that_is_none_of_ours_stops_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "pending").write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match="Không đọc được"):
        Outcomes(tmp_path / "pending")
