/* sequence [-m] COMMAND [ARG...] [";" COMMAND [ARG...]]...
 *
 * Runs the commands one after the other with no shell between them, the way an engine does: as the subreaper of the
 * containers that they leave behind. Stops at the first one that fails. -m prints the peak resident memory in KiB of
 * the largest command (and of what that command itself waited for).
 *
 * It is a C program, and a static one, because its own start-up is part of what is measured and because the kernel
 * counts the memory of the program that forked into the peak of the one that is executed. */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

extern char **environ;

static long peak;

static int run(char **command)
{
	pid_t child, ended;
	int status, error = posix_spawnp(&child, command[0], NULL, NULL, command, environ);

	if (error != 0) {
		fprintf(stderr, "sequence: %s: %s\n", command[0], strerror(error));
		return 127;
	}
	for (;;) {
		struct rusage usage;

		ended = wait4(-1, &status, 0, &usage);
		if (ended < 0 && errno != EINTR) return 127;
		if (ended != child) continue; /* a container's init, adopted */
		if (usage.ru_maxrss > peak) peak = usage.ru_maxrss;
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	int memory = argc > 1 && strcmp(argv[1], "-m") == 0, status = 0;
	char **command = argv + 1 + memory;

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	while (*command != NULL && status == 0) {
		char **end = command;

		while (*end != NULL && strcmp(*end, ";") != 0) end++;
		char **next = *end == NULL ? end : end + 1;
		*end = NULL;
		status = run(command);
		command = next;
	}
	if (memory) printf("%ld\n", peak);
	return status;
}
