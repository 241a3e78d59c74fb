/* killer MODE N DELAY [COMMAND... ";"]... "@" COMMAND... [";" COMMAND...]...
 *
 * Runs the commands in turn. The one after "@" is killed at its Nth system call, counted from 1 after its exec:
 *   entry     the command itself (all its threads), before the kernel does anything for that call
 *   exit      the same, after the kernel has done it
 *   child     whichever process the command made, when these processes together enter their Nth call;
 *             the command itself lives
 * The commands after it run DELAY microseconds later. Then every process that is left must end within two seconds.
 *
 * Writes one line of JSON: killed (false: the command ended before its Nth call), call (name of the Nth), status
 * (of the command after "@"; 128 + signal), others (statuses of the other commands), left (processes that had to be
 * killed). It is the subreaper of all it starts, so no process can hide from it by losing its parents. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/ptrace.h>

enum { TASKS = 4096, OTHERS = 16 };
enum mode { ENTRY, EXIT, CHILD };
struct report { int killed, status; char call[64]; };
extern char **environ;

static void die(const char *what)
{
	fprintf(stderr, "killer: %s: %s\n", what, strerror(errno));
	exit(99);
}

static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void start(char **command)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	close(null);
	execvp(command[0], command);
	die(command[0]);
}

/* Orphans that end meanwhile are reaped, as an engine would. */
static int wait_for(pid_t child)
{
	int status;

	for (;;) {
		pid_t ended = waitpid(-1, &status, __WALL);
		if (ended == child) return exit_status(status);
		if (ended < 0 && errno != EINTR) return -1;
	}
}

static int run(char **command)
{
	pid_t child = fork();

	if (child < 0) die("fork");
	if (child == 0) start(command);
	return wait_for(child);
}

/* Process of a task; its threads count as itself. */
static pid_t process_of(pid_t task)
{
	char path[64], line[128];
	pid_t process = task;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/status", task);
	file = fopen(path, "re");
	if (file == NULL) return task;
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "Tgid: %d", &process) == 1) break;
	fclose(file);
	return process;
}

static void name_call(struct report *report, unsigned long long number)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);

	snprintf(report->call, sizeof report->call, "%s", name == NULL ? "unknown" : name);
	free(name);
}

/* Is this stop the one that counts? Then the victim dies in it. */
static int at_call(enum mode mode, pid_t main_process, pid_t task, long *left, struct report *report)
{
	struct ptrace_syscall_info info;
	static unsigned long long entered;
	pid_t process = mode == CHILD ? process_of(task) : main_process;

	if (mode == CHILD && process == main_process) return 0;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof info, &info) < 0) return 0;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) entered = info.entry.nr;
	if (info.op != (mode == EXIT ? PTRACE_SYSCALL_INFO_EXIT : PTRACE_SYSCALL_INFO_ENTRY)) return 0;
	if (--*left != 0) return 0;
	name_call(report, entered);
	report->killed = 1;
	kill(process, SIGKILL);
	return 1;
}

/* Runs in a process of its own: when it ends, the kernel releases whatever is still traced. */
static struct report trace(enum mode mode, long left, char **command)
{
	struct report report = { 0 };
	int status, executed = 0;
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
	pid_t child = fork();

	if (child < 0) die("fork");
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		start(command);
	}
	if (mode == CHILD) options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	if (waitpid(child, &status, 0) != child) die("waitpid");
	if (ptrace(PTRACE_SETOPTIONS, child, 0, options) < 0) die("PTRACE_SETOPTIONS");
	ptrace(PTRACE_SYSCALL, child, 0, 0);
	for (;;) {
		pid_t task = waitpid(-1, &status, __WALL);
		int deliver = 0;

		if (task < 0) {
			if (errno == EINTR) continue;
			die("waitpid");
		}
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (task != child) continue;
			report.status = exit_status(status);
			return report;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (executed && !report.killed) at_call(mode, child, task, &left, &report);
		} else if (status >> 16 == PTRACE_EVENT_EXEC) {
			executed = 1;
		} else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
			deliver = WSTOPSIG(status); /* a real signal; SIGSTOP is how a new tracee begins */
		}
		ptrace(PTRACE_SYSCALL, task, 0, deliver);
	}
}

static struct report trace_apart(enum mode mode, long nth, char **command)
{
	struct report report = { 0 };
	int ends[2];
	pid_t tracer;

	if (pipe2(ends, O_CLOEXEC) < 0) die("pipe2");
	tracer = fork();
	if (tracer < 0) die("fork");
	if (tracer == 0) {
		report = trace(mode, nth, command);
		_exit(write(ends[1], &report, sizeof report) == sizeof report ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], &report, sizeof report) != sizeof report) {
		errno = EPIPE;
		die("tracer");
	}
	close(ends[0]);
	wait_for(tracer);
	return report;
}

/* Waits up to two seconds for all children, own and adopted, to end; kills and counts the rest. */
static int reap(void)
{
	struct timespec pause = { 0, 1000000 };
	char path[64], list[4096];
	int left = 0;

	for (int turn = 0; turn < 2000; turn++) {
		pid_t ended = waitpid(-1, NULL, WNOHANG | __WALL);
		if (ended < 0 && errno == ECHILD) return left;
		if (ended == 0) nanosleep(&pause, NULL);
	}
	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	for (;;) {
		FILE *file = fopen(path, "re");
		size_t length = file == NULL ? 0 : fread(list, 1, sizeof list - 1, file);
		if (file != NULL) fclose(file);
		list[length] = 0;
		for (char *word = strtok(list, " "); word != NULL; word = strtok(NULL, " "), left++) kill(atoi(word), SIGKILL);
		if (waitpid(-1, NULL, __WALL) < 0) return left;
	}
}

int main(int argc, char **argv)
{
	static const char *const modes[] = { [ENTRY] = "entry", [EXIT] = "exit", [CHILD] = "child" };
	int others[OTHERS], count = 0, mode = 0, seen = 0;
	struct report report = { 0 };

	if (argc < 6) return 99;
	while (mode < CHILD && strcmp(modes[mode], argv[1]) != 0) mode++;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (char **command = argv + 4; *command != NULL;) {
		char **end = command;

		while (*end != NULL && strcmp(*end, ";") != 0) end++;
		char **next = *end == NULL ? end : end + 1;
		*end = NULL;
		if (strcmp(*command, "@") == 0) {
			report = trace_apart((enum mode)mode, atol(argv[2]), command + 1);
			usleep((useconds_t)atol(argv[3]));
			seen = 1;
		} else if (count < OTHERS) {
			others[count++] = run(command);
		}
		command = next;
	}
	if (!seen) return 99;
	printf("{\"killed\":%s,\"call\":\"%s\",\"status\":%d,\"others\":[", report.killed ? "true" : "false", report.call,
	       report.status);
	for (int i = 0; i < count; i++) printf("%s%d", i ? "," : "", others[i]);
	printf("],\"left\":%d}\n", reap());
	return 0;
}
