// The functions of libsndfile that are called are declared here, as they have been since version
// 1.0.
#ifndef JAMLINE_SNDFILE_LIBRARY_H
#define JAMLINE_SNDFILE_LIBRARY_H

#include <stdint.h>

#include "load.h"

#define JAMLINE_SNDFILE_FILE "libsndfile.so.1"

/// How a file is opened.
enum { SFM_WRITE = 0x20 };
/// A kind of file and an encoding, which are added.
enum {
  SF_FORMAT_WAV = 0x010000,
  SF_FORMAT_FLAC = 0x170000,
  SF_FORMAT_OGG = 0x200000,
  SF_FORMAT_PCM_16 = 0x0002,
  SF_FORMAT_VORBIS = 0x0060
};
/// Commands of sf_command.
enum {
  SFC_UPDATE_HEADER_NOW = 0x1060,
  SFC_SET_CLIPPING = 0x10C0,
  SFC_SET_VBR_ENCODING_QUALITY = 0x1300
};
enum { SF_ERR_NO_ERROR = 0, SF_TRUE = 1 };

typedef int64_t sf_count_t;
typedef struct jamline_sound_file jamline_sound_file;

/// What a file is, as libsndfile lays it out.
typedef struct {
  sf_count_t frames;
  int samplerate;
  int channels;
  int format;
  int sections;
  int seekable;
} SF_INFO;

jamline_sound_file *_Nullable sf_open_fd(
    int descriptor, int mode, SF_INFO *_Nonnull information, int closes_descriptor);
int sf_close(jamline_sound_file *_Nullable file);
int sf_command(jamline_sound_file *_Nullable file, int command, void *_Nullable data, int size);
sf_count_t sf_write_float(
    jamline_sound_file *_Nullable file, const float *_Nullable samples, sf_count_t count);
int sf_error(jamline_sound_file *_Nullable file);
const char *_Nullable sf_strerror(jamline_sound_file *_Nullable file);

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
