"""A handful of attacks through `hocba verify`, as the one who receives a file meets them."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from hocba_tui.cli.main import main
from hocba_tui.model.values import Slot
from tests.support.forging import Forgers, Recipe, ec_recipe, ecdsa, pkcs1, region_of, slot_of

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SMALL = 1024


@pytest.fixture(scope="module")
def files(forgers: Forgers, issued_files: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    good, seal = forgers.file, slot_of(forgers.file, Slot.SEAL)
    secret = forgers.good(Slot.SEAL)[1]
    curve, small = ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, SMALL)
    made = {
        "good": good,
        "a byte": good.replace(b"<MUC_DAT_DUOC>H", b"<MUC_DAT_DUOC>T", 1),
        "another pupil": good.replace(region_of(good), region_of(issued_files[1])),
        "another pupil's seal": good.replace(seal, slot_of(issued_files[1], Slot.SEAL)),
        "no seal": good.replace(seal, b""),
        "HMAC": forgers.sign(
            Slot.SEAL, Recipe(method=f"{MORE}hmac-sha256"), lambda info: hmac.digest(secret, info, "sha256")
        ),
        "RSA 1024": forgers.sign(
            Slot.PRINCIPAL, Recipe(), pkcs1(small), forgers.certify(Slot.PRINCIPAL, small.public_key())
        ),
        "P-384": forgers.sign(
            Slot.PRINCIPAL, ec_recipe(), ecdsa(curve), forgers.certify(Slot.PRINCIPAL, curve.public_key())
        ),
        "transform": forgers.sign(Slot.SEAL, Recipe(transforms={0: '<Transform Algorithm="a"></Transform>'})),
        "nobody": b"",
        "UTF-16": good.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16"),
        "stylesheet": good.replace(b"?>\n", b'?>\n<?xml-stylesheet href="http://127.0.0.1:9/"?>', 1),
    }
    assert len(set(made.values())) == len(made)
    folder = tmp_path_factory.mktemp("received")
    for name, data in made.items():
        (folder / f"{name}.xml").write_bytes(data)
    return {name: folder / f"{name}.xml" for name in made}


@pytest.fixture(scope="module")
def trust(forgers: Forgers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trust")
    for name, pem in (
        ("training", forgers.authority.public_bytes(Encoding.PEM)),
        ("seal/99000999", forgers.certificate(Slot.SEAL).public_bytes(Encoding.PEM)),
    ):
        (folder / name).mkdir(parents=True)
        (folder / name / "one.pem").write_bytes(pem)
    return folder


def test_the_good_one_passes_alone(files: dict[str, Path], trust: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--trust", str(trust), str(files["good"])]) == 0
    assert "HỢP LỆ" in capsys.readouterr().out


def test_every_other_one_fails_among_the_rest(
    files: dict[str, Path], trust: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--json", "--trust", str(trust), *map(str, files.values())]) == 1
    found = {Path(one["file"]).stem: one for one in json.loads(capsys.readouterr().out)}
    assert {name for name, one in found.items() if one["verdict"] == "PASSED"} == {"good"}
    assert found["nobody"]["verdict"] == "INDETERMINATE"  # An empty file is no record.
    assert {one["verdict"] for name, one in found.items() if name not in ("good", "nobody")} == {"FAILED"}
    assert all(one["values"] == {} and one["reason"] for name, one in found.items() if name != "good")


@pytest.mark.parametrize("verbose", [True, False])
def test_what_is_printed_shows_no_value_of_a_refused_file(
    files: dict[str, Path], trust: Path, capsys: pytest.CaptureFixture[str], *, verbose: bool
) -> None:
    bad = [str(path) for name, path in files.items() if name not in ("good", "nobody")]
    for chosen in [[path] for path in bad] if verbose else [bad]:
        assert main(["verify", "--trust", str(trust), *chosen]) == 1
        printed = capsys.readouterr()
        assert printed.err == ""
        assert printed.out.count("KHÔNG HỢP LỆ") >= len(chosen)
        assert "Traceback" not in printed.out
        assert "5A" not in printed.out


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("a byte", 1), ("nobody", 10)])
def test_a_file_that_is_piped_in_is_judged_like_one_that_is_named(
    files: dict[str, Path], trust: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    name: str, code: int,
) -> None:  # fmt: skip
    with files[name].open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert main(["verify", "--json", "--trust", str(trust), "-"]) == code
    (piped,) = json.loads(capsys.readouterr().out)
    assert main(["verify", "--json", "--trust", str(trust), str(files[name])]) == code
    (named,) = json.loads(capsys.readouterr().out)
    assert piped == named | {"file": "-"}


def test_a_piped_file_stands_alone(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-", str(files["good"])]) == 2
    assert "một mình" in capsys.readouterr().err
