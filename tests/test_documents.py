"""Documents stay true: these tests fail when the code and a document disagree."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from hocba_tui.cli.main import COMMANDS
from hocba_tui.demo.school import SHOW_CLASS, make_school, pupils_of
from hocba_tui.errors import HocbaError
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.model.finding import Finding
from tests.support.table import table

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@table("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"`hocba {command}" in text("docs/commands.md")


def tree(cls: type[HocbaError]) -> set[type[HocbaError]]:
    return {cls, *(deeper for child in cls.__subclasses__() for deeper in tree(child))}


def test_every_exit_code_is_documented() -> None:
    for cls in tree(HocbaError):
        assert re.search(rf"^\| {cls.exit_code} \|", text("docs/commands.md"), re.MULTILINE), cls


RULE_ROOMS = ("rules", "intake", "flow")
CODE = re.compile(r"(?:GAP|CARRY|AWARD|ODD|ID|IN)(?:-[A-Z0-9]+)+")


def trees() -> Iterator[tuple[str, ast.AST]]:
    for room in RULE_ROOMS:
        for path in sorted((ROOT / "hocba_tui" / room).rglob("*.py")):
            yield f"{room}/{path.name}", ast.parse(path.read_text(encoding="utf-8"))


def test_findings_are_listed_and_nothing_else_is() -> None:
    used = {
        node.value
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }
    rows = [line.split("|")[1] for line in text("docs/findings.md").splitlines() if line.startswith("| ")]
    listed = [code.strip() for row in rows[1:] for code in row.split(",")]
    assert len(listed) > 50
    assert sorted(listed) == sorted(used)


def made(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
            yield node


def test_every_finding_is_made_with_a_place_and_a_remedy() -> None:
    calls = [(name, call) for name, tree in trees() for call in made(tree)]
    assert len(calls) > 20
    for name, call in calls:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        starred = any(isinstance(value, ast.Starred) for value in values)
        assert starred or len(values) == len(fields(Finding)), f"{name}:{call.lineno}"
        assert not any(isinstance(v, ast.Constant) and v.value == "" for v in values), f"{name}:{call.lineno}"
        code = values[0]
        assert not isinstance(code, ast.Constant) or CODE.fullmatch(str(code.value)), f"{name}:{call.lineno}"
        assert not isinstance(code, ast.JoinedStr), (
            f"{name}:{call.lineno}: a code is written out, so that one can find it"
        )


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


WAYS = ("A rule", "A screen", "A command", "A sheet (Excel out)", "A profile (format of the signed file)")
NAMED_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?|\w[\w-]*\.(?:py|md|toml|csv))`")
NAMED_PART = re.compile(r"`(\w+)` in\s+`([\w./-]+\.py)`")


def test_each_way_of_adding_something_is_five_steps_over_files_that_exist() -> None:
    parts = re.split(r"^## ", text("docs/extending.md"), flags=re.MULTILINE)[1:]
    assert tuple(part.splitlines()[0] for part in parts) == WAYS
    for part in parts:
        assert re.findall(r"^(\d)\. ", part, re.MULTILINE) == list("12345"), part.splitlines()[0]
        files = set(NAMED_FILE.findall(part)) - {"fields.csv"}
        assert len(files) >= 4, part.splitlines()[0]
        assert [name for name in sorted(files) if not (ROOT / name).exists()] == []
        for tested in re.findall(r"`pytest ([^`]+)`", part):
            assert [name for name in tested.split() if not (ROOT / name).exists()] == []
    named = [pair for part in parts for pair in NAMED_PART.findall(part)]
    assert len(named) >= 8
    for name, path in named:
        assert re.search(rf"^(?:def |class )?{name}\b", text(path), re.MULTILINE), f"{path} has no {name}"


THREATS = (
    "curious teacher", "pupil at an unlocked computer", "stolen backup", "stolen server", "stolen token",
    "hostile file", "school's network", "vendor's support account",
)  # fmt: skip


def test_each_test_that_the_security_document_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w./-]+)`", text("docs/security.md"))
    assert len(set(named)) > 40
    assert sorted({name for name in named if not (ROOT / name).is_file()}) == []


def test_each_threat_says_what_stops_it_what_does_not_and_which_test_shows_it() -> None:
    chapter = text("docs/security.md").partition("## Who, and what stops them")[2].partition("\n## ")[0]
    parts = chapter.split("\n\n**")[1:]
    assert [word for word in THREATS if sum(word in part.partition("**")[0] for part in parts) != 1] == []
    for part in parts:
        points = re.findall(r"^- (Stops|Does not|The school)\b", part, re.MULTILINE)
        assert points == ["Stops", "Does not", "The school"], part[:40]
        assert re.search(r"`tests/[\w/]+\.py`", part.partition("- Does not")[0]), part[:40]


def test_the_sample_class_list_is_the_demo_class() -> None:
    listed = read_pupils(ROOT / "examples" / "C1-HocSinh-5A.xlsx")
    pupils = pupils_of(make_school(), SHOW_CLASS)
    assert [(p.code, p.facts["name"], p.facts["birth"]) for p in listed.pupils] == [
        (pupil.code, pupil.name, pupil.birth) for pupil in pupils
    ]


@pytest.mark.parametrize(("arguments", "account"), [((), ""), (("AS=hieutruong",), "--as hieutruong")])
def test_make_demo_opens_as_the_account_that_was_named_and_no_other(arguments: tuple[str, ...], account: str) -> None:
    # make predefines AS as the assembler, which must not be taken for an account.
    done = subprocess.run(
        ["make", "--dry-run", "demo", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (line,) = [line for line in done.stdout.splitlines() if "hocba demo" in line]
    assert line.partition("--store demo-school")[2].strip() == account


ODD_WORDS = re.compile(r"\b(mend|mended|mends|anew|whoever|afresh)\b", re.IGNORECASE)


def prose_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments, the docstrings and the strings below attributes of a module, with their first lines."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def english_texts() -> Iterator[tuple[Path, list[tuple[int, str]]]]:
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]:
        yield path, [(1, path.read_text(encoding="utf-8"))]
    for folder in ("hocba_tui", "tests", "benchmarks", "scripts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            # Only files in which such a word occurs at all are parsed.
            yield path, list(prose_of(source)) if ODD_WORDS.search(source) else []


def test_english_texts_use_plain_words() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{first + number}: {match.group()}"
        for path, texts in english_texts()
        for first, words in texts
        for number, line in enumerate(words.splitlines())
        for match in ODD_WORDS.finditer(line)
    ]
    assert not found, "say it in plain English (fix, again, anybody who):\n" + "\n".join(found)


def test_odd_words_are_found_in_comments_and_docstrings_and_nowhere_else() -> None:
    source = 'mend = "anew"\n\ndef f():\n    """Begin\n    afresh."""  # Whoever calls it.\n    return mend\n'
    words = [(first, ODD_WORDS.findall(text)) for first, text in prose_of(source)]
    assert words == [(5, ["Whoever"]), (4, ["afresh"])]
