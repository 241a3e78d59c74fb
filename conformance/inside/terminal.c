/* probe terminal ROWS COLUMNS [KEYS] -- COMMAND...: runs COMMAND as a person at a terminal would. Types KEYS (with \n, \xNN and
   \r for a resize to one row and column more) each time COMMAND has written a line that ends in "?", one part, up to a space,
   at a time. Prints what COMMAND wrote, then a line with its status and whether it left the terminal as it was. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char text[1 << 20];
static size_t length;

/* Types one part of keys; what is left of them. */
static char *type(int master, struct winsize *size, char *keys) {
  for (; *keys && *keys != ' '; keys++) {
    char key = *keys;
    if (key == '\\') {
      key = *++keys;
      if (key == 'n') key = '\n';
      if (key == 'r') {
        size->ws_row++, size->ws_col++;
        ioctl(master, TIOCSWINSZ, size);
        continue;
      }
      if (key == 'x') {
        char digits[3] = {keys[1], keys[2], 0};
        key = (char)strtol(digits, NULL, 16);
        keys += 2;
      }
    }
    if (write(master, &key, 1) != 1) return keys;
  }
  return *keys ? keys + 1 : keys;
}

int do_terminal(int count, char **words);

int do_terminal(int count, char **words) {
  if (count < 5) return 2;
  struct winsize size = {.ws_row = (unsigned short)atoi(words[0]), .ws_col = (unsigned short)atoi(words[1])};
  char **command = words + 2, *keys = "";
  if (strcmp(*command, "--") != 0) keys = *command++;
  command++;
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status = 0;
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return 2;
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ioctl(master, TIOCSWINSZ, &size);
  struct termios before, after;
  tcgetattr(slave, &before);
  pid_t child = fork();
  if (child == 0) {
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int number = 0; number < 3; number++) dup2(slave, number);
    execvp(command[0], command);
    _exit(127);
  }
  for (size_t answered = 0;;) {
    struct pollfd waiting = {.fd = master, .events = POLLIN};
    if (poll(&waiting, 1, 50) > 0 && length < sizeof text) {
      ssize_t got = read(master, text + length, sizeof text - length);
      if (got > 0) length += (size_t)got;
    } else if (waitpid(child, &status, WNOHANG) == child) {
      break;
    }
    char *question;
    while ((question = memchr(text + answered, '?', length - answered))) {
      answered = (size_t)(question - text) + 1;
      keys = type(master, &size, keys);
    }
  }
  tcgetattr(slave, &after);
  fwrite(text, 1, length, stdout);
  int same = before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag;
  printf("\n[%d, %s]\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), same ? "as before" : "changed");
  return 0;
}
