# What first_way.sh and second_way.sh begin and end with; machine.sh has made the machine.

mkdir -p /srv/bin /etc/ssh/sshd_config.d
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.server.attach import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/srv/bin/hocba-attach
chmod 755 /srv/bin/hocba-attach

# Do a command without any right but those of the user hocba, with such variables. It becomes the command.
as_hocba() {
    exec setpriv --reuid hocba --regid hocba --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
        env -i PATH="$PATH" LANG=C.UTF-8 PYTHONPATH="$PROGRAM" "$@"
}

# Put the store where it belongs, as that of a user, and make the folder of the socket.
place_store() {
    install -d -m 700 -o "$1" -g "$1" /srv/hocba
    cp -a "$work/store/." /srv/hocba/
    chown -R "$1:$1" /srv/hocba
    install -d -m 711 -o hocba -g hocba /run/hocba
}

# Start an sshd with PAM, with the settings that a command of the program prints.
start_sshd() {
    (as_hocba "$PYTHON" -P -m hocba_tui serve settings "$@") >/etc/ssh/sshd_config.d/00-hocba.conf
    cat >/etc/pam.d/hocba-sshd <<'PAM'
auth     required pam_unix.so
account  required pam_nologin.so
account  required pam_unix.so
password required pam_unix.so
session  required pam_unix.so
PAM
    # The name of the program is the name of its PAM service.
    ln -s /usr/sbin/sshd /srv/bin/hocba-sshd
    /srv/bin/hocba-sshd -D -f "$work/sshd_config" -E /run/sshd.log &
}
