# Runs ssh for one PowerShell and ends it, and all that ssh started, with that: by Disconnect-CtrSession or the end of the process, whichever way that comes.
#
#   sh -c "$(cat tunnel.sh)" tunnel SESSION FOLDER SSH ARGUMENT…
#
# SESSION is "own" where this shell leads a session of its own. FOLDER holds the tunnel's socket. Standard input is a pipe that the PowerShell holds and never
# writes to; standard error is ssh's, to be read there.
own=$1 folder=$2
shift 2
# Where the terminal's keys reach it all the same, they are not for it; ssh keeps what it finds ignored.
trap '' INT QUIT HUP TSTP
exec 3<&0
"$@" < /dev/null > /dev/null 3<&- &
ssh=$!
{
  while read -r _; do :; done
  kill -TERM "$ssh"
  sleep 1
  kill -KILL "$ssh"
} <&3 3<&- > /dev/null 2>&1 &
watcher=$!
exec 3<&- < /dev/null
trap 'kill -TERM "$ssh"' TERM
while kill -0 "$ssh" 2> /dev/null; do wait "$ssh"; done
rm -rf "$folder"
# Empty once the last tunnel of that process is gone.
[ "$own" != own ] || rmdir "${folder%/*}" 2> /dev/null
# The end of this shell shows that the rest has ended: a process that was killed is still there until it has been scheduled once more.
kill -KILL "$watcher"
wait "$watcher" 2> /dev/null
# Helpers of ssh, such as a ProxyCommand, are of its session.
[ "$own" != own ] || kill -KILL 0
