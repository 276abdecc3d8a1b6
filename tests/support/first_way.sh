# A school's server as docs/lap-truong.md sets it up; machine.sh has made the machine. PASSWORD is that of gv.lan.
. "$PROGRAM/tests/support/school_machine.sh"

# --- accounts ----------------------------------------------------------------------------------
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
place_store hocba
# What the unit takes away: homes, other processes, everything but the store and the socket's folder read-only; a /tmp
# of its own, elsewhere, for the program itself may lie below the real one.
# as_unit.py takes away system calls.
unshare --mount --propagation private sh -c '
    for home in /home/gv.*; do mount -t tmpfs -o mode=000 tmpfs "$home"; done
    mount -t proc -o hidepid=invisible proc /proc
    for place in /srv/hocba /run/hocba; do mount --bind "$place" "$place"; done
    mkdir /run/tmp
    mount -t tmpfs tmpfs /run/tmp
    for place in / /etc /home /run /srv; do mount -o remount,bind,ro "$place"; done
    exec setpriv --reuid hocba --regid hocba --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
        env -i PATH="$PATH" HOME=/srv/hocba TMPDIR=/run/tmp LANG=C.UTF-8 PYTHONPATH="$PROGRAM" \
        "$PYTHON" -P "$PROGRAM/tests/support/as_unit.py" "$PYTHON" -P -m hocba_tui serve --store /srv/hocba
' &

start_sshd --attach /srv/bin/hocba-attach
wait
