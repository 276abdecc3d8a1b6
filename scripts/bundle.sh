#!/bin/sh
# Build dist/hocba-VERSION-PROCESSOR.run: one file with every wheel, for a computer without the Internet.
# It installs on computers with any of these Pythons (PYTHONS="3.11 3.12" …: other ones) and the processor of this one.
set -eu
cd "$(dirname "$0")/.."
python=${1:-.venv/bin/python}
pythons=${PYTHONS:-3.11 3.12 3.13 3.14}
processor=$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip="$python -m pip --disable-pip-version-check --quiet"
# Wheels for older systems run on newer ones; Debian 12 and Ubuntu 22.04 have glibc 2.35 or newer.
platforms="--platform any"
for glibc in 2014 _2_17 _2_24 _2_26 _2_27 _2_28 _2_31 _2_34; do
    platforms="$platforms --platform manylinux${glibc}_$processor"
done
for each in $pythons; do
    echo "Tải các gói đã khóa phiên bản cho Python $each…"
    abi=cp$(echo "$each" | tr -d .)
    $pip download --require-hashes -r requirements/run.lock --only-binary=:all: --python-version "$each" \
        --implementation cp --abi "$abi" --abi abi3 --abi none $platforms -d "$work/wheels"
done
$pip wheel --no-deps --no-build-isolation --wheel-dir "$work" .
cp requirements/run.lock "$work/"
version=$($python -c 'import hocba_tui; print(hocba_tui.__version__)')
echo "$pythons" >"$work/python"
echo "$version" >"$work/version"
mkdir -p dist
out=dist/hocba-$version-$processor.run
{
    cat scripts/install.sh
    tar -C "$work" -czf - wheels run.lock python version $(cd "$work" && ls hocba*.whl)
} >"$out"
chmod 755 "$out"
echo "$out ($(du -h "$out" | cut -f1)), cho Python $pythons: chép sang máy chủ, chạy: sudo sh $(basename "$out")"
