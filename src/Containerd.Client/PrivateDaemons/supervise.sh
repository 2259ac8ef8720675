#!/bin/sh
# Runs one private containerd and cleans up after it.
#
#   supervise.sh run   PLACE FOLDER ephemeral|kept attached|detached CONTAINERD
#   supervise.sh sweep PLACE FOLDER ephemeral|kept
#
# PLACE holds the socket, the record and the files by which a client talks to this script; FOLDER holds the daemon's data.
#   PLACE/pid          written here: process id and start time of containerd
#   PLACE/ready        written by the client once the daemon answered: from then on it is restarted when it dies
#   PLACE/ending       written here: the daemon is stopped, and what is left of it is removed
#   PLACE/remove-data  written by the client before the end: remove FOLDER even when it is kept
#   PLACE/grace        written by the client before the end: how many tenths of a second containerd has to end by itself; 150 without it
# An attached run ends when its standard input does: when the process that holds the other end of the pipe is gone.
# The whole file is read before anything happens (main is called on its last line), since it removes itself.

# Sets ppid, mark (running or dead) and born (start time) of a process; fails when there is none.
look_at() {
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -f
  # shellcheck disable=SC2086
  set -- ${line##*) }
  set +f
  mark=$1 ppid=$2
  shift 19
  born=$1
}

alive() { look_at "$1" && [ "$mark" != Z ] && [ "$mark" != X ]; }

# Waits until a process is gone: its id and a number of tenths of a second.
wait_gone() {
  left=$2
  while alive "$1"; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 0.1
  done
}

end_process() {
  grace=150
  { read -r wanted < "$place/grace"; } 2>/dev/null && grace=$wanted
  kill -TERM "$1" 2>/dev/null
  wait_gone "$1" "$grace" || { kill -KILL "$1" 2>/dev/null; wait_gone "$1" 50; }
}

# The daemon's shims are those that were told its socket.
shims() {
  for entry in /proc/[0-9]*; do
    { read -r comm < "$entry/comm"; } 2>/dev/null || continue
    case $comm in containerd-shim*) ;; *) continue ;; esac
    tr '\0' '\n' < "$entry/cmdline" 2>/dev/null | grep -qxF -- "$place/containerd.sock" && echo "${entry#/proc/}"
  done
}

# Everything below the given processes, but not they themselves.
descendants() {
  found=" $* " below=
  again=1
  while [ -n "$again" ]; do
    again=
    for entry in /proc/[0-9]*; do
      pid=${entry#/proc/}
      case $found in *" $pid "*) continue ;; esac
      alive "$pid" || continue
      case $found in *" $ppid "*) found="$found$pid " below="$below $pid" again=1 ;; esac
    done
  done
  echo "$below"
}

# On cgroup v1 a frozen process dies only once it is thawed.
thaw() {
  path=$(sed -n 's/^[0-9]*:freezer://p' "/proc/$1/cgroup" 2>/dev/null)
  case $path in
    ''|/) ;;
    *) { echo THAWED > "/sys/fs/cgroup/freezer$path/freezer.state"; } 2>/dev/null ;;
  esac
}

# The containers' processes first, while their shims still hold them together; then the shims.
end_tasks() {
  round=0
  while running=$(shims); [ -n "$running" ] && [ "$round" -lt 50 ]; do
    # shellcheck disable=SC2086
    below=$(descendants $running)
    if [ -n "$below" ]; then
      for pid in $below; do kill -KILL "$pid" 2>/dev/null; thaw "$pid"; done
    else
      for pid in $running; do kill -KILL "$pid" 2>/dev/null; done
    fi
    round=$((round + 1))
    sleep 0.05
  done
}

# A bundle without its shim: an init process that lost its shim, the runtime's own state, the cgroup and the rootfs mount.
remove_bundle() {
  bundle=$1 id=${1##*/} namespace=${1%/*}
  namespace=${namespace##*/}
  shim=
  [ -f "$bundle/shim-binary-path" ] && shim=$(cat "$bundle/shim-binary-path")
  [ -x "$shim" ] || shim=$(command -v containerd-shim-runc-v2)
  [ -n "$shim" ] && (cd "$bundle" && timeout 15 "$shim" -namespace "$namespace" -id "$id" -address "$place/containerd.sock" -bundle "$bundle" delete > /dev/null)
  for file in address bootstrap.json; do
    socket=$(sed -n 's#.*unix://\(/run/containerd/s/[0-9a-f]*\).*#\1#p' "$bundle/$file" 2>/dev/null)
    [ -n "$socket" ] && rm -f "$socket"
  done
}

# Sets real: the path of a directory without symbolic links, as the mount table has it. The x keeps newlines at its end.
resolve() {
  real=$(cd -P -- "$1" 2>/dev/null && pwd -P && echo x) || return 1
  real=${real%??}
}

# Sets point: a mount point of the table, in which blanks, tabs, newlines and backslashes are \040, \011, \012 and \134.
decode() {
  case $1 in
    # shellcheck disable=SC2059
    *\\*) point=$(printf "$(printf '%s' "$1" | sed 's/%/%%/g')x") point=${point%x} ;;
    *) point=$1 ;;
  esac
}

# The mount points below a directory, as the table has them, the latest first: later mounts lie on top of earlier ones.
mounts_below() {
  resolve "$1" || return 0
  sed 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .*/\1/' /proc/self/mountinfo | sed -n '1!G;h;$p' | while IFS= read -r entry; do
    decode "$entry"
    case $point in "${real%/}"/*) printf '%s\n' "$entry" ;; esac
  done
}

unmount_below() {
  mounts_below "$1" | while IFS= read -r entry; do
    decode "$entry"
    umount -- "$point" || umount -l -- "$point"
  done
}

# Removes a directory, unless something is mounted in it: that belongs to another file system or to another directory of this one, and must stay.
remove_tree() {
  [ -d "$1" ] || { rm -f -- "$1"; return; }
  if [ ! -L "$1" ]; then
    mounted=$(mounts_below "$1")
    if [ -n "$mounted" ]; then
      unfinished=1
      printf '%s\n' "Something is mounted on $(printf '%s\n' "$mounted" | sed -n '1p'), so the folder around it is kept. Unmount it, and stop the daemon again." >&2
      return
    fi
  fi
  # A btrfs subvolume looks like another file system, and snapshots are subvolumes there.
  whole=
  [ "$(stat -f -c %T -- "$1" 2>/dev/null)" = btrfs ] || whole=$one_file_system
  # shellcheck disable=SC2086
  rm -rf $whole -- "$1"
}

# What is left of the daemon's containers in networks, and, with its data, the bridges of its networks and the folder of their state.
remove_networks() {
  [ -d "$folder/networks" ] || return 0
  uuid=$(cat "$folder/root/io.containerd.grpc.v1.introspection/uuid" 2>/dev/null)
  [ -n "$uuid" ] || return 0
  state=/run/containerd-powershell/networks/$uuid
  text=$(printf '%s' "$folder/networks" | sed 's/[\\"]/\\&/g')
  plugins=/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni
  case ${CNI_PATH:-} in /*) plugins=$CNI_PATH ;; esac
  plugins=$(printf '%s' "$plugins" | sed 's/[\\"]/\\&/g; s/:/","/g')
  bridges=
  [ -z "$1" ] || bridges=$(sed -n 's/.*"bridge": *\("br-[0-9a-f]*"\).*/\1/p' "$folder"/networks/net.d/*.conflist 2>/dev/null | tr '\n' ',')
  for helper in "$folder"/logs/bin/containerd-helper-*; do
    [ -x "$helper" ] || continue
    printf '{"folders":{"configuration":["%s/net.d"],"plugins":["%s"],"cache":"%s/cni","addresses":"%s/addresses","state":"%s"},"bridges":[%s]}' \
      "$text" "$plugins" "$text" "$text" "$state" "${bridges%,}" | timeout 120 "$helper" network-sweep 0
    echo
  done
  if [ -n "$1" ]; then
    rm -f "$state"/failures/*
    rmdir "$state/failures" "$state/attachments" "$state/netns" "$state" 2>/dev/null
  fi
}

sweep() {
  # A name that is not valid in the user's locale would match no pattern.
  export LC_ALL=C
  unfinished= one_file_system=
  rm --help 2>&1 | grep -q -e --one-file-system && one_file_system=--one-file-system
  end_tasks
  for namespace in "$folder"/state/io.containerd.runtime.v2.task/*; do
    [ -d "$namespace" ] || continue
    for bundle in "$namespace"/*; do
      [ -d "$bundle" ] && remove_bundle "$bundle"
    done
    # crun leaves an empty folder beside its containers' states.
    runtime=/run/containerd/runc/${namespace##*/}
    [ "$(ls -A "$runtime" 2>/dev/null)" = .empty-directory ] && rmdir "$runtime/.empty-directory"
    # The runtime's folder and cgroups of the namespace stay where another daemon uses them too: only what is empty goes.
    rmdir "$runtime" "/sys/fs/cgroup/${namespace##*/}" /sys/fs/cgroup/*/"${namespace##*/}" 2>/dev/null
  done
  if [ "$keep" = ephemeral ] || [ -e "$place/remove-data" ]; then remove_networks data; else remove_networks ''; fi
  unmount_below "$folder/state"
  unmount_below "$folder/root"
  remove_tree "$folder/state"
  remove_tree "$folder/tmp"
  if [ "$keep" = ephemeral ] || [ -e "$place/remove-data" ]; then
    # After a failed start the log stays: it says why.
    [ -n "$failed" ] && mv "$folder/containerd.log" "$folder.log"
    cd /
    # Of a symbolic link that was named as the folder the link and what it leads to.
    [ -L "$folder" ] && resolve "$folder" && remove_tree "$real"
    [ -n "$unfinished" ] || remove_tree "$folder"
  fi
  # Without its record nobody would find what is left.
  [ -n "$unfinished" ] || remove_tree "$place"
}

run() {
  attachment=$1 containerd=$2
  mkdir -p "$folder"
  exec >> "$folder/containerd.log" 2>&1
  cd /
  ending= failed= pid= delay=0.25
  trap 'ending=1; { true > "$place/ending"; } 2>/dev/null; [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null' TERM INT HUP
  watcher=
  if [ "$attachment" = attached ]; then
    # A background command's standard input is /dev/null unless it is named.
    exec 3<&0
    { while read -r _; do :; done; look_at self && [ "$ppid" = $$ ] && kill -TERM $$; } <&3 3<&- &
    watcher=$!
    exec 3<&-
  fi
  exec < /dev/null
  while [ -z "$ending" ]; do
    started=$(date +%s)
    "$containerd" --config "$folder/config.toml" &
    pid=$!
    look_at "$pid" && echo "$pid $born" > "$place/pid.new" && mv "$place/pid.new" "$place/pid"
    while alive "$pid" && [ -z "$ending" ]; do wait "$pid"; done
    if [ -n "$ending" ]; then
      end_process "$pid"
      break
    fi
    wait "$pid"
    code=$?
    [ -e "$place/ready" ] || { failed=1; break; }
    [ $(($(date +%s) - started)) -ge 60 ] && delay=0.25
    echo "time=\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\" level=warning msg=\"containerd ended with code $code: starting it again in $delay s\""
    sleep "$delay" &
    pid=$!
    wait "$pid"
    pid=
    case $delay in 0.25) delay=1 ;; 1) delay=4 ;; *) delay=16 ;; esac
  done
  trap '' TERM INT HUP
  { true > "$place/ending"; } 2>/dev/null
  [ -n "$watcher" ] && kill -KILL "$watcher" 2>/dev/null
  sweep
}

main() {
  mode=$1 place=$2 folder=$3 keep=$4
  shift 4
  failed=
  # Whatever the user's own is: root runs what lies in these folders.
  umask go-w
  case $mode in
    run) run "$@" ;;
    sweep)
      # Only the process that was recorded: its id may be another's by now.
      if { read -r pid was < "$place/pid"; } 2>/dev/null && alive "$pid" && [ "$born" = "$was" ]; then end_process "$pid"; fi
      sweep
      ;;
  esac
  exit
}

main "$@"
