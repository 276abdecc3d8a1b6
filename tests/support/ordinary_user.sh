# An ordinary user who tries the door (make serve); machine.sh has made the machine. TERMINALS are the options of devpts.

useradd --create-home --shell /bin/sh co.van
cp -a "$work/demo-school" /home/co.van/demo-school
chown -R co.van:co.van /home/co.van
mount -t devpts -o "newinstance,ptmxmode=666,$TERMINALS" devpts /dev/pts
[ -L /dev/ptmx ] || mount --bind /dev/pts/ptmx /dev/ptmx
cd /home/co.van
# In the place of this shell, which would keep Ctrl+C from what it starts behind itself.
exec setpriv --reuid co.van --regid co.van --init-groups \
    env -i PATH=/usr/bin:/bin HOME=/home/co.van LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONPATH="$PROGRAM" \
    "$PYTHON" -P -m hocba_tui.server.trying demo-school
