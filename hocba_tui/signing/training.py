"""Where a training store keeps its keys, and the PIN of all of them."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.signing.forwarded import forwarded_environment
from hocba_tui.signing.softhsm import environment

PIN = "123456"
"""The PIN of every training token. Everybody knows it: practice must not depend on a secret."""
SEAL = "condau"
"""Label of the key of the school's seal."""


def tokens_folder(store: Path) -> Path:
    """Return the folder of SoftHSM tokens of a training store."""
    return store / "training" / "softhsm"


def key_file(store: Path, label: str) -> Path:
    """Return the PKCS#12 file of a training key, used where SoftHSM is not installed."""
    return store / "training" / "keys" / f"{label}.p12"


def token_environment(store: Path) -> dict[str, str]:
    """Return the variables for the helper process of this store, with those for a forwarded token."""
    return {**environment(tokens_folder(store)), **forwarded_environment()}
