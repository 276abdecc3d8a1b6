"""The table of doors is complete: whatever reads bytes in the program is behind one of them, or it is said why not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.attacks.fuzz.table import DOORS, ELSEWHERE

PACKAGE = Path(__file__).parents[3] / "hocba_tui"
READERS = {
    "loads", "fromstring", "iterparse", "XMLParser", "ParserCreate", "ZipFile", "GzipFile", "decompress",
    "decompressobj", "DictReader", "reader", "from_filelike", "load_pem_x509_certificate", "load_pem_x509_certificates",
    "load_der_x509_certificate", "load_der_x509_crl", "load_der_ocsp_response", "load_key_and_certificates", "load",
    "unpack_from", "b64decode", "decrypt_io", "from_buffer", "read_bytes", "read_text", "read_plain", "open_plain",
    "pread", "recv", "recvmsg", "readline",
}  # fmt: skip
"""Names of functions that parse bytes or read files, wherever they come from."""


def reading() -> Iterator[str]:
    """Yield the modules that call one of them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        calls = (node.func for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
        names = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in calls}
        if names & READERS:
            yield path.relative_to(PACKAGE).as_posix()


def test_every_module_that_reads_bytes_is_behind_a_door_or_says_why_not() -> None:
    found, behind = set(reading()), {module for door in DOORS for module in door.covers}
    assert found - behind - ELSEWHERE.keys() == set(), "add a door to the table, or a reason"
    assert ELSEWHERE.keys() - found == set(), "a reason for what reads nothing"
    assert ELSEWHERE.keys() & behind == set()
    assert {module for module in behind if not (PACKAGE / module).is_file()} == set()


def test_each_door_has_its_name_and_leads_somewhere() -> None:
    assert len({door.name for door in DOORS}) == len(DOORS) > 40
    assert [door.name for door in DOORS if not door.covers] == []
