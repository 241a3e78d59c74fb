# The program of the demo's container: tells how the world looks from inside, then waits to be ended.
trap 'echo "got SIGTERM, leaving"; exit 0' TERM
echo "I am process $$, user $(id -u), on host $(hostname), in $(pwd)."
echo "Processes that I see:      $(ls -d /proc/[0-9]* | wc -l)"
echo "Network interfaces:        $(ls /sys/class/net | tr '\n' ' ')"
echo "Can I write to my root?    $(touch /probe 2>&1 && echo yes)"
echo "Files in /sys/firmware:    $(ls /sys/firmware | wc -l), it is masked"
echo "Capabilities (hex):        $(sed -n 's/^CapEff:\t//p' /proc/self/status)"
echo "May I gain privileges?     $(sed -n 's/^NoNewPrivs:\t1/no: no_new_privs is set/p' /proc/self/status)"
echo "Open files, at most:       $(sed -n 's/^Max open files *\([0-9]*\).*/\1/p' /proc/self/limits)"
echo "My mounts:"
while read -r source place kind options rest; do
  printf '  %-16s %-8s %s\n' "$place" "$kind" "$options"
done </proc/mounts | cut -c 1-100 | head -n 9
echo ready
while :; do sleep 0.1; done
