"""The house as a whole: sizes, names, and what the hot path may import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median

import pytest

from hocba_tui.cli.main import COMMANDS, module_of
from tests.support.table import table

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "hocba_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
UNASKED = {
    "ssl", "tinydb", "textual.widgets._text_area", "hocba_tui.screens.editor", "hocba_tui.flow.comments.suggestions",
    "hocba_tui.flow.grades.retests",
}  # fmt: skip
"""What a session in which nobody opens a comment or sends anything does without: 3 MB in each."""
HEAVY = {"lxml", "signxml", "cryptography", "httpx", "openpyxl", "pkcs11", "python_calamine", "asn1crypto"}

WAITING = {
    "asyncio", "concurrent", "hocba_tui.flow", "hocba_tui.rules", "hocba_tui.store", "http", "importlib.resources",
    "json", "logging", "multiprocessing", "orjson", "pyrage", "rich", "socket", "ssl", "subprocess", "tempfile",
    "textual", "tinydb", "tomllib",
}  # fmt: skip
"""What a command imports when it needs it: asyncio alone took a third of the time in which ``hocba --help`` starts."""


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@table("path", MODULES)
def test_no_module_is_over_400_lines_and_each_says_what_it_is(path: Path) -> None:
    assert lines(path) <= 400
    assert path.read_text(encoding="utf-8").lstrip().startswith(('"""', 'r"""'))


def test_modules_stay_small() -> None:
    sizes = [lines(path) for path in MODULES if path.name != "__init__.py"]
    assert median(sizes) <= 130
    assert lines(PACKAGE / "app.py") < 200


def test_no_room_has_more_than_30_modules() -> None:
    rooms = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {str(room.relative_to(ROOT)): count for room, count in rooms.items() if count > 30} == {}


def test_each_file_of_a_command_bears_its_name() -> None:
    """``sign-request`` is in ``sign_request.py``, and ``intake staff`` in ``intake_staff.py``."""
    commands = {module_of(name): name for name in COMMANDS}
    for path in sorted((PACKAGE / "cli").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found = re.match(r"``hocba ([a-z-]+(?: [a-z]+)?)", text)
        name = commands.pop(module, None)
        if name or found:
            assert found, f"{path}: begin with the name of the command"
            assert found[1] == (name or path.stem.replace("_", " ")), f"{path}: name it for its command"
            assert name or " " in found[1], f"{path}: a command that is not in SHELVES is found by nobody"
    assert commands == {}, "commands without a file of their name"


def test_no_room_is_called_utils() -> None:
    bad = re.compile(r"(utils?|helpers?|misc|common_?stuff)$")
    allowed = {"signing/helper.py"}
    assert [p for p in MODULES if bad.search(p.stem) and str(p.relative_to(PACKAGE)) not in allowed] == []


def test_nothing_names_this_machine_or_how_it_was_made() -> None:
    tracked = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    for name in tracked.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".lock", ".sh", ".csv", ""} and path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"/roo[t]/|/hom[e]/\w+/|--inde[x]-url|find-link[s] https?:", text), name


IMPORTS = """
import sys
{statement}
print(" ".join(sorted(sys.modules)))
"""


def imported_by(statement: str) -> set[str]:
    code = IMPORTS.format(statement=statement)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    return modules | {name.partition(".")[0] for name in modules}


def test_opening_the_grade_grid_imports_nothing_heavy(made_store: Path) -> None:
    statement = (
        "from pathlib import Path\n"
        "from hocba_tui.cli import main, open as screen\n"
        "main.parser(['open']).parse_args(['open'])\n"
        "screen._import_asyncio_alone()\n"
        "from hocba_tui.flow.opening import open_desk\n"
        "import hocba_tui.app, hocba_tui.screens.home\n"
        "from hocba_tui.flow.reports.home_tasks import tasks\n"
        "from hocba_tui.screens.grid.page import GridPage\n"
        f"desk = open_desk(Path({str(made_store)!r}), 'gv.5a')\n"
        "tasks(desk)\n"
        "GridPage(desk, '5A')\n"
    )
    found = imported_by(statement)
    assert found & (HEAVY | UNASKED) == set()
    assert {name for name in found if name.startswith("hocba_tui.cli.")} <= {
        "hocba_tui.cli.argparse_words", "hocba_tui.cli.common", "hocba_tui.cli.main", "hocba_tui.cli.open",
        "hocba_tui.cli.terminal",
    }  # fmt: skip


def test_what_sends_finds_tls_also_after_the_screen_has_begun_without_it() -> None:
    statement = (
        "from hocba_tui.cli import open as screen\n"
        "screen._import_asyncio_alone()\n"
        "assert 'ssl' not in sys.modules\n"
        "from hocba_tui.sync import exchange\n"
        "assert exchange._secured('').verify_mode == exchange.ssl.CERT_REQUIRED\n"
    )
    assert {"asyncio", "ssl"} <= imported_by(statement)


def test_the_command_line_starts_without_anything_that_only_some_commands_need() -> None:
    """The help imports the file of every command, so none of them may import these for all."""
    statement = (
        "import contextlib, io\n"
        "from hocba_tui.cli.main import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        "assert 'hocba_tui.cli.machine.token' in sys.modules\n"
    )
    assert imported_by(statement) & (HEAVY | WAITING) == set()


def test_what_signs_and_verifies_without_time_stamps_loads_nothing_for_them() -> None:
    statement = (
        "import hocba_tui.flow.records.offline_server, hocba_tui.flow.records.issue, hocba_tui.flow.verify.files"
    )
    assert (
        imported_by(statement) & {"asn1crypto.cms", "asn1crypto.tsp", "hocba_tui.export.trust.timestamp", "httpx"}
        == set()
    )


def test_what_looks_after_a_store_loads_nothing_that_signs_or_writes_xml() -> None:
    """A process that checks classes loads it with the first record that is sealed, and a school begins without one."""
    statement = (
        "import hocba_tui.flow.school.store_check, hocba_tui.flow.school.store_upkeep, hocba_tui.flow.school.backups\n"
        "import hocba_tui.flow.records.issued_files, hocba_tui.cli.files.export_sheet\n"
        "assert 'hocba_tui.flow.reports.home_tasks' not in sys.modules\n"
    )
    assert imported_by(statement) & (HEAVY | {"asyncio", "concurrent", "multiprocessing"}) == set()


def test_what_can_be_signed_or_sent_is_asked_without_what_signs_and_sends() -> None:
    """Who has nothing to sign or to send waits for neither, and is asked for no PIN."""
    found = imported_by("import hocba_tui.flow.records.ready, hocba_tui.flow.portal.send")
    assert found & (HEAVY | {"asyncio", "concurrent", "multiprocessing"}) == set()


def test_rules_and_facts_import_only_the_standard_library() -> None:
    found = imported_by("import hocba_tui.rules.review, hocba_tui.rules.permits, hocba_tui.rules.lawful")
    assert found & (HEAVY | {"textual", "tinydb", "orjson", "rich"}) == set()


def test_both_locks_pin_the_same_versions() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.-]+)==([\w.]+)", text, flags=re.MULTILINE))

    run, dev = pins("run.lock"), pins("dev.lock")
    assert run
    assert {name: dev.get(name) for name in run} == run


def test_a_classroom_is_a_class_and_never_the_key_of_one() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.arg | ast.AnnAssign):
                name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
                kind = ast.unparse(node.annotation) if node.annotation else ""
                assert not (name == "classroom" and "str" in kind), f"{path}:{node.lineno}: call it class_key"
                assert not (name == "class_key" and "ClassRoom" in kind), f"{path}:{node.lineno}: call it classroom"
