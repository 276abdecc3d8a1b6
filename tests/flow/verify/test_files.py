"""Many files are verified by several processes; one that dies is a message, not a traceback."""

from __future__ import annotations

import multiprocessing
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hocba_tui.errors import Refused
from hocba_tui.export.trust.verdict import Verdict
from hocba_tui.flow.verify.files import Verified, verify_files, worst_exit_code


def test_a_process_that_dies_ends_the_run_with_a_message(issued_store: Path) -> None:
    paths = sorted((issued_store / "issued").glob("*.xml")) * 40
    found = verify_files(paths, [issued_store / "trust"], workers=2)
    assert next(found).passed
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(Refused, match="bị dừng giữa chừng"):
        list(found)


def judged(path: Path, store: Path) -> Verified:
    (found,) = verify_files([path], [store / "trust"])
    return found


@pytest.fixture(scope="module")
def record(issued_store: Path) -> bytes:
    return min((issued_store / "issued").glob("*.xml")).read_bytes()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda *_: None, "không có tệp này"),
        (lambda _, path: path.mkdir(), "thư mục, có 0 tệp"),
        (lambda _, path: path.write_bytes(b""), "tệp rỗng"),
        (lambda _, path: path.write_bytes(bytes(range(256)) * 9), "không phải tệp học bạ"),
        (lambda _, path: path.write_text("<html><body>Đăng nhập</body></html>"), "không phải tệp học bạ"),
        (lambda _, path: path.write_bytes(b"%PDF-1.7 ..."), "PDF"),
        (lambda data, path: zipped(path, {"a.xml": data, "b.xml": data}), "có 2 tệp .xml (a.xml, b.xml)"),
        (lambda data, path: zipped(path, {"xl/workbook.xml": data}), "tệp Excel"),
        (lambda _, path: path.write_bytes(b"PK\x03\x04 and no more"), "tệp nén hỏng"),
    ],
)
def test_what_is_no_record_file_is_neither_good_nor_bad(
    issued_store: Path, tmp_path: Path, record: bytes, make: Callable[[bytes, Path], object], why: str
) -> None:
    path = tmp_path / "x.xml"
    make(record, path)
    found = judged(path, issued_store)
    assert (found.unreadable, found.verdict.verdict, found.exit_code) == (True, Verdict.INDETERMINATE, 10)
    assert "KHÔNG KIỂM TRA ĐƯỢC" in found.headline
    assert why in " ".join(found.details())


def zipped(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n") + b"\r\n",
        lambda data: data + b"\n",
        lambda data: data.decode().encode("utf-16"),
        lambda data: b"\xef\xbb\xbf" + data + b"\r\n\r\n",
    ],
)
def test_a_record_that_an_editor_saved_again_is_refused_and_told_so(
    issued_store: Path, tmp_path: Path, record: bytes, change: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(change(record))
    found = judged(path, issued_store)
    assert (found.verdict.verdict, found.exit_code) == (Verdict.FAILED, 1)
    assert "lưu lại bằng một trình soạn thảo" in " ".join(found.details())
    assert "xin lại bản gốc" in " ".join(found.details())
    path.write_bytes(change(record.replace(b"<HO_VA_TEN>", b"<HO_VA_TEN>X", 1)))
    forged = judged(path, issued_store)
    assert forged.verdict.verdict is Verdict.FAILED
    assert "trình soạn thảo" not in " ".join(forged.details())


def test_of_several_files_the_worst_decides(issued_store: Path, tmp_path: Path, record: bytes) -> None:
    good, bad, none = (tmp_path / name for name in ("a.xml", "b.xml", "c.xml"))
    good.write_bytes(record)
    bad.write_bytes(record[: len(record) // 2])
    codes = {
        tuple(sorted(path.name[0] for path in paths)): worst_exit_code(verify_files(paths, [issued_store / "trust"]))
        for paths in ([good], [bad], [none], [good, none], [good, bad, none])
    }
    assert codes == {("a",): 0, ("b",): 1, ("c",): 10, ("a", "c"): 10, ("a", "b", "c"): 1}
    strange = list(verify_files([good], []))
    assert (strange[0].verdict.verdict, worst_exit_code(strange)) == (Verdict.INDETERMINATE, 11)
