// Libraries that are loaded when they are needed. If they were linked, they would cost every start
// of a tool up to 10 ms and 9 MiB, even if no sound is made. FluidSynth depends on some sixty
// libraries (sound servers, SDL, GLib), and libsndfile on an encoder for each format.
#ifndef JAMLINE_LOAD_H
#define JAMLINE_LOAD_H

#include <dlfcn.h>
#include <stddef.h>

/// A member of a struct of functions, with the name of the function.
#define JAMLINE_MEMBER(name) __typeof__(name) *_Nonnull name;

/// Looks a function up in `library` and puts it into the struct `functions`. If there is none,
/// returns the reason from the function that loads.
#define JAMLINE_FIND(name) \
  functions->name = (__typeof__(functions->name))dlsym(library, #name); \
  if (functions->name == NULL) return "it lacks " #name;

#endif
