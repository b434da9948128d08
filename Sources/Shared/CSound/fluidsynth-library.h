// The functions of FluidSynth that are called are declared here, as they have been since version
// 2.0: the package with its own headers needs those of some fifty libraries.
#ifndef JAMLINE_FLUIDSYNTH_LIBRARY_H
#define JAMLINE_FLUIDSYNTH_LIBRARY_H

#include "load.h"

#define JAMLINE_FLUIDSYNTH_FILE "libfluidsynth.so.3"

/// What functions return that fail.
enum { FLUID_FAILED = -1 };
/// The levels of messages, the most serious first.
enum { FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG };

typedef struct jamline_fluid_settings jamline_fluid_settings;
typedef struct jamline_fluid_synth jamline_fluid_synth;
typedef void (*jamline_fluid_log)(int level, const char *_Nullable message, void *_Nullable data);

jamline_fluid_settings *_Nullable new_fluid_settings(void);
void delete_fluid_settings(jamline_fluid_settings *_Nullable settings);
int fluid_settings_setint(
    jamline_fluid_settings *_Nonnull settings, const char *_Nonnull name, int value);
int fluid_settings_setnum(
    jamline_fluid_settings *_Nonnull settings, const char *_Nonnull name, double value);
jamline_fluid_synth *_Nullable new_fluid_synth(jamline_fluid_settings *_Nonnull settings);
void delete_fluid_synth(jamline_fluid_synth *_Nullable synth);
int fluid_synth_sfload(
    jamline_fluid_synth *_Nonnull synth, const char *_Nonnull path, int resets_presets);
int fluid_synth_noteon(jamline_fluid_synth *_Nonnull synth, int channel, int key, int velocity);
int fluid_synth_noteoff(jamline_fluid_synth *_Nonnull synth, int channel, int key);
int fluid_synth_cc(jamline_fluid_synth *_Nonnull synth, int channel, int controller, int value);
int fluid_synth_program_change(jamline_fluid_synth *_Nonnull synth, int channel, int program);
int fluid_synth_pitch_bend(jamline_fluid_synth *_Nonnull synth, int channel, int value);
int fluid_synth_get_active_voice_count(jamline_fluid_synth *_Nonnull synth);
/// Both sides may be parts of one buffer: each has an offset and a distance between its samples.
int fluid_synth_write_float(
    jamline_fluid_synth *_Nonnull synth, int count, void *_Nullable left, int left_offset,
    int left_distance, void *_Nullable right, int right_offset, int right_distance);
jamline_fluid_log _Nullable fluid_set_log_function(
    int level, jamline_fluid_log _Nullable log, void *_Nullable data);

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
