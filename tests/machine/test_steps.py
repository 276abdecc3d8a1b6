"""Files of settings: ours alone, whole or not at all, put back when what reads them does not take them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.errors import Refused, WrongUse
from hocba_tui.machine import keepers, pam
from hocba_tui.machine.answers import Answers
from hocba_tui.machine.keepers import Keepers
from hocba_tui.machine.pam import Limit
from hocba_tui.machine.server_setup import steps
from hocba_tui.machine.steps import TextFile
from tests.support.table import table

OURS = "# hocba: x\nnew\n"
ANSWERS = Answers(address="may-chu", program="/bin/true", attach="/bin/true")


def refuse() -> Callable[[], None]:
    def check() -> None:
        raise Refused("no")

    return check


@pytest.mark.parametrize("before", [None, "# hocba: x\nold\n"])
def test_what_the_check_refuses_is_put_back(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "file"
    if before is not None:
        path.write_text(before, encoding="utf-8")
    with pytest.raises(Refused):
        TextFile(path, lambda: OURS, refuse).do()
    assert (path.read_text(encoding="utf-8") if path.exists() else None) == before
    assert [one for one in tmp_path.iterdir() if one != path] == []


def test_a_file_of_somebody_else_is_refused_and_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("[Unit]\n", encoding="utf-8")
    with pytest.raises(Refused, match="không phải do hocba ghi"):
        TextFile(path, lambda: OURS).missing()
    assert not TextFile(path, lambda: OURS).undo()
    assert path.exists()


def test_a_file_is_written_once_and_again_when_it_differs(tmp_path: Path) -> None:
    path, words = tmp_path / "a" / "file", [OURS]
    step = TextFile(path, lambda: words[0])
    assert step.missing()
    step.do()
    assert step.missing() == ""
    words[0] = OURS + "more\n"
    assert step.missing() == "ghi bản mới"
    assert step.undo()
    assert not step.undo()


@pytest.mark.parametrize("codes", [True, False])
def test_the_lines_for_pam_come_first_replace_older_ones_and_go_again(tmp_path: Path, *, codes: bool) -> None:
    path = tmp_path / "sshd"
    path.write_text("@include common-auth\n", encoding="utf-8")
    Limit("older", codes=False, path=path).do()
    step = Limit("hocba-gv", codes=codes, path=path)
    assert step.missing()
    step.do()
    assert step.missing() == ""
    text = path.read_text(encoding="utf-8")
    assert text.startswith(pam._BEGIN)
    assert "older" not in text
    skipped = text.split("default=")[1][0]
    after = [line for line in text.split("ingroup hocba-gv")[1].splitlines()[1:] if line.startswith("auth")]
    assert ("pam_google_authenticator" in text) == codes
    assert int(skipped) == len(after), "everybody else lands on the file's own lines"
    assert step.undo()
    assert path.read_text(encoding="utf-8") == "@include common-auth\n"
    path.write_text(text.replace(pam._END, "# gone"), encoding="utf-8")
    with pytest.raises(Refused, match="sửa dở"):
        step.do()


def test_settings_that_treat_who_looks_after_the_computer_otherwise_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {"maxauthtries": ["6"], "forcecommand": ["none"]}
    monkeypatch.setattr(keepers, "effective", lambda _: dict(said))
    monkeypatch.setattr(keepers, "output", lambda *_: "")
    monkeypatch.setattr(keepers, "_FOLDER", Path("/"))
    asked = Keepers("quan.tri")
    said["maxauthtries"] = ["4"]
    asked.check()
    said["forcecommand"] = ["exec /opt/hocba/bin/hocba-attach"]
    with pytest.raises(Refused, match=r"root vào máy khác trước \(forcecommand\)"):
        asked.check()


@table(
    "changed",
    [
        {"store": "/home/hoa"}, {"store": "hocba"}, {"owner": "root\nx"}, {"group": "a b"}, {"address": "a;b"},
        {"address": ""}, {"keeper": "a/b"}, {"recipients": ("x",)}, {"backups": "/srv"}, {"program": "/root"},
    ],
)  # fmt: skip
def test_answers_that_no_file_of_settings_may_hold_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(WrongUse):
        Answers(**{**vars(ANSWERS), **changed}).require_usable()
    with pytest.raises(WrongUse):
        steps(Answers(**{**vars(ANSWERS), **changed}), lambda _: "")


def test_answers_come_back_as_they_were_kept(tmp_path: Path) -> None:
    path, given = tmp_path / "setup.toml", Answers("/srv/a", "/srv/b", ("age1x", "ssh-ed25519 A"), "hoa", "10.0.0.1")
    assert Answers.read(path) is None
    path.write_text(given.text(), encoding="utf-8")
    assert Answers.read(path) == given
    path.write_text("store = ", encoding="utf-8")
    with pytest.raises(Refused, match="sửa sai dạng"):
        Answers.read(path)
