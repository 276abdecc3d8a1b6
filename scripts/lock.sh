#!/bin/sh
# Renew the locks: `pip install uv`, then scripts/lock.sh. Hashes of all platforms, no index named.
set -eu
cd "$(dirname "$0")/.."
lock() {
    uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet "$@"
}
lock --group build -o requirements/run.lock
lock --group dev -c requirements/run.lock -o requirements/dev.lock
