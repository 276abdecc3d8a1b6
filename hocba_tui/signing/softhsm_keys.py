"""The process that stores keys on training tokens; like every use of a module it is one of its own.

``python -m hocba_tui.signing.softhsm_keys MODULE`` reads JSON lines (label, pin, key, certificate) and stores each key
on the token of that label.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterable

import pkcs11
from pkcs11 import Attribute
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.x509 import decode_x509_certificate


def store(module: str, lines: Iterable[str]) -> None:
    """Store the key and the certificate of each line."""
    library = pkcs11.lib(module)
    for line in lines:
        item = json.loads(line)
        certificate = base64.b64decode(item["certificate"])
        identifier = hashlib.sha256(certificate).digest()[:8]
        with library.get_token(token_label=item["label"]).open(rw=True, user_pin=item["pin"]) as session:
            session.create_object(
                {
                    **decode_rsa_private_key(base64.b64decode(item["key"])),
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: True,
                    Attribute.SENSITIVE: True,
                    Attribute.ID: identifier,
                    Attribute.LABEL: item["label"],
                }
            )
            session.create_object(
                {**decode_x509_certificate(certificate), Attribute.TOKEN: True, Attribute.ID: identifier}
            )


if __name__ == "__main__":
    store(sys.argv[1], sys.stdin)
