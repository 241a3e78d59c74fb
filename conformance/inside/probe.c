/* probe: a small program that does what a shell cannot. It runs inside the containers under test (and, for `supervise` and
   `crowd`, around the runtime), says what it saw on standard output, and exits with 0 when it could find out. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* terminal.c */
int do_terminal(int count, char **words);

static int say_errno(const char *what) {
  printf("%s: errno %d\n", what, errno);
  return 0;
}

/* Every argument with its length, so that spaces, empty strings and line ends can be told apart. */
static int do_args(int count, char **words) {
  for (int i = 0; i < count; i++) printf("%zu:%s\n", strlen(words[i]), words[i]);
  return 0;
}

static int do_env(void) {
  for (char **entry = environ; *entry; entry++) printf("%s\n", *entry);
  return 0;
}

/* Open descriptors, found without opening one. */
static int do_fds(void) {
  for (int fd = 0; fd < 1024; fd++)
    if (fcntl(fd, F_GETFD) != -1) printf("%d ", fd);
  printf("\n");
  return 0;
}

static int do_burn(void) {
  volatile unsigned long turn = 0;
  while (turn + 1 != 0) turn++;
  return 0;
}

/* Takes memory and touches each page, so that the kernel has to provide it. */
static int do_hold(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return say_errno("mmap");
  for (size_t at = 0; at < bytes; at += 4096) memory[at] = 1;
  printf("held %zu\n", bytes);
  return 0;
}

/* Starts children that do nothing until the kernel refuses, then says how many there were. */
static int do_forks(int wanted) {
  int children = 0, reason = 0;
  while (children < wanted) {
    pid_t child = fork();
    if (child == 0) {
      pause();
      _exit(0);
    }
    if (child < 0) {
      reason = errno;
      break;
    }
    children++;
  }
  printf("children %d errno %d\n", children, reason);
  return 0;
}

/* The classical way out of a chroot: keep a descriptor of the old root, chroot deeper, walk up from the descriptor. */
static int do_escape(const char *scratch, const char *goal) {
  int old = open("/", O_RDONLY | O_DIRECTORY);
  if (old < 0) return say_errno("open");
  mkdir(scratch, 0700);
  if (chroot(scratch) != 0) return say_errno("chroot");
  if (fchdir(old) != 0) return say_errno("fchdir");
  for (int i = 0; i < 64; i++)
    if (chdir("..") != 0) return say_errno("chdir");
  if (chroot(".") != 0) return say_errno("second chroot");
  if (access(goal, F_OK) == 0)
    printf("reached %s\n", goal);
  else
    printf("not reached\n");
  return 0;
}

/* Opening a file by its number in the filesystem asks no path and so knows no root. */
static int do_handle(const char *path) {
  struct {
    struct file_handle head;
    char room[128];
  } handle = {.head = {.handle_bytes = 128}};
  int mount;
  if (name_to_handle_at(AT_FDCWD, path, &handle.head, &mount, 0) != 0) return say_errno("name_to_handle_at");
  int place = open(path, O_RDONLY | O_DIRECTORY);
  int fd = open_by_handle_at(place, &handle.head, O_RDONLY);
  if (fd < 0) return say_errno("open_by_handle_at");
  printf("opened\n");
  return 0;
}

static int do_call(int count, char **words) {
  long arg[6] = {0};
  for (int i = 1; i < count && i < 7; i++) arg[i - 1] = strtol(words[i], NULL, 0);
  errno = 0;
  long result = syscall(strtol(words[0], NULL, 0), arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
  printf("%s %d\n", result == -1 ? "errno" : "ok", errno);
  return 0;
}

/* Opens a path and says whether the kernel let it: device rules answer here. */
static int do_open(const char *path, const char *mode) {
  int fd = open(path, (strcmp(mode, "w") == 0 ? O_WRONLY : O_RDONLY) | O_NONBLOCK);
  printf("%s %d\n", fd < 0 ? "errno" : "ok", fd < 0 ? errno : 0);
  return 0;
}

static int do_shm(const char *action, const char *word) {
  if (strcmp(action, "make") == 0) {
    int id = shmget((key_t)strtol(word, NULL, 0), 4096, IPC_CREAT | IPC_EXCL | 0600);
    if (id < 0) return say_errno("shmget");
    printf("%d\n", id);
  } else if (shmctl((int)strtol(word, NULL, 0), IPC_RMID, NULL) != 0) {
    return say_errno("shmctl");
  }
  return 0;
}

static int do_clock(void) {
  struct timespec monotonic, boot;
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  printf("%ld %ld\n", (long)monotonic.tv_sec, (long)boot.tv_sec);
  return 0;
}

static int finish(char **command) {
  pid_t child = fork();
  if (child == 0) {
    execvp(command[0], command);
    _exit(127);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 126;
  return WEXITSTATUS(status);
}

/* supervise PIDFILE CREATE... -- START...: what an engine's monitor does. Processes whose parent has ended become our
   children, so the container's exit status comes to us although the runtime has long gone. */
static int do_supervise(const char *pid_file, char **words) {
  char **start = words;
  while (*start && strcmp(*start, "--") != 0) start++;
  if (!*start) return 2;
  *start++ = NULL;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int status = finish(words);
  if (status != 0) return printf("create ended with %d\n", status), 1;
  char text[32] = {0};
  int fd = open(pid_file, O_RDONLY);
  if (fd < 0 || read(fd, text, sizeof text - 1) <= 0) return say_errno("pid file"), 1;
  pid_t pid = (pid_t)atol(text);
  status = finish(start);
  if (status != 0) return printf("start ended with %d\n", status), 1;
  if (waitpid(pid, &status, 0) != pid) return say_errno("waitpid"), 1;
  if (WIFSIGNALED(status))
    printf("signal %d\n", WTERMSIG(status));
  else
    printf("exit %d\n", WEXITSTATUS(status));
  return 0;
}

/* console SOCKET CREATE... -- START...: what an engine does for a container with a terminal. It listens on a socket, gets
   the terminal's other end from the runtime (unix(7), SCM_RIGHTS), and shows what the container writes to it.
   pidfd SOCKET CREATE... -- START...: the same with a pidfd, by which it sees the container end. */
static int do_console(int pidfd, const char *path, char **words) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 1) != 0) return say_errno("listen"), 1;
  char **start = words;
  while (*start && strcmp(*start, "--") != 0) start++;
  if (!*start) return 2;
  *start++ = NULL;
  int status = finish(words);
  if (status != 0) return printf("create ended with %d\n", status), 1;
  int peer = accept(server, NULL, NULL);
  char text[4096], control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {.iov_base = text, .iov_len = sizeof text};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t length = recvmsg(peer, &message, 0);
  if (length <= 0) return say_errno("recvmsg"), 1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_type != SCM_RIGHTS) return printf("no descriptor came\n"), 1;
  int terminal;
  memcpy(&terminal, CMSG_DATA(header), sizeof terminal);
  status = finish(start);
  if (status != 0) return printf("start ended with %d\n", status), 1;
  if (pidfd) {
    struct pollfd end = {.fd = terminal, .events = POLLIN};
    printf("%.*s\n", (int)length, text);
    return puts(poll(&end, 1, 10000) == 1 ? "ended" : "lives") < 0;
  }
  /* reading ends with EIO when the last process has closed the terminal */
  for (ssize_t got; (got = read(terminal, text, sizeof text)) > 0;) fwrite(text, 1, (size_t)got, stdout);
  return 0;
}

/* watch FILE... -- COMMAND...: runs COMMAND and names every FILE that was opened meanwhile, in whatever mount namespace. */
static int do_watch(char **words) {
  int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), count = 0;
  char **command = words;
  while (*command && strcmp(*command, "--") != 0) command++;
  if (!*command) return 2;
  for (char **file = words; file != command; file++, count++)
    /* the first watch is number 1, and so on */
    if (inotify_add_watch(inotify, *file, IN_OPEN) != count + 1) return say_errno(*file), 1;
  int status = finish(command + 1);
  if (status != 0) return printf("the command ended with %d\n", status), 1;
  char room[65536] __attribute__((aligned(8)));
  for (ssize_t got; (got = read(inotify, room, sizeof room)) > 0;)
    for (char *at = room; at < room + got;) {
      struct inotify_event *event = (struct inotify_event *)at;
      printf("%s\n", words[event->wd - 1]);
      at += sizeof *event + event->len;
    }
  return 0;
}

/* The effective capabilities of a process; 0 when it has gone. */
static unsigned long long effective(int pid) {
  char path[64], line[256];
  unsigned long long caps = 0;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "re");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "CapEff: %llx", &caps);
  if (file) fclose(file);
  return caps;
}

/* stalk MASK: takes hold of every process that comes up, and names those that have more capabilities than MASK, or a directory
   open, while it holds them. */
static int do_stalk(unsigned long long mask) {
  static char known[1 << 22];
  int self = getpid();
  printf("stalking\n");
  for (;;) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
      int pid = atoi(entry->d_name), status;
      if (pid <= 0 || pid == self || pid >= (int)sizeof known || known[pid]) continue;
      /* not PTRACE_ATTACH: its SIGSTOP may come after another stop, and would stay behind */
      if (ptrace(PTRACE_SEIZE, pid, 0, 0) != 0 || ptrace(PTRACE_INTERRUPT, pid, 0, 0) != 0) continue;
      waitpid(pid, &status, __WALL);
      unsigned long long caps = effective(pid);
      if (caps & ~mask) printf("%d has capabilities %llx\n", pid, caps);
      for (int fd = 0; fd < 64; fd++) {
        char path[64];
        struct stat found;
        snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
        if (stat(path, &found) == 0 && S_ISDIR(found.st_mode)) printf("%d has directory %d\n", pid, fd);
      }
      known[pid] = 1;
      /* a signal that it was stopped for is still its own */
      ptrace(PTRACE_DETACH, pid, 0, status >> 16 == 0 && WIFSTOPPED(status) ? WSTOPSIG(status) : 0);
    }
    if (proc) closedir(proc);
    while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
  }
  return 0;
}

/* agent SOCKET CALL ERRNO COMMAND...: runs COMMAND and is the seccomp agent meanwhile. It prints what the runtime says of each filtered
   process, with the number of descriptors that came along, and answers CALL with ERRNO; all other calls go on to the kernel. */
static int do_agent(const char *path, int call, int error, char **command) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 8) != 0) return say_errno("listen"), 1;
  pid_t child = fork();
  if (child == 0) {
    execvp(command[0], command);
    _exit(127);
  }
  struct pollfd polls[8] = {{.fd = server, .events = POLLIN}};
  int count = 1, status = 0;
  for (pid_t ended = 0; ended == 0;) {
    /* before the look at the sockets: what came until then is still told */
    ended = waitpid(child, &status, WNOHANG);
    poll(polls, (nfds_t)count, 20);
    if (polls[0].revents & POLLIN && count < 8) {
      char text[8192] = {0}, control[CMSG_SPACE(sizeof(int) * 4)];
      int peer = accept4(server, NULL, NULL, SOCK_CLOEXEC), fd = -1;
      struct iovec data = {.iov_base = text, .iov_len = sizeof text - 1};
      struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
      if (recvmsg(peer, &message, MSG_CMSG_CLOEXEC) <= 0) return say_errno("recvmsg"), 1;
      struct cmsghdr *header = CMSG_FIRSTHDR(&message);
      size_t descriptors = header && header->cmsg_type == SCM_RIGHTS ? (header->cmsg_len - CMSG_LEN(0)) / sizeof fd : 0;
      if (descriptors > 0) memcpy(&fd, CMSG_DATA(header), sizeof fd);
      /* a stream may come in pieces, and its other end may stay open */
      struct pollfd rest = {.fd = peer, .events = POLLIN};
      for (size_t at = strlen(text); at < sizeof text - 1 && poll(&rest, 1, 100) == 1; at = strlen(text))
        if (read(peer, text + at, sizeof text - 1 - at) <= 0) break;
      for (char *end = strchr(text, '\n'); end; end = strchr(end, '\n')) *end = ' ';
      printf("agent %zu %s\n", descriptors, text);
      close(peer);
      polls[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    for (int i = 1; i < count; i++) {
      if (!(polls[i].revents & POLLIN)) continue;
      struct seccomp_notif request = {0};
      struct seccomp_notif_resp answer = {0};
      if (ioctl(polls[i].fd, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) continue;
      answer.id = request.id;
      if (request.data.nr == call)
        answer.error = -error;
      else
        answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      ioctl(polls[i].fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/* crowd KIND COMMAND...: starts COMMAND with something that it should not hand on. */
static int do_crowd(const char *kind, char **command) {
  if (strcmp(kind, "fds") == 0) {
    int place = open("/etc", O_RDONLY | O_DIRECTORY);
    int numbers[] = {3, 10, 40};
    for (int i = 0; i < 3; i++)
      if (place != numbers[i]) dup2(place, numbers[i]);
  } else if (strcmp(kind, "signals") == 0) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
  } else if (strcmp(kind, "groups") == 0) {
    gid_t groups[] = {4, 27, 44};
    if (setgroups(3, groups) != 0) return say_errno("setgroups"), 1;
  } else if (strcmp(kind, "umask") == 0) {
    umask(0077);
  } else if (strcmp(kind, "nostdin") == 0) {
    close(0);
  } else {
    return 2;
  }
  execvp(command[0], command);
  return 127;
}

/* drop UID COMMAND...: becomes an ordinary user, then the program. */
static int do_drop(int uid, char **command) {
  if (setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) != 0) return say_errno("setresuid"), 1;
  execv(command[0], command);
  return say_errno("execv"), 1;
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *what = count > 1 ? words[1] : "";
  if (strcmp(what, "args") == 0) return do_args(count - 2, words + 2);
  if (strcmp(what, "env") == 0) return do_env();
  if (strcmp(what, "fds") == 0) return do_fds();
  if (strcmp(what, "burn") == 0) return do_burn();
  if (strcmp(what, "clock") == 0) return do_clock();
  if (strcmp(what, "user") == 0) return printf("%d\n", (int)geteuid()), 0;
  if (count > 2) {
    if (strcmp(what, "hold") == 0) return do_hold(strtoul(words[2], NULL, 0));
    if (strcmp(what, "forks") == 0) return do_forks(atoi(words[2]));
    if (strcmp(what, "stalk") == 0) return do_stalk(strtoull(words[2], NULL, 16));
    if (strcmp(what, "handle") == 0) return do_handle(words[2]);
    if (strcmp(what, "call") == 0) return do_call(count - 2, words + 2);
  }
  if (count > 3) {
    if (strcmp(what, "terminal") == 0) return do_terminal(count - 2, words + 2);
    if (strcmp(what, "watch") == 0) return do_watch(words + 2);
    if (strcmp(what, "escape") == 0) return do_escape(words[2], words[3]);
    if (strcmp(what, "open") == 0) return do_open(words[2], words[3]);
    if (strcmp(what, "shm") == 0) return do_shm(words[2], words[3]);
    if (strcmp(what, "supervise") == 0) return do_supervise(words[2], words + 3);
    if (strcmp(what, "agent") == 0 && count > 5) return do_agent(words[2], atoi(words[3]), atoi(words[4]), words + 5);
    if (strcmp(what, "console") == 0) return do_console(0, words[2], words + 3);
    if (strcmp(what, "pidfd") == 0) return do_console(1, words[2], words + 3);
    if (strcmp(what, "drop") == 0) return do_drop(atoi(words[2]), words + 3);
    if (strcmp(what, "crowd") == 0) return do_crowd(words[2], words + 3);
  }
  fprintf(stderr, "probe: unknown request\n");
  return 2;
}
