# as_root_unit.sh UNIT: run what a unit of root's runs, with what that unit leaves of root's powers, of the folders that
# can be written and of the system calls. In a mount namespace of its own; PYTHON and PROGRAM as in machine.sh.
set -eu
value() { sed -n "s/^$1=//p" "$unit" | head -n 1; }
unit=$1
open=$(value ReadWritePaths)
for place in $open; do mount --bind "$place" "$place"; done
for place in / /etc /home /run /srv /var/lib /var/log /var/mail /var/backups; do
    case " $open " in *" $place "*) ;; *) mount -o remount,bind,ro "$place" ;; esac
done
powers=-all$(value CapabilityBoundingSet | tr A-Z a-z | sed 's/cap_/,+/g; s/ //g')
exec setpriv --inh-caps=-all --bounding-set="$powers" --no-new-privs env -i PATH="$PATH" LANG=C.UTF-8 \
    PYTHONPATH="$PROGRAM" "$PYTHON" -P "$PROGRAM/tests/support/as_unit.py" --unit "$unit" $(value ExecStart)
