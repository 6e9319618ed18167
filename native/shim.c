// SPDX-License-Identifier: Apache-2.0
// The container shim: starts commands for an agent and outlives it.
//
//   shim DIR        says "ready", then reads launch requests from its standard input until that ends
//
// The agent keeps one such launcher. For every request the launcher forks a shim, which leaves the agent's session, becomes
// the reaper of all descendants of its command, starts the command in a session of its own, and waits. The launcher ends
// with the agent (end of input); the shims stay. All a shim tells the world are two lines of DIR/journal, each appended by one
// write:
//
//   "ID pid BOOT PID START SHIM_PID SHIM_START\n"          before the command is executed
//   "ID exit BOOT WAIT_STATUS USER_MICROS SYSTEM_MICROS MAX_RSS_KB[ ERROR]\n"
//                   when no process of the command is left; WAIT_STATUS is -1 and ERROR says why when it never ran
//
// One file for all, because file systems make short work of an append and much of a file made and removed (measured: 0.4 against
// 4 ms). It is not synced to disk: it must survive the agent, not the host. After a crash of the host BOOT no longer matches, so
// a reader knows that the command is gone, with or without the line. The agent starts a new journal by renaming the old one
// away; a line may therefore come twice, but none is lost.
//
// A request is a 32 bit little-endian length and that many bytes of strings, each ended by a zero byte:
//   ID UID GID GROUPS CWD STDOUT STDERR ARGC ARG... ENV...        UID "" = do not change; GROUPS is separated by commas
//
// Signals to a shim: SIGTERM sends SIGTERM to every process below it, SIGUSR1 sends SIGKILL to all of them.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_REQUEST = 16 << 20, MAX_GROUPS = 256, MAX_PROCESSES = 1 << 16 };

static int dir_fd;
static char boot[64];
static const char *id;

// Appends "ID KIND TEXT\n" to the journal. A full disk only delays it: the shim has nothing else to do, and the agent needs
// the answer. Readers ignore lines cut short; a retry begins with a line end of its own.
static void publish(const char *kind, const char *text) {
  char line[1600];
  int length = snprintf(line, sizeof line, "\n%s %s %s", id, kind, text);
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  for (char *c = line + 1; c < line + length; c++)
    if (*c == '\n') *c = ' ';
  line[length++] = '\n';
  for (int skip = 1;;) {
    int fd = openat(dir_fd, "journal", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) _exit(1); // the directory was removed: nobody wants to know
    struct stat mine, current;
    int whole = fd >= 0 && fstat(fd, &mine) == 0 && write(fd, line + skip, (size_t)(length - skip)) == length - skip;
    // Was it renamed away between open and write, and perhaps read to its end before that? As long as it is open no other
    // file gets its number.
    int current_one = whole && fstatat(dir_fd, "journal", &current, 0) == 0 && current.st_ino == mine.st_ino;
    if (fd >= 0) close(fd);
    if (current_one) return;
    if (!whole) sleep(1), skip = 0;
  }
}

// Publishes that the command never ran.
static void refuse(const char *what, const char *about, int error) {
  char text[1024];
  snprintf(text, sizeof text, "%s -1 0 0 0 %s %.800s: %s", boot, what, about, strerror(error));
  publish("exit", text);
}

struct process {
  int pid, parent;
  char mine;
};

// Reads parent and start time (clock ticks after boot) of a process; 0 if it is gone.
static unsigned long long stat_of(int pid, struct process *out) {
  char path[40], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  char *rest = strrchr(text, ')'); // the name may hold anything
  unsigned long long start = 0;
  int parent = 0;
  if (!rest ||
      sscanf(rest + 1, " %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &parent, &start) != 2)
    return 0;
  if (out) *out = (struct process){pid, parent, 0};
  return start;
}

// Sends a signal to every process below this one: followed by parents, so that no new session hides from it.
static void signal_all(int signal) {
  static struct process table[MAX_PROCESSES]; // touched only as far as there are processes
  int count = 0, self = getpid();
  DIR *proc = opendir("/proc");
  if (!proc) return;
  for (struct dirent *entry; (entry = readdir(proc)) && count < MAX_PROCESSES;) {
    int pid = atoi(entry->d_name);
    if (pid > 1 && stat_of(pid, &table[count])) count++;
  }
  closedir(proc);
  for (int found = 1; found;) {
    found = 0;
    for (int i = 0; i < count; i++) {
      if (table[i].mine) continue;
      int mine = table[i].parent == self;
      for (int j = 0; j < count && !mine; j++) mine = table[j].mine && table[j].pid == table[i].parent;
      if (mine) table[i].mine = found = 1;
    }
  }
  for (int i = 0; i < count; i++)
    if (table[i].mine) kill(table[i].pid, signal);
  madvise(table, sizeof table, MADV_DONTNEED);
}

// What the command's process says through a pipe when it cannot become the command.
struct failure {
  int error;
  char stage;
};

static void fail(int pipe, char stage) {
  struct failure failure = {errno, stage};
  if (write(pipe, &failure, sizeof failure) < 0) _exit(126);
  _exit(127);
}

struct request {
  char *uid, *gid, *groups, *cwd, *out, *err, **argv, **env;
};

static void become(struct request *r, int go, int failed) {
  sigset_t none;
  sigemptyset(&none);
  for (int s = 1; s < 32; s++) signal(s, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  char byte;
  if (read(go, &byte, 1) != 1) _exit(127); // the shim died before it recorded us
  uid_t uid = *r->uid ? (uid_t)strtoul(r->uid, NULL, 10) : (uid_t)-1;
  gid_t gid = *r->gid ? (gid_t)strtoul(r->gid, NULL, 10) : (gid_t)-1;
  for (int fd = 1; fd <= 2; fd++) {
    int file = open(fd == 1 ? r->out : r->err, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0) fail(failed, fd == 1 ? 'o' : 'e');
    if (uid != (uid_t)-1 && fchown(file, uid, gid)) fail(failed, fd == 1 ? 'o' : 'e');
    if (dup2(file, fd) < 0) fail(failed, 'd');
  }
  if (uid != (uid_t)-1) {
    gid_t groups[MAX_GROUPS];
    size_t count = 0;
    for (char *g = strtok(r->groups, ","); g && count < MAX_GROUPS; g = strtok(NULL, ",")) groups[count++] = (gid_t)strtoul(g, NULL, 10);
    if (uid != geteuid() || geteuid() == 0)
      if (setgroups(count, groups) || setgid(gid) || setuid(uid)) fail(failed, 'u');
  }
  if (chdir(r->cwd)) fail(failed, 'c');
  environ = r->env;
  execvp(r->argv[0], r->argv);
  fail(failed, 'x');
}

// One shim: start, wait for the last process, publish, end.
static void shim(struct request *r) {
  setsid();
  prctl(PR_SET_NAME, "meseta-shim");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGCHLD, SIG_DFL);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);

  int go[2], failed[2];
  if (pipe2(go, O_CLOEXEC) || pipe2(failed, O_CLOEXEC)) return refuse("cannot make a pipe for", r->argv[0], errno);
  pid_t child = fork();
  if (child < 0) return refuse("cannot fork for", r->argv[0], errno);
  if (child == 0) become(r, go[0], failed[1]);
  char text[256];
  snprintf(text, sizeof text, "%s %d %llu %d %llu", boot, child, stat_of(child, NULL), getpid(), stat_of(getpid(), NULL));
  publish("pid", text);
  if (write(go[1], "", 1) < 0) kill(child, SIGKILL);
  close(go[0]), close(go[1]), close(failed[1]);
  struct failure failure = {0, 0};
  ssize_t n;
  while ((n = read(failed[0], &failure, sizeof failure)) < 0 && errno == EINTR) continue;
  close(failed[0]);
  if (n == sizeof failure) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    switch (failure.stage) {
      case 'o': return refuse("cannot write", r->out, failure.error);
      case 'e': return refuse("cannot write", r->err, failure.error);
      case 'u': return refuse("cannot become user", r->uid, failure.error);
      case 'c': return refuse("cannot enter", r->cwd, failure.error);
      default: return refuse("cannot execute", r->argv[0], failure.error);
    }
  }

  int main_status = -1, running = 1;
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == child) {
      main_status = status, running = 0;
      kill(-child, SIGKILL); // the command is over: so is whatever it left behind
    } else if (pid < 0 && errno == ECHILD) {
      break;
    } else if (pid == 0) {
      if (!running) signal_all(SIGKILL);
      // After the command's end look again soon: a fork may have slipped through.
      struct timespec soon = {0, 20 * 1000 * 1000};
      int signal = running ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &soon);
      if (signal == SIGTERM) signal_all(SIGTERM);
      if (signal == SIGUSR1) signal_all(SIGKILL);
    }
  }
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  snprintf(text, sizeof text, "%s %d %lld %lld %ld", boot, main_status, used.ru_utime.tv_sec * 1000000LL + used.ru_utime.tv_usec,
           used.ru_stime.tv_sec * 1000000LL + used.ru_stime.tv_usec, used.ru_maxrss);
  publish("exit", text);
}

// Takes a request apart in place; 0 if it is malformed.
static int parse(char *body, uint32_t length, struct request *r) {
  uint32_t strings = 0;
  if (length == 0 || body[length - 1]) return 0;
  for (uint32_t i = 0; i < length; i++) strings += !body[i];
  if (strings < 9) return 0;
  char **all = calloc(strings + 2, sizeof *all), *at = body;
  if (!all) return 0;
  for (uint32_t i = 0; i < strings; i++, at += strlen(at) + 1) all[i] = at;
  uint32_t argc = (uint32_t)strtoul(all[7], NULL, 10);
  if (argc < 1 || argc > strings - 8 || strlen(all[0]) > 255 || strchr(all[0], '/')) return 0;
  id = all[0];
  *r = (struct request){all[1], all[2], all[3], all[4], all[5], all[6], all + 8, all + 8 + argc + 1};
  memmove(r->env, all + 8 + argc, (strings - 8 - argc) * sizeof *all); // makes room for the zero that ends argv
  r->argv[argc] = NULL;
  r->env[strings - 8 - argc] = NULL;
  return 1;
}

static int read_fully(void *to, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = read(0, (char *)to + done, length - done);
    if (n == 0 || (n < 0 && errno != EINTR)) return 0;
    if (n > 0) done += (size_t)n;
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: shim DIR < requests\n"), 2;
  dir_fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0) return fprintf(stderr, "shim: cannot open %s: %s\n", argv[1], strerror(errno)), 1;
  FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
  if (!file || fscanf(file, "%63s", boot) != 1) return fprintf(stderr, "shim: cannot read the boot id\n"), 1;
  fclose(file);
  // One launcher at a time: what an agent asked just before it was killed is done before the next agent looks at DIR.
  int lock = openat(dir_fd, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (lock < 0 || fcntl(lock, F_SETLKW, &whole)) return fprintf(stderr, "shim: cannot lock %s: %s\n", argv[1], strerror(errno)), 1;
  if (write(1, "ready\n", 6) != 6) return 1;
  setsid(); // a Ctrl-C meant for the agent is not meant for its tasks
  signal(SIGCHLD, SIG_IGN);
  for (uint32_t length; read_fully(&length, sizeof length);) {
    char *body = length > MAX_REQUEST ? MAP_FAILED : mmap(NULL, length + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (body == MAP_FAILED || !read_fully(body, length)) return 1;
    struct request request;
    pid_t pid = fork();
    if (pid <= 0 && parse(body, length, &request)) {
      if (pid == 0) shim(&request);
      else refuse("cannot fork for", request.argv[0], errno);
    }
    if (pid == 0) _exit(0);
    munmap(body, length + 1);
  }
  return 0;
}
