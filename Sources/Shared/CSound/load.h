// Libraries that are loaded when they are needed. Linked, they would cost every start of a tool up
// to 10 ms and 9 MiB, also where no sound is made: FluidSynth brings some sixty libraries along
// (sound servers, SDL, GLib), libsndfile an encoder for each format.
#ifndef JAMLINE_LOAD_H
#define JAMLINE_LOAD_H

#include <dlfcn.h>
#include <stddef.h>

/// A member of a struct of functions, by the function's own name.
#define JAMLINE_MEMBER(name) __typeof__(name) *_Nonnull name;

/// Finds that function in `library` for the struct `functions`, or returns why not: for the body of
/// a function that loads.
#define JAMLINE_FIND(name) \
  functions->name = (__typeof__(functions->name))dlsym(library, #name); \
  if (functions->name == NULL) return "it lacks " #name;

#endif
