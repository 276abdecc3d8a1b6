# A computer on which nothing of hocba is but its program; machine.sh has made it.
mkdir -p /opt/hocba/bin
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.cli.main import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/opt/hocba/bin/hocba
printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom hocba_tui.server.attach import main\nsys.exit(main())\n' \
    "$PYTHON" "$PROGRAM" >/opt/hocba/bin/hocba-attach
chmod 755 /opt/hocba/bin/*
rm -f /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/*
useradd --create-home quan.tri
echo ready >"$work/ready"
# What a test starts in here ends with this.
sleep 100000
