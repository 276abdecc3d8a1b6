#!/bin/sh
# Install Debian packages when that may be done without asking (root, or sudo without a password).
# Says what it could not do and what that costs; never fails.
set -u
missing=""
for package in "$@"; do
    case "$package" in
        softhsm2) command -v softhsm2-util >/dev/null 2>&1 || missing="$missing softhsm2" ;;
        *) command -v "$package" >/dev/null 2>&1 || missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

cost() {
    echo "Chưa cài được:$missing ($1). Vẫn chạy tiếp, nhưng:"
    case "$missing" in *softhsm2*) echo "  - không có SoftHSM2: ký bằng khóa tập huấn trong tệp, không tập được việc cắm token;" ;; esac
    case "$missing" in *xmlsec1*) echo "  - không có xmlsec1: không có ý kiến thứ hai về chữ ký; các phép thử cần nó được bỏ qua;" ;; esac
    echo "  Tự cài: sudo apt install$missing"
    exit 0
}

command -v apt-get >/dev/null 2>&1 || cost "máy này không có apt"
if [ "$(id -u)" = 0 ]; then root=""; elif sudo -n true 2>/dev/null; then root="sudo -n"; else cost "cần quyền quản trị"; fi
echo "Cài$missing bằng apt…"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # both are lists of words
$root apt-get install -y -qq $missing >/dev/null 2>&1 ||
    { $root apt-get update -qq >/dev/null 2>&1 && $root apt-get install -y -qq $missing >/dev/null 2>&1; } ||
    cost "apt không tải được"
