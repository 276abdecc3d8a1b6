#!/bin/sh
# Process 1 of namespaces of its own (mounts, processes): a machine that may be changed. What is written to /etc, /home,
# /run and /srv in here is gone with it; the accounts, PAM and sshd outside never change.
# From tests/support/machine.py: WORK, SCRIPT, PYTHON, PROGRAM, CLOSED, NEEDED.
set -eu
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/etc /run/kept /run/sshd
cp -a /etc/. /run/etc/
number=0
for path in "$WORK" $NEEDED; do
    number=$((number + 1))
    mkdir "/run/kept/$number"
    mount --bind "$path" "/run/kept/$number"
done
mount --bind /run/etc /etc
for path in /home /srv /var/log /var/mail $CLOSED; do
    [ ! -d "$path" ] || mount -t tmpfs -o mode=755 tmpfs "$path"
done
# Python and the program may lie below a folder of root alone, which no service user could enter.
number=1
for path in $NEEDED; do
    number=$((number + 1))
    if [ ! -e "$path" ]; then
        mkdir -p "$path"
        mount --bind "/run/kept/$number" "$path"
    fi
done
work=/run/kept/1 # Read by the script that follows.
rm -f /etc/nologin /etc/nologin.txt

. "$SCRIPT"
