"""The process that owns a PKCS#11 module: ``python -m hocba_tui.signing.helper MODULE``.

It speaks JSON lines on its standard streams, so that a driver that crashes takes nobody with it.
The PIN lives in this process only, for one batch. Requests:

    {"do": "list"}                                          → tokens with their certificates
    {"do": "login", "certificate": sha256, "pin": "…"}      → {"ok": true} or {"error": …}
    {"do": "sign", "data": base64}                          → {"value": base64} or {"error": …}
"""

from __future__ import annotations

import base64
import hashlib
import json
import resource
import sys
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag


class Helper:
    """One module, one session, one thread."""

    def __init__(self, module: str) -> None:
        self.library = pkcs11.lib(module)
        self.session: Any = None
        self.key: Any = None

    def tokens(self) -> list[dict[str, Any]]:
        """Return every token with its certificates, without logging in."""
        found = []
        for slot in self.library.get_slots(token_present=True):
            token = slot.get_token()
            if TokenFlag.TOKEN_INITIALIZED not in token.flags:
                continue
            session = token.open()
            certificates = [
                base64.b64encode(certificate[Attribute.VALUE]).decode()
                for certificate in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
            ]
            session.close()
            found.append(
                {
                    "label": token.label.strip(),
                    "certificates": certificates,
                    "count_low": TokenFlag.USER_PIN_COUNT_LOW in token.flags,
                    "final_try": TokenFlag.USER_PIN_FINAL_TRY in token.flags,
                    "locked": TokenFlag.USER_PIN_LOCKED in token.flags,
                }
            )
        return found

    def login(self, fingerprint: str, pin: str) -> dict[str, Any]:
        """Open the token that holds the certificate; the PIN is tried once and never again."""
        for slot in self.library.get_slots(token_present=True):
            token = slot.get_token()
            if TokenFlag.TOKEN_INITIALIZED not in token.flags:
                continue
            session = token.open()
            identifier = None
            for certificate in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
                if hashlib.sha256(certificate[Attribute.VALUE]).hexdigest() == fingerprint:
                    identifier = certificate[Attribute.ID]
            session.close()
            if identifier is None:
                continue
            if TokenFlag.USER_PIN_LOCKED in token.flags:
                return {"error": "locked"}
            if TokenFlag.USER_PIN_FINAL_TRY in token.flags:
                return {"error": "final_try"}
            self.session = token.open(user_pin=pin)
            keys = list(
                self.session.get_objects(
                    {
                        Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                        Attribute.KEY_TYPE: KeyType.RSA,
                        Attribute.ID: identifier,
                    }
                )
            )
            if not keys:
                return {"error": "no_key"}
            self.key = keys[0]
            return {"ok": True}
        return {"error": "no_token"}

    def sign(self, data: bytes) -> bytes:
        """Return an RSA PKCS#1 v1.5 signature with SHA-256 over ``data``."""
        value: bytes = self.key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS)
        return value


def answer(helper: Helper, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request; what the token refuses becomes a named error without details of the PIN."""
    try:
        if request["do"] == "list":
            return {"tokens": helper.tokens()}
        if request["do"] == "login":
            return helper.login(request["certificate"], request["pin"])
        return {"value": base64.b64encode(helper.sign(base64.b64decode(request["data"]))).decode()}
    except pkcs11.PinIncorrect:
        return {"error": "wrong_pin"}
    except (pkcs11.PinLocked, pkcs11.PinExpired):
        return {"error": "locked"}
    except (pkcs11.PinInvalid, pkcs11.PinLenRange):
        return {"error": "wrong_pin"}
    except (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SessionHandleInvalid):
        return {"error": "removed"}
    except pkcs11.PKCS11Error as error:
        return {"error": "token", "kind": type(error).__name__}


def main(module: str) -> None:
    """Serve requests until the other side closes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    helper = Helper(module)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(helper, json.loads(line))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
