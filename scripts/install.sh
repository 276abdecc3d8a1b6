#!/bin/sh
# Install hocba, or a newer version of it, from this one file; nothing is downloaded. scripts/bundle.sh puts wheels
# behind the last line. Each version has a folder of its own: who is in goes on with the one before.
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
prefix=${1:-/opt/hocba}
fail() {
    echo "hocba: $1" >&2
    echo "       Chưa đổi gì: bản đang dùng vẫn chạy." >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "Chỉ root cài được. Chạy: sudo sh $0"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=$(awk '/^__WHEELS__$/ { print NR + 1; exit }' "$0")
tail -n "+$start" "$0" | tar -xzf - -C "$work" || fail "Tệp cài đặt bị hỏng; chép lại."
# The system's own Python, when the wheels fit it: its security updates come by themselves. Else any that fits.
own=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || own=none
python=
for each in "$own" $(cat "$work/python"); do
    case " $(cat "$work/python") " in *" $each "*) ;; *) continue ;; esac
    if python=$(command -v "python$each"); then
        wanted=$each
        break
    fi
done
[ -n "$python" ] || fail "Tệp này dùng cho Python $(cat "$work/python"); máy này có $own. Cài thêm một bản, ví dụ Ubuntu 22.04: \
apt install python3.11 python3.11-venv; hoặc nâng hệ điều hành lên Debian 12, Ubuntu 24.04 trở lên."
version=$(cat "$work/version")
# The same version again, after a change: a folder of its own all the same.
target=$prefix/versions/$version
number=1
while [ -e "$target" ]; do
    number=$((number + 1))
    target=$prefix/versions/$version-$number
done
mkdir -p "$prefix/versions"
clean() { rm -rf "$work" "$target"; }
trap clean EXIT
echo "Cài hocba $version vào $target…"
"$python" -m venv "$target" || fail "Thiếu venv. Cài: apt install python$wanted-venv"
pip="$target/bin/python -m pip --disable-pip-version-check --quiet --no-cache-dir"
$pip install --no-index --find-links "$work/wheels" --require-hashes -r "$work/run.lock" || fail "Cài các gói không được."
$pip install --no-index --no-deps "$work"/hocba*.whl || fail "Cài hocba không được."
# As the service reads it: it may not write here, and each start would compile what it imports, at 0.6 MB a session.
"$target/bin/python" -OO -m compileall -q -j 0 "$target/lib" >/dev/null 2>&1 || true # Whatever does not compile is never run.
"$target/bin/hocba" --version >/dev/null || fail "Bản mới không chạy được trên máy này."
trap 'rm -rf "$work"' EXIT
ln -sfn "versions/$(basename "$target")" "$prefix/next"
mv -T "$prefix/next" "$prefix/current" # In one moment: a log-in finds the version before or this one.
[ "$prefix" != /opt/hocba ] || ln -sfn "$prefix/current/bin/hocba" /usr/local/bin/hocba
echo "Xong: hocba $version. Bản trước còn ở $prefix/versions; xóa khi không ai dùng nữa."
if [ -d /run/systemd/system ] && systemctl is-active --quiet hocba; then
    systemctl reload hocba
    echo "Ai đăng nhập từ bây giờ dùng bản mới; phiên đang mở vẫn tiếp tục với bản trước."
elif [ ! -e /etc/hocba/setup.toml ]; then
    echo "Máy này chưa cài làm máy chủ của trường: sudo hocba setup"
else
    echo "Nếu máy chủ đang chạy: hocba serve reload. Phiên đang mở vẫn tiếp tục với bản trước."
fi
exit 0
__WHEELS__
