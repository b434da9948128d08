// Preloaded into a tool: counts what it allocates, and says so on standard error at the end.
//
// jam-agent (by allocations.py): while it thinks, from the write that passes a tick on to the write
// of its plan. How many plans there were after the first WARM_UP, and how often anything was
// allocated for them.
//
// midi-in (by LiveTests), with JAMLINE_COUNT=notes: from the first WARM_UP notes that it writes to
// the last one. How many notes there were after them, and how often anything was allocated.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARM_UP = 64 };

// The GNU C library's own, under their other names.
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
    *__libc_memalign(size_t, size_t);

static int is_thinking;
static int counts_notes;
static long plans, notes, allocations, allocations_before_note;

static void count(void) {
  if (counts_notes ? notes >= WARM_UP : is_thinking && plans >= WARM_UP) allocations++;
}

__attribute__((constructor)) static void begin(void) {
  const char *what = getenv("JAMLINE_COUNT");
  counts_notes = what && strcmp(what, "notes") == 0;
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size) {
  count();
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  count();
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : 12;
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
  static ssize_t (*write_it)(int, const void *, size_t);
  if (!write_it) write_it = dlsym(RTLD_NEXT, "write");
  if (descriptor != STDOUT_FILENO) return write_it(descriptor, bytes, size);
  if (is_thinking && memmem(bytes, size, "\"type\":\"plan\"", 13)) {
    is_thinking = 0;
    plans++;
  }
  ssize_t written = write_it(descriptor, bytes, size);
  if (memmem(bytes, size, "\"type\":\"tick\"", 13)) is_thinking = 1;
  if (memmem(bytes, size, "\"note_on\"", 9)) {
    notes++;
    allocations_before_note = allocations;
  }
  return written;
}

__attribute__((destructor)) static void report(void) {
  is_thinking = 0;
  long counted = counts_notes ? notes : plans;
  fprintf(stderr, "%ld %ld\n", counted > WARM_UP ? counted - WARM_UP : 0,
      counts_notes ? allocations_before_note : allocations);
}
