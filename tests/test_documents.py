"""Documents that cannot rot in silence."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hocba_tui.cli.main import COMMANDS
from hocba_tui.demo.school import SHOW_CLASS, make_school, pupils_of
from hocba_tui.errors import HocbaError
from hocba_tui.intake.pupil_list import read_pupil_list
from hocba_tui.rules import review

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"`hocba {command}" in text("docs/commands.md")


def tree(cls: type[HocbaError]) -> set[type[HocbaError]]:
    return {cls, *(deeper for child in cls.__subclasses__() for deeper in tree(child))}


def test_every_exit_code_is_documented() -> None:
    for cls in tree(HocbaError):
        assert re.search(rf"^\| {cls.exit_code} \|", text("docs/commands.md"), re.MULTILINE), cls


def test_every_finding_is_documented() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "hocba_tui").rglob("*.py"))
    codes = set(re.findall(r'"((?:ODD|IN|ID)-[A-Z-]+)"', sources))
    codes |= {f"{review.CARRY}-{name}" for name in ("NO-ID", "BAD-ID", "DOUBLED-ID", "NOT-ASSESSED", "UNDECIDED")}
    listed = text("docs/findings.md")
    assert len(codes) > 15
    assert {code for code in codes if code not in listed} == set()
    required = [f"-{name.upper().replace('_', '-')}" for name in review._REQUIRED_PERSONAL]
    assert [name for name in required if name not in listed] == []


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_sample_class_list_is_the_demo_class() -> None:
    listed = read_pupil_list(ROOT / "examples" / "C1-HocSinh-5A.xlsx")
    pupils = pupils_of(make_school(), SHOW_CLASS)
    assert [(p.code, p.facts["name"], p.facts["birth"]) for p in listed.pupils] == [
        (pupil.code, pupil.name, pupil.birth) for pupil in pupils
    ]


@pytest.mark.parametrize(("arguments", "account"), [((), ""), (("AS=hieutruong",), "--as hieutruong")])
def test_make_demo_opens_as_whoever_was_named_and_nobody_else(arguments: tuple[str, ...], account: str) -> None:
    # make predefines AS as the assembler; without care that would be taken for an account.
    done = subprocess.run(
        ["make", "--dry-run", "demo", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if "hocba demo" in line]
    assert line.partition("--store demo-school")[2].strip() == account
