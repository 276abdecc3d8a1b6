#!/bin/sh
# Renew the locks: `pip install uv`, then scripts/lock.sh. Hashes of all platforms, no index named.
set -eu
cd "$(dirname "$0")/.."
for pair in "build run" "dev dev"; do
    set -- $pair
    uv pip compile pyproject.toml --group "$1" --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o "requirements/$2.lock"
done
