"""The process that owns a PKCS#11 module: ``python -m hocba_tui.signing.helper MODULE``.

It exchanges JSON lines on its standard streams, so that a driver that crashes ends no other process.
The PIN is in the memory of this process only, for one batch; others cannot dump or trace the process. Requests:

    {"do": "list"}                                            → {"tokens": […]}, see Driver.tokens
    {"do": "login", "certificate": sha256, "pin": "…", "final": false}
                                                              → {"ok": true} or {"error": …}
    {"do": "sign", "data": base64}                            → {"value": base64} or {"error": …}
"""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import Any

import pkcs11

from hocba_tui.confine.memory import die_with_parent, hide_memory
from hocba_tui.signing.driver import Driver


def answer(driver: Driver, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request and return the answer; an error has a name, and no details of the PIN."""
    try:
        if request["do"] == "list":
            return {"tokens": driver.tokens()}
        if request["do"] == "login":
            return driver.login(request["certificate"], request["pin"], final=request["final"])
        return {"value": base64.b64encode(driver.sign(base64.b64decode(request["data"]))).decode()}
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        return {"error": "wrong_pin"}
    except (pkcs11.PinLocked, pkcs11.PinExpired):
        return {"error": "locked"}
    except (
        pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SessionHandleInvalid, pkcs11.SessionClosed,
        pkcs11.UserNotLoggedIn,
    ):  # fmt: skip
        return {"error": "removed"}
    except pkcs11.PKCS11Error as error:
        return {"error": "token", "kind": type(error).__name__}


def main(module: str) -> None:
    """Serve requests until the input ends. What a driver prints is discarded: it would garble the answers."""
    hide_memory()
    die_with_parent()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def say(body: dict[str, Any]) -> None:
        print(json.dumps(body), file=answers, flush=True)

    driver = Driver(module)
    say({"ready": True})
    for line in sys.stdin:
        say(answer(driver, json.loads(line)))


if __name__ == "__main__":
    main(sys.argv[1])
