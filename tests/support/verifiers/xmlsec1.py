"""Ask xmlsec1 about many files in one process for each place of a signature."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.model.values import Slot
from tests.support.verifiers.java import PLACES


def accepts_all(files: Sequence[Path], authority: Path, places: Mapping[Slot, str] = PLACES) -> bool:
    """Return whether xmlsec1 accepts every signature in every file.

    It takes many files but one place, which is looked for in each; and it ends at the first file that it refuses,
    so that nothing is known of the others.
    """
    for place in places.values():
        done = subprocess.run(
            [
                "xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem", str(authority),
                "--id-attr:Id", "DU_LIEU_HOC_BA", "--id-attr:Id", f"{DSIG}:Object",
                "--node-xpath", f"{place}/*[local-name()='Signature']", *map(str, files),
            ],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )  # fmt: skip
        if done.returncode != 0:
            return False
        assert (done.stdout + done.stderr).splitlines().count("OK") == len(files)
    return True
