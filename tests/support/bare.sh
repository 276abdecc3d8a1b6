# A computer on which nothing of hocba is but its program; machine.sh has made it.
mkdir -p /var/backups
mount -t tmpfs -o mode=755 tmpfs /var/backups
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p /srv/program/bin
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.cli.main import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/srv/program/bin/hocba
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.server.attach import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/srv/program/bin/hocba-attach
chmod 755 /srv/program/bin/*
rm -f /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/*
useradd --create-home quan.tri
echo ready >"$work/ready"
# What a test starts in here ends with this.
sleep 100000
