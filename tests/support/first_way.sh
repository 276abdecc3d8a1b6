#!/bin/sh
# A school's server as docs/lap-truong.md sets it up, in namespaces of its own (mounts, processes): what is written to
# /etc, /home, /run and /srv in here is gone with it, and the machine's own accounts, PAM and sshd never change.
# From tests/support/first_way.py: WORK (keys, sshd_config, store), PYTHON, PROGRAM, CLOSED, NEEDED, PASSWORD.
set -eu
umask 022
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

# --- a machine that may be changed -------------------------------------------------------------
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
work=/run/kept/1
rm -f /etc/nologin /etc/nologin.txt

# --- accounts ----------------------------------------------------------------------------------
mkdir -p /srv/bin
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.server.attach import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/srv/bin/hocba-attach
chmod 755 /srv/bin/hocba-attach
groupadd hocba-gv
useradd --system --user-group --home-dir /srv/hocba --shell /usr/sbin/nologin hocba
for login in gv.hoa gv.lan gv.la; do
    useradd --create-home --key HOME_MODE=0700 --gid hocba-gv --shell /srv/bin/hocba-attach "$login"
done
usermod --password '*' gv.hoa
usermod --password '*' gv.la
echo "gv.lan:$PASSWORD" | chpasswd
for login in gv.hoa gv.la; do
    install -d -m 700 -o "$login" -g hocba-gv "/home/$login/.ssh"
    install -m 600 -o "$login" -g hocba-gv "$work/$login.pub" "/home/$login/.ssh/authorized_keys"
done
echo 'of the teacher alone' >/home/gv.hoa/letter
chown gv.hoa /home/gv.hoa/letter
chmod 600 /home/gv.hoa/letter

# --- the store and its server ------------------------------------------------------------------
install -d -m 700 -o hocba -g hocba /srv/hocba
cp -a "$work/store/." /srv/hocba/
chown -R hocba:hocba /srv/hocba
install -d -m 711 -o hocba -g hocba /run/hocba
setpriv --reuid hocba --regid hocba --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
    env -i PATH="$PATH" HOME=/srv/hocba LANG=C.UTF-8 PYTHONPATH="$PROGRAM" \
    "$PYTHON" -P -m hocba_tui serve --store /srv/hocba &

# --- an sshd of its own, with PAM --------------------------------------------------------------
cat >/etc/pam.d/hocba-sshd <<'PAM'
auth     required pam_unix.so
account  required pam_nologin.so
account  required pam_unix.so
password required pam_unix.so
session  required pam_unix.so
PAM
mkdir -p /etc/ssh/sshd_config.d
PYTHONPATH="$PROGRAM" "$PYTHON" -P -m hocba_tui serve settings --attach /srv/bin/hocba-attach \
    >/etc/ssh/sshd_config.d/hocba.conf
# The name of the program is the name of its PAM service.
ln -s /usr/sbin/sshd /srv/bin/hocba-sshd
/srv/bin/hocba-sshd -D -f "$work/sshd_config" -E /run/sshd.log &
wait
