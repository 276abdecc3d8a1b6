#!/bin/sh
# Build dist/hocba-VERSION-PYTHON.run: one file with every wheel, for a computer without the Internet.
# PYTHON is the one that builds; the file installs on computers with the same Python (3.11 or 3.12 …) and processor.
set -eu
cd "$(dirname "$0")/.."
python=${1:-.venv/bin/python}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip="$python -m pip --disable-pip-version-check --quiet"
echo "Tải các gói đã khóa phiên bản…"
$pip download --require-hashes -r requirements/run.lock --only-binary=:all: -d "$work/wheels"
$pip wheel --no-deps --no-build-isolation --wheel-dir "$work" .
cp requirements/run.lock "$work/"
version=$($python -c 'import hocba_tui; print(hocba_tui.__version__)')
tag=$($python -c 'import sys, platform; print(f"cp{sys.version_info[0]}{sys.version_info[1]}-{platform.machine()}")')
$python -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")' >"$work/python"
echo "$version" >"$work/version"
mkdir -p dist
out=dist/hocba-$version-$tag.run
{
    cat scripts/install.sh
    tar -C "$work" -czf - wheels run.lock python version $(cd "$work" && ls hocba*.whl)
} >"$out"
chmod 755 "$out"
echo "$out ($(du -h "$out" | cut -f1)): chép sang máy chủ, chạy: sudo sh $(basename "$out")"
