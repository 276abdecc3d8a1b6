"""Paths and limits of the program. No file is read here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

STORE_VARIABLE = "HOCBA_STORE"
PIN_VARIABLE = "HOCBA_PIN"
"""For unattended runs only; people type the PIN."""

PKCS11_MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/libeTPkcs11.so",
    "/usr/lib/libIDPrimePKCS11.so",
    "/usr/lib/bit4id/libbit4xpki.so",
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so",
    "/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so",
    "/usr/lib64/pkcs11/p11-kit-client.so",
)
"""Usual places of PKCS#11 modules on Linux; more with HOCBA_PKCS11 (whole paths, colon-separated)."""


def quieten() -> None:
    """Switch off all animations: over SSH each step of an animation is sent.

    Call it before Textual is imported, which reads these variables then.
    """
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")


@dataclass(frozen=True)
class Config:
    """Settings from the command line and the environment."""

    store: Path | None = None
    modules: tuple[Path, ...] = field(default_factory=tuple)

    @classmethod
    def from_environment(cls, store: str | None = None) -> Config:
        """Return the configuration; ``store`` (from ``--store``) takes precedence over the environment."""
        chosen = store or os.environ.get(STORE_VARIABLE)
        # Whole paths alone: a bare name would be a file of the folder in which somebody works, and would hear the PIN.
        named = (Path(part) for part in os.environ.get("HOCBA_PKCS11", "").split(":"))
        extra = tuple(path for path in named if path.is_absolute())
        return cls(Path(chosen).resolve() if chosen else None, extra + tuple(Path(p) for p in PKCS11_MODULES))


def softhsm_module(modules: tuple[Path, ...] | None = None) -> Path | None:
    """Return the installed SoftHSM2 module, None when it is not installed."""
    for module in modules or Config.from_environment().modules:
        if "softhsm" in module.name and module.exists():
            return module
    return None
