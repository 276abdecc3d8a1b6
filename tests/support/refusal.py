"""Assertions of the attacks: a refusal with a reason and without a value, and what another verifier says."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from pathlib import Path

from hocba_tui.export.trust.algorithms import DSIG
from hocba_tui.export.trust.issuers import Trust
from hocba_tui.export.trust.verdict import FileVerdict, Verdict
from hocba_tui.export.verify.verify import verify
from hocba_tui.model.values import Slot
from tests.conftest import require_tool
from tests.support.forging import slot_of


def assert_refused(data: bytes, trust: Trust, what: str = "") -> FileVerdict:
    """Assert that ``data`` fails, with a reason and without showing a value; return the verdict."""
    found = verify(data, trust)
    assert found.verdict is Verdict.FAILED, what or found
    assert found.reason
    assert found.values == {}
    return found


def assert_holds_for_xmlsec1(data: bytes, slot: Slot, folder: Path, secret: bytes = b"") -> None:
    """Assert that a forged signature is valid by the algorithms that it names.

    xmlsec1 gets the key: that of the certificate in the file, or the ``secret`` of an HMAC.
    """
    require_tool("xmlsec1", present=shutil.which("xmlsec1") is not None)
    file, key = folder / "forged.xml", folder / "key"
    file.write_bytes(data)
    key.write_bytes(secret or _certificate(data, slot))
    done = subprocess.run(
        [
            "xmlsec1", "--verify", "--enabled-key-data", "key-name",
            "--hmackey" if secret else "--pubkey-cert-der", str(key),
            "--id-attr:Id", "DU_LIEU_HOC_BA", "--id-attr:Id", f"{DSIG}:Object",
            "--node-xpath", f"//{slot}/*[local-name()='Signature']", str(file),
        ],
        capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()


def _certificate(data: bytes, slot: Slot) -> bytes:
    found = re.search(rb"<X509Certificate>([^<]+)<", slot_of(data, slot))
    assert found is not None
    return base64.b64decode(found.group(1))
