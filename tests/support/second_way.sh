# One login of the machine for a whole school, as docs/lap-truong.md sets it up; machine.sh has made the machine.
# The store was that of the user hoa, and moves.
. "$PROGRAM/tests/support/school_machine.sh"

useradd --create-home --key HOME_MODE=0700 --user-group --shell /bin/sh hoa
useradd --create-home --home-dir /var/mail/hocba --shell /bin/sh hocba
usermod --password '*' hocba

# --- the store --------------------------------------------------------------------------------------
place_store hoa
PYTHONPATH="$PROGRAM" "$PYTHON" -P -m hocba_tui store hand-over --to hocba --store /srv/hocba
hocba() {
    as_hocba HOME=/nonexistent HOCBA_STORE=/srv/hocba "$PYTHON" -P -m hocba_tui "$@"
}
hocba serve &

# --- keys, and the machine's sshd -------------------------------------------------------------------
for account in gv.4a hieutruong; do
    install -m 644 "$work/$account.pub" /srv/bin/
    (hocba ssh-key add "$account" "/srv/bin/$account.pub" --program /srv/bin/hocba-attach)
done
start_sshd --shared hocba
wait
