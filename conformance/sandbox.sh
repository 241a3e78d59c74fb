#!/bin/bash
# sandbox.sh LAYOUT COMMAND [ARG...]      LAYOUT: hybrid, v1 or v2
#
# A playground for container runtimes. COMMAND gets namespaces of its own (mount, cgroup, pid, network, ipc, uts) and, in
# every cgroup hierarchy of the machine, a cgroup of its own that it sees as the root. Afterwards everything that it left
# behind is removed: the end of the first process of a pid namespace ends the others, then the cgroups go.
# `v1` shows the version 1 hierarchies only, `hybrid` adds version 2 as /sys/fs/cgroup/unified, `v2` is for machines that
# have nothing but version 2. The exit status is COMMAND's; 125 says that the sandbox could not be made.
set -u
fail() {
  echo "sandbox: $1" >&2
  exit 125
}

# The first process of the new namespaces. It must stay (no exec): containers whose creator has ended become its children,
# and a shell that waits reaps them all.
inside() {
  local layout=$1 new options=rw,nosuid,nodev,noexec,relatime id controllers path c
  shift
  ip link set lo up 2>/dev/null
  new=$(mktemp -d) || fail "no temporary directory"
  if [ "$layout" = v2 ]; then
    mount -t cgroup2 -o "$options" cgroup2 "$new" || fail "cannot mount cgroup2"
    # only a cgroup without processes can hand controllers down
    mkdir "$new/suite" && echo 0 >"$new/suite/cgroup.procs" || fail "cannot enter a cgroup"
    for c in $(cat "$new/cgroup.controllers"); do echo "+$c" >"$new/cgroup.subtree_control"; done
  else
    mount -t tmpfs -o mode=755 tmpfs "$new" || fail "cannot mount a tmpfs"
    while IFS=: read -r id controllers path; do
      case $controllers in
        "") [ "$layout" = v1 ] || { mkdir "$new/unified" && mount -t cgroup2 -o "$options" cgroup2 "$new/unified"; } ;;
        name=*) c=${controllers#name=} && mkdir "$new/$c" && mount -t cgroup -o "$options,none,$controllers" cgroup "$new/$c" ;;
        *) mkdir "$new/$controllers" && mount -t cgroup -o "$options,$controllers" cgroup "$new/$controllers" ;;
      esac || fail "cannot mount hierarchy $id ($controllers)"
      case $controllers in *,*) for c in ${controllers//,/ }; do ln -s "$controllers" "$new/$c"; done ;; esac
    done </proc/self/cgroup
  fi
  umount -R /sys/fs/cgroup && mount --move "$new" /sys/fs/cgroup && rmdir "$new" || fail "cannot replace /sys/fs/cgroup"
  "$@"
}

layout=${1:?layout: hybrid, v1 or v2}
shift
if [ "$layout" = inside ]; then
  inside "$@"
  exit $?
fi

name=conformance-$$
own=()
while read -r mount kind; do
  [ "$layout" != v2 ] || [ "$kind" = cgroup2 ] || continue
  if [ "$layout" = v2 ]; then
    for c in $(cat "$mount/cgroup.controllers"); do echo "+$c" >"$mount/cgroup.subtree_control"; done 2>/dev/null
  fi
  mkdir "$mount/$name" || fail "cannot make $mount/$name"
  own+=("$mount/$name")
  # a version 1 cpuset without processors and memory nodes takes no process
  for file in cpuset.cpus cpuset.mems; do
    [ "$kind" = cgroup ] && [ -e "$mount/$file" ] && cat "$mount/$file" >"$mount/$name/$file"
  done
done < <(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2, $3 }' /proc/self/mounts)
[ ${#own[@]} -gt 0 ] || fail "no cgroup hierarchy is mounted"

(
  for cgroup in "${own[@]}"; do echo "$BASHPID" >"$cgroup/cgroup.procs" || fail "cannot enter $cgroup"; done
  exec unshare --mount --cgroup --pid --net --ipc --uts --fork --kill-child --mount-proc --propagation private \
    bash "$0" inside "$layout" "$@"
) <&0 &
child=$!
trap 'kill "$child" 2>/dev/null' TERM INT HUP
wait "$child"
status=$?
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  status=$?
done

for _ in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for cgroup in "${own[@]}"; do
    [ -d "$cgroup" ] || continue
    # a frozen process cannot die before it is thawed
    find "$cgroup" -name freezer.state -exec sh -c 'echo THAWED >"$1"' _ {} \;
    find "$cgroup" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' _ {} \;
    find "$cgroup" -name cgroup.procs -exec cat {} + | sort -u | xargs -r kill -9
    find "$cgroup" -depth -type d -exec rmdir {} \;
    [ -d "$cgroup" ] && left="$left $cgroup"
  done 2>/dev/null
  [ -n "$left" ] || break
  sleep 0.1
done
[ -z "$left" ] || echo "sandbox: could not remove$left" >&2
exit "$status"
