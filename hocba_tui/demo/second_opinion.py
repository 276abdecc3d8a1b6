"""Verify a file with xmlsec1, which shares no code with the signature check of our verifier."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hocba_tui.confine.environment import program
from hocba_tui.export.record.profile import DEFAULT, load_profile
from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.model.values import Slot


def available() -> bool:
    """Return whether xmlsec1 is installed."""
    return program("xmlsec1") is not None


def accepts(path: Path, authority: Path, profile: str = DEFAULT) -> bool:
    """Return whether xmlsec1 accepts all three signatures of a record in a format.

    It verifies one signature at a time, so each is selected by its place; ``--id-attr`` names the elements
    that may be referenced.
    """
    form = load_profile(profile)
    referenced = (form.tree["region"], form.enclosure or form.tree["region"], f"{DSIG}:Object")
    named = [part for name in referenced for part in ("--id-attr:Id", name)]
    tool = program("xmlsec1")
    assert tool is not None
    return all(
        subprocess.run(
            [
                tool, "--verify", "--enabled-key-data", "x509", "--trusted-pem", str(authority),
                *named,
                "--node-xpath", f"/{form.tree['root']}/{form.path(slot)}/*[local-name()='Signature']", str(path),
            ],
            capture_output=True,
            check=False,
        ).returncode
        == 0
        for slot in Slot
    )  # fmt: skip
