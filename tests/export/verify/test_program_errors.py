"""An error of the program is told as one: it is no verdict on the file, and nothing of the file is shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from hocba_tui.export.record import xmldsig_check
from hocba_tui.export.report import details, record_sections
from hocba_tui.export.trust import timestamp
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.program_error import program_error, raised_in_own_code
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.export.verify import verify as verifier
from hocba_tui.export.verify.verify import STEPS, verify
from hocba_tui.export.verify_any import verify as any_verifier
from hocba_tui.export.verify_any.verify import verify_any
from hocba_tui.flow.records import sign_batch
from hocba_tui.flow.verify.browse import whose_and_why
from hocba_tui.flow.verify.files import verify_files

SAYS = re.compile(r"chương trình gặp lỗi khi kiểm tệp này \((\w+), [\w.]+\.py:\d+\): chưa kết luận được")
SECRET = "Nguyễn Văn Mật"
BUGS = [KeyError, TypeError, AttributeError, AssertionError, ValueError, RuntimeError, MemoryError, RecursionError]


def fails(error: type[BaseException]) -> Callable[..., NoReturn]:
    """Return what raises ``error`` with a text that must not be told to anybody."""

    def stumble(*_: object, **__: object) -> NoReturn:
        raise error(SECRET)

    return stumble


def stumble_in_package(*_: object) -> Any:
    """Raise an AttributeError out of a line of our own package, as a bug would."""
    return program_error(None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def file(issued_store: Path) -> Path:
    return min((issued_store / "issued").glob("*.xml"))


@pytest.fixture(scope="module")
def trust(issued_store: Path) -> Trust:
    return Trust.from_folders([issued_store / "trust"])


def break_step(monkeypatch: pytest.MonkeyPatch, number: int, error: type[BaseException] = KeyError) -> None:
    broken = tuple(replace(step, run=fails(error)) if step.number == number else step for step in STEPS)
    monkeypatch.setattr(verifier, "STEPS", broken)


def test_the_steps_are_numbered_in_their_order() -> None:
    assert [step.number for step in STEPS] == list(range(1, 11))
    assert len({step.name for step in STEPS}) == len({step.run for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("number", range(1, 11))
def test_any_step_that_raises_something_unforeseen(
    monkeypatch: pytest.MonkeyPatch, file: Path, trust: Trust, number: int
) -> None:
    break_step(monkeypatch, number)
    found = verify(file.read_bytes(), trust)
    assert (found.verdict, found.program_error) == (Verdict.INDETERMINATE, True)
    assert found.reason.startswith(f"Bước {number} ({STEPS[number - 1].name}): chương trình gặp lỗi")
    assert [step.number for step in found.steps] == list(range(1, number + 1))
    assert (found.values, found.uuid) == ({}, "")
    assert {slot.verdict for slot in found.slots} <= {Verdict.INDETERMINATE}


@pytest.mark.parametrize("error", BUGS)
def test_it_names_the_exception_and_the_line_and_not_its_text(
    monkeypatch: pytest.MonkeyPatch, file: Path, trust: Trust, error: type[BaseException]
) -> None:
    break_step(monkeypatch, 5, error)
    found = verify(file.read_bytes(), trust)
    told = SAYS.search(found.reason)
    assert told is not None, found.reason
    assert told.group(1) == error.__name__
    lines = [*details(found), *(line for section in record_sections(found) for line in section.lines)]
    assert not any(SECRET in line for line in lines)
    assert "bất thường" not in found.reason


def test_other_files_are_verified_on_and_none_is_passed(
    monkeypatch: pytest.MonkeyPatch, issued_store: Path, file: Path
) -> None:
    break_step(monkeypatch, 7)
    found = list(verify_files([file, file], [issued_store / "trust"], workers=1))
    assert [one.verdict.verdict for one in found] == [Verdict.INDETERMINATE] * 2
    assert "chương trình gặp lỗi" in whose_and_why(found[0])


@pytest.mark.parametrize("place", ["Document", "Coverage", "checked", "judge_certificate", "judge_revocation"])
def test_a_bug_of_the_verifier_of_other_files(
    monkeypatch: pytest.MonkeyPatch, file: Path, trust: Trust, place: str
) -> None:
    monkeypatch.setattr(any_verifier, place, fails(KeyError))
    found = verify_any(file.read_bytes(), trust)
    assert (found.verdict, found.program_error) == (Verdict.INDETERMINATE, True)
    assert SAYS.search(found.reason), found.reason
    assert (found.signatures, found.values, found.uncovered) == ((), (), ())


def test_a_bug_while_the_mathematics_is_done_is_no_broken_signature(
    monkeypatch: pytest.MonkeyPatch, file: Path, trust: Trust
) -> None:
    """Our own lines run inside signxml, which raises the same exceptions on hostile files."""

    monkeypatch.setattr(xmldsig_check, "canonical", stumble_in_package)
    found = verify(file.read_bytes(), trust)
    assert (found.verdict, found.program_error) == (Verdict.INDETERMINATE, True)
    assert "AttributeError, program_error.py:" in found.reason


def test_a_bug_while_a_time_stamp_is_read_is_no_bad_stamp(monkeypatch: pytest.MonkeyPatch, stamped_store: Path) -> None:
    data = min((stamped_store / "issued").glob("*.xml")).read_bytes()
    monkeypatch.setattr(timestamp, "_time_of", stumble_in_package)
    found = verify(data, Trust.from_folders([stamped_store / "trust"]))
    assert (found.verdict, found.program_error) == (Verdict.INDETERMINATE, True)
    assert found.reason.startswith("Bước 9")


def test_whose_error_it_is_is_told_by_the_innermost_frame() -> None:
    def caught(raising: Callable[[], object]) -> Exception:
        try:
            raising()
        except Exception as error:  # noqa: BLE001 - the very exception is looked at
            return error
        raise AssertionError

    own = caught(lambda: Trust.from_folders(None))  # type: ignore[arg-type]
    foreign = caught(lambda: re.compile(None))  # type: ignore[call-overload]
    assert (raised_in_own_code(own), raised_in_own_code(foreign)) == (True, False)
    assert "TypeError, issuers.py:" in program_error(own)
    assert not raised_in_own_code(ValueError())
    assert "(ValueError):" in program_error(ValueError())


def test_a_signature_that_could_not_be_verified_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """INDETERMINATE is enough where an issuer is not known here, and not where the program failed."""
    monkeypatch.setattr(sign_batch, "record_file", lambda *_: b"<x/>")
    break_step(monkeypatch, 1)
    job: Any = type("Job", (), {"profile": type("P", (), {"name": ""}), "uuid": "", "region": b"", "made": ()})
    signed: Any = type("Signed", (), {"slot": None})
    assert "chương trình gặp lỗi" in (sign_batch.problem_of(job, signed, Trust()) or "")
