#ifndef JAMLINE_FLUIDSYNTH_LIBRARY_H
#define JAMLINE_FLUIDSYNTH_LIBRARY_H

#include <fluidsynth.h>

#include "load.h"

#define JAMLINE_FLUIDSYNTH_FILE "libfluidsynth.so.3"

#define JAMLINE_FLUIDSYNTH_FUNCTIONS(function) \
  function(new_fluid_settings) \
  function(delete_fluid_settings) \
  function(fluid_settings_setint) \
  function(fluid_settings_setnum) \
  function(new_fluid_synth) \
  function(delete_fluid_synth) \
  function(fluid_synth_sfload) \
  function(fluid_synth_noteon) \
  function(fluid_synth_noteoff) \
  function(fluid_synth_cc) \
  function(fluid_synth_program_change) \
  function(fluid_synth_pitch_bend) \
  function(fluid_synth_get_active_voice_count) \
  function(fluid_synth_write_float) \
  function(fluid_set_log_function)

/// The functions of FluidSynth, with their own names.
typedef struct {
  JAMLINE_FLUIDSYNTH_FUNCTIONS(JAMLINE_MEMBER)
} jamline_fluidsynth;

static inline void jamline_ignore_message(
    const char *domain, int level, const char *message, void *data) {}

// A library that FluidSynth uses writes through GLib to standard error about damaged sound fonts.
// FluidSynth itself reports the failure.
static inline void jamline_silence_glib(void *library) {
  void *function = dlsym(library, "g_log_set_default_handler");
  if (function == NULL) return;
  ((void *(*)(void (*)(const char *, int, const char *, void *), void *))function)(
      jamline_ignore_message, NULL);
}

/// Loads the library. Returns NULL, or the reason why it can't be loaded.
static inline const char *_Nullable jamline_fluidsynth_load(
    jamline_fluidsynth *_Nonnull functions) {
  void *library = dlopen(JAMLINE_FLUIDSYNTH_FILE, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  JAMLINE_FLUIDSYNTH_FUNCTIONS(JAMLINE_FIND)
  jamline_silence_glib(library);
  return NULL;
}

#endif
