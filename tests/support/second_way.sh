# One login of the machine for a whole school, as docs/lap-truong.md sets it up; machine.sh has made the machine.
# The store was that of the user hoa, and moves.
export PYTHONPATH="$PROGRAM"

mkdir -p /srv/bin
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.server.attach import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/srv/bin/hocba-attach
chmod 755 /srv/bin/hocba-attach
useradd --create-home --key HOME_MODE=0700 --user-group --shell /bin/sh hoa
useradd --create-home --home-dir /var/mail/hocba --shell /bin/sh hocba
usermod --password '*' hocba

# --- the store --------------------------------------------------------------------------------------
install -d -m 700 -o hoa -g hoa /srv/hocba
cp -a "$work/store/." /srv/hocba/
chown -R hoa:hoa /srv/hocba
"$PYTHON" -P -m hocba_tui store hand-over --to hocba --store /srv/hocba

as_hocba() {
    setpriv --reuid hocba --regid hocba --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
        env -i PATH="$PATH" HOME=/nonexistent LANG=C.UTF-8 PYTHONPATH="$PROGRAM" HOCBA_STORE=/srv/hocba \
        "$PYTHON" -P -m hocba_tui "$@"
}
install -d -m 711 -o hocba -g hocba /run/hocba
as_hocba serve &

# --- keys, and the machine's sshd -------------------------------------------------------------------
for account in gv.4a hieutruong; do
    install -m 644 "$work/$account.pub" /srv/bin/
    as_hocba ssh-key add "$account" "/srv/bin/$account.pub" --program /srv/bin/hocba-attach
done
cat >/etc/pam.d/hocba-sshd <<'PAM'
auth     required pam_unix.so
account  required pam_nologin.so
account  required pam_unix.so
session  required pam_unix.so
PAM
mkdir -p /etc/ssh/sshd_config.d
as_hocba serve settings --shared hocba \
    >/etc/ssh/sshd_config.d/00-hocba.conf
ln -s /usr/sbin/sshd /srv/bin/hocba-sshd
/srv/bin/hocba-sshd -D -f "$work/sshd_config" -E /run/sshd.log &
wait
