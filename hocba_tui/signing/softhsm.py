"""Training tokens in SoftHSM2: make them for the demo school, and let its processes find them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.confine.environment import program
from hocba_tui.errors import MissingTool

CONFIGURATION = "SOFTHSM2_CONF"
_CONFIGURATION_FILE = "softhsm2.conf"
_TOOL = "softhsm2-util"


@dataclass(frozen=True)
class TrainingKey:
    """A key for one token. ``key`` is PKCS#1 DER, ``certificate`` DER."""

    label: str
    key: bytes
    certificate: bytes


def environment(folder: Path) -> dict[str, str]:
    """Return the variables with which SoftHSM uses the tokens in ``folder``; none when there are no tokens.

    The configuration file contains the path of the tokens. It is written again when the store was moved or restored
    elsewhere.
    """
    configuration = folder / _CONFIGURATION_FILE
    if not configuration.exists():
        return {}
    if configuration.read_text(encoding="utf-8") != (text := _configuration(folder)):
        beside = configuration.with_suffix(f".{os.getpid()}")
        beside.write_text(text, encoding="utf-8")
        beside.chmod(0o600)
        beside.replace(configuration)
    return {CONFIGURATION: str(configuration)}


def _configuration(folder: Path) -> str:
    tokens = folder / "tokens"
    return f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n"


def make_tokens(folder: Path, module: Path, keys: Iterable[TrainingKey], pin: str) -> None:
    """Make one token for each key in ``folder``, which is created; MissingTool without SoftHSM2."""
    tool = program(_TOOL)
    if tool is None:
        raise MissingTool("Chưa cài SoftHSM2 (softhsm2-util).", "Cài bằng: apt install softhsm2")
    tokens = folder / "tokens"
    for part in (folder.parent, folder, tokens):
        part.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / _CONFIGURATION_FILE
    configuration.touch(mode=0o600)
    configuration.write_text(_configuration(folder), encoding="utf-8")
    surroundings = {**os.environ, **environment(folder)}
    lines = []
    for key in keys:
        subprocess.run(
            [tool, "--init-token", "--free", "--label", key.label, "--pin", pin, "--so-pin", pin],
            env=surroundings,
            check=True,
            capture_output=True,
        )
        lines.append(
            json.dumps(
                {
                    "label": key.label,
                    "pin": pin,
                    "key": base64.b64encode(key.key).decode(),
                    "certificate": base64.b64encode(key.certificate).decode(),
                }
            )
        )
    subprocess.run(
        [sys.executable, "-P", "-m", "hocba_tui.signing.softhsm_keys", str(module)],
        env=surroundings,
        input="\n".join(lines),
        text=True,
        check=True,
        capture_output=True,
    )
