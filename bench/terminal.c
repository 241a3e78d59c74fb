/* terminal COMMAND [ARG...]
 *
 * Runs the command on a terminal of its own, as a person would, and reads what it writes there until it has ended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;

	if (argc < 2 || master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return 127;
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	pid_t child = vfork();
	if (child == 0) {
		setsid();
		ioctl(slave, TIOCSCTTY, 0);
		for (int number = 0; number < 3; number++) dup2(slave, number);
		if (slave > 2) close(slave);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	close(slave);
	/* EIO: nobody has the other end open any more */
	while (read(master, buffer, sizeof buffer) > 0) continue;
	if (child < 0 || waitpid(child, &status, 0) != child) return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
