#ifndef JAMLINE_SNDFILE_LIBRARY_H
#define JAMLINE_SNDFILE_LIBRARY_H

#include <sndfile.h>

#include "load.h"

#define JAMLINE_SNDFILE_FILE "libsndfile.so.1"

#define JAMLINE_SNDFILE_FUNCTIONS(function) \
  function(sf_open_fd) \
  function(sf_close) \
  function(sf_command) \
  function(sf_write_float) \
  function(sf_error) \
  function(sf_strerror)

/// The functions of libsndfile, with their own names.
typedef struct {
  JAMLINE_SNDFILE_FUNCTIONS(JAMLINE_MEMBER)
} jamline_sndfile;

/// Loads the library. Returns NULL, or the reason why it can't be loaded.
static inline const char *_Nullable jamline_sndfile_load(jamline_sndfile *_Nonnull functions) {
  void *library = dlopen(JAMLINE_SNDFILE_FILE, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  JAMLINE_SNDFILE_FUNCTIONS(JAMLINE_FIND)
  return NULL;
}

#endif
