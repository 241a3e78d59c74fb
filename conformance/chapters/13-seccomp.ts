import { type Chapter, check } from "../chapter.js";
import type { Config, Seccomp } from "../config.js";
import { equal, matches } from "../expect.js";

/** Numbers of system calls of x86-64 that programs rarely need: the probe calls them by number. */
const numbers = { getpriority: "140", setpriority: "141", personality: "135", sync: "162", fromTheFuture: "9999" };

const allowed = "ok 0";

function filter(rules: NonNullable<Seccomp["syscalls"]>, rest: Partial<Seccomp> = {}): (config: Config) => void {
  return (config) => {
    config.linux.seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      architectures: ["SCMP_ARCH_X86_64"],
      syscalls: rules,
      ...rest,
    };
  };
}

/** What an ordinary static program needs, and what a runtime still does after it has loaded the filter. */
const ordinary = (
  "access arch_prctl brk capget capset chdir clone close close_range dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait " +
  "epoll_wait execve execveat exit exit_group faccessat faccessat2 fchdir fcntl fstat fstatfs futex getcwd getdents64 " +
  "getegid geteuid getgid getgroups getpgrp getpid getppid getrandom getresgid getresuid getrlimit gettid getuid ioctl " +
  "keyctl lseek lstat madvise mmap mprotect mremap munmap nanosleep newfstatat open openat openat2 pipe pipe2 poll ppoll " +
  "prctl pread64 prlimit64 read readlink readlinkat readv recvmsg rseq rt_sigaction rt_sigprocmask rt_sigreturn " +
  "sched_getaffinity sched_yield seccomp sendmsg sendto set_robust_list set_tid_address setgid setgroups setresgid " +
  "setresuid setsid setuid sigaltstack socket stat statfs statx tgkill timer_create umask uname unlink wait4 write writev"
).split(" ");

export const seccomp: Chapter = {
  name: "seccomp",
  title: "System call filter",
  about: "a profile says which requests to the kernel (system calls) a container may make, and what happens otherwise",
  checks: [
    check("off", "without a profile nothing is filtered", async (t) => {
      matches("mode", await t.shell("grep '^Seccomp:' /proc/self/status"), /\t0$/);
    }),

    check("on", "with a profile, the kernel filters", async (t) => {
      const edit = filter([{ names: ["sync"], action: "SCMP_ACT_ERRNO" }]);
      matches("mode", await t.shell("grep '^Seccomp:' /proc/self/status", edit), /\t2$/);
    }),

    check("older", "a profile that is older than some system calls lets the container start", async (t) => {
      const younger = ["close_range", "faccessat2", "openat2", "statx", "rseq"];
      for (const noNewPrivileges of [false, true]) {
        const said = await t.inside(["echo", "here"], (config) => {
          config.process.noNewPrivileges = noNewPrivileges;
          config.linux.seccomp = {
            defaultAction: "SCMP_ACT_ERRNO",
            architectures: ["SCMP_ARCH_X86_64"],
            syscalls: [{ names: ordinary.filter((name) => !younger.includes(name)), action: "SCMP_ACT_ALLOW" }],
          };
        });
        equal(`without new privileges: ${String(noNewPrivileges)}`, said, "here");
      }
    }),

    check("errno", "a filtered call fails with EPERM, others work", async (t) => {
      const edit = filter([{ names: ["getpriority"], action: "SCMP_ACT_ERRNO" }]);
      equal("filtered", await t.inside(["probe", "call", numbers.getpriority], edit), "errno 1");
      equal("another", await t.inside(["probe", "call", numbers.sync], edit), allowed);
    }),

    check("errno-number", "or with the error that the profile names", async (t) => {
      const edit = filter([{ names: ["getpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 95 }]);
      equal("filtered (EOPNOTSUPP)", await t.inside(["probe", "call", numbers.getpriority], edit), "errno 95");
    }),

    check("kill", "a call that the profile punishes with death ends the program by SIGSYS", async (t) => {
      for (const action of ["SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL"]) {
        const container = t.container(
          ["sh", "-c", `probe call ${numbers.getpriority}; echo status $?`],
          filter([{ names: ["getpriority"], action }]),
        );
        equal(action, (await container.run()).stdout, "status 159\n");
      }
    }),

    check("children", "children are filtered like their parents, also after they became another program", async (t) => {
      const edit = filter([{ names: ["getpriority"], action: "SCMP_ACT_ERRNO" }]);
      const said = await t.shell(`sh -c 'probe call ${numbers.getpriority}'`, edit);
      equal("filtered", said, "errno 1");
    }),

    check("argument", "a rule can look at an argument of the call", async (t) => {
      const edit = filter([
        {
          names: ["personality"],
          action: "SCMP_ACT_ERRNO",
          errnoRet: 42,
          args: [{ index: 0, value: 8, op: "SCMP_CMP_EQ" }],
        },
      ]);
      equal("personality(8)", await t.inside(["probe", "call", numbers.personality, "8"], edit), "errno 42");
      equal(
        "personality(0xffffffff)",
        await t.inside(["probe", "call", numbers.personality, "0xffffffff"], edit),
        allowed,
      );
    }),

    check("masked-argument", "or at some bits of it", async (t) => {
      const edit = filter([
        {
          names: ["setpriority"],
          action: "SCMP_ACT_ERRNO",
          errnoRet: 42,
          args: [{ index: 2, value: 4, valueTwo: 4, op: "SCMP_CMP_MASKED_EQ" }],
        },
      ]);
      const call = async (nice: number) =>
        t.inside(["probe", "call", numbers.setpriority, "0", "0", String(nice)], edit);
      equal("nice 5 has the bit", await call(5), "errno 42");
      equal("nice 3 has not", await call(3), allowed);
    }),

    check("allow-list", "a profile can forbid everything that it does not name", async (t) => {
      const edit = filter([{ names: ordinary, action: "SCMP_ACT_ALLOW" }], {
        defaultAction: "SCMP_ACT_ERRNO",
        defaultErrnoRet: 42,
      });
      equal("not named", await t.inside(["probe", "call", numbers.getpriority], edit), "errno 42");
      equal("named", await t.inside(["probe", "fds"], edit), "0 1 2");
    }),

    check(
      "newer-calls",
      "calls newer than such a profile are unknown (ENOSYS), so that programs try older ones",
      async (t) => {
        const edit = filter([{ names: ordinary, action: "SCMP_ACT_ALLOW" }], { defaultAction: "SCMP_ACT_ERRNO" });
        equal("a call from the future", await t.inside(["probe", "call", numbers.fromTheFuture], edit), "errno 38");
      },
    ),

    check("unknown-name", "a name that nobody knows is no reason to fail", async (t) => {
      const edit = filter([{ names: ["not_a_call_at_all", "getpriority"], action: "SCMP_ACT_ERRNO" }]);
      equal("filtered", await t.inside(["probe", "call", numbers.getpriority], edit), "errno 1");
    }),

    check("unknown-action", "an action that nobody knows is refused", async (t) => {
      await t.refuses(filter([{ names: ["sync"], action: "SCMP_ACT_SCOLD" }]));
    }),

    check("without-nnp", "the filter holds also without noNewPrivileges, for an ordinary user", async (t) => {
      const edit = filter([{ names: ["getpriority"], action: "SCMP_ACT_ERRNO" }]);
      const said = await t.inside(["probe", "call", numbers.getpriority], (c) => {
        edit(c);
        c.process.noNewPrivileges = false;
        c.process.user = { uid: 1000, gid: 1000 };
      });
      equal("filtered", said, "errno 1");
    }),
  ],
};
