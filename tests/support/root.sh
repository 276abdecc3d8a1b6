#!/bin/sh
# Process 1 of namespaces of its own, in an unpacked root of a distribution (ROOT): a computer as that one installs it.
# From tests/server/roots.py: ROOT.
set -eu
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount --bind "$ROOT" "$ROOT"
cd "$ROOT"
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
mkdir run/sshd
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
    touch "dev/$node"
    mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
cp /etc/hosts etc/hosts
mkdir -p old
pivot_root . old
umount -l old
cd /
touch /run/ready
# What is started in here ends with this.
exec sleep 100000
