"""Ask xmlsec1, which shares no code with our verifier's signature check, about a file."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from hocba_tui.export.signature import DSIG
from hocba_tui.model.values import Slot


def available() -> bool:
    """Return whether xmlsec1 is installed."""
    return shutil.which("xmlsec1") is not None


def accepts(path: Path, authority: Path) -> bool:
    """Return whether xmlsec1 accepts all three signatures.

    It looks at one signature only, so each is selected by its place; ``--id-attr`` names the elements
    that may be referenced.
    """
    return all(
        subprocess.run(
            [
                "xmlsec1", "--verify", "--enabled-key-data", "x509", "--trusted-pem", str(authority),
                "--id-attr:Id", "DU_LIEU_HOC_BA", "--id-attr:Id", f"{DSIG}:Object",
                "--node-xpath", f"/HOC_BA/DANH_SACH_THONG_TIN_KY/{slot}/*[local-name()='Signature']", str(path),
            ],
            capture_output=True,
            check=False,
        ).returncode
        == 0
        for slot in Slot
    )  # fmt: skip
