"""The time of C_Sign itself: python benchmarks/_bare_token.py MODULE LABEL PIN COUNT prints the milliseconds of one.

It is a process of its own, like every use of a module; SoftHSM finds its tokens by the environment.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import pkcs11
from pkcs11 import Mechanism, ObjectClass


def main() -> None:
    """Sign COUNT times with the one private key of the token LABEL."""
    module, label, pin, count = sys.argv[1:]
    token = pkcs11.lib(module).get_token(token_label=label)
    with token.open(user_pin=pin) as session:
        key: Any = session.get_key(object_class=ObjectClass.PRIVATE_KEY)
        key.sign(b"x" * 1000, mechanism=Mechanism.SHA256_RSA_PKCS)
        begin = time.perf_counter()
        for _ in range(int(count)):
            key.sign(b"x" * 1000, mechanism=Mechanism.SHA256_RSA_PKCS)
        print((time.perf_counter() - begin) / int(count) * 1000)


if __name__ == "__main__":
    main()
