// librsvg, which draws SVG with cairo, is loaded when a PNG is made. The functions of both that are
// called are declared here, as they have been since librsvg 2.46: their own headers include those
// of some thirty libraries.
#ifndef JAMLINE_RSVG_LIBRARY_H
#define JAMLINE_RSVG_LIBRARY_H

#include <stdint.h>

#include "../CSound/load.h"

#define JAMLINE_RSVG_FILE "librsvg-2.so.2"

typedef struct jamline_rsvg_handle jamline_rsvg_handle;
typedef struct jamline_cairo jamline_cairo;
typedef struct jamline_cairo_surface jamline_cairo_surface;

/// A GError.
typedef struct {
  uint32_t domain;
  int code;
  char *_Nonnull message;
} jamline_glib_error;

/// An RsvgRectangle.
typedef struct {
  double x, y, width, height;
} jamline_rsvg_rectangle;

/// A cairo_format_t: four bytes a pixel, of which the highest is not used.
enum { JAMLINE_CAIRO_RGB24 = 1 };
/// Of cairo_status_t.
enum { JAMLINE_CAIRO_SUCCESS = 0 };

typedef int (*jamline_cairo_writer)(
    void *_Nullable context, const uint8_t *_Nonnull bytes, unsigned count);

jamline_rsvg_handle *_Nullable rsvg_handle_new_from_data(
    const uint8_t *_Nonnull bytes, size_t count, jamline_glib_error *_Nullable *_Nonnull error);
int rsvg_handle_render_document(
    jamline_rsvg_handle *_Nonnull handle, jamline_cairo *_Nonnull cairo,
    const jamline_rsvg_rectangle *_Nonnull viewport, jamline_glib_error *_Nullable *_Nonnull error);
void g_object_unref(void *_Nonnull object);
void g_error_free(jamline_glib_error *_Nonnull error);
jamline_cairo_surface *_Nonnull cairo_image_surface_create(int format, int width, int height);
int cairo_surface_status(jamline_cairo_surface *_Nonnull surface);
int cairo_surface_write_to_png_stream(
    jamline_cairo_surface *_Nonnull surface, jamline_cairo_writer _Nonnull writer,
    void *_Nullable context);
void cairo_surface_destroy(jamline_cairo_surface *_Nonnull surface);
jamline_cairo *_Nonnull cairo_create(jamline_cairo_surface *_Nonnull surface);
int cairo_status(jamline_cairo *_Nonnull cairo);
void cairo_destroy(jamline_cairo *_Nonnull cairo);
const char *_Nonnull cairo_status_to_string(int status);

#define JAMLINE_RSVG_FUNCTIONS(function) \
  function(rsvg_handle_new_from_data) \
  function(rsvg_handle_render_document) \
  function(g_object_unref) \
  function(g_error_free) \
  function(cairo_image_surface_create) \
  function(cairo_surface_status) \
  function(cairo_surface_write_to_png_stream) \
  function(cairo_surface_destroy) \
  function(cairo_create) \
  function(cairo_status) \
  function(cairo_destroy) \
  function(cairo_status_to_string)

/// The functions, with their own names.
typedef struct {
  JAMLINE_RSVG_FUNCTIONS(JAMLINE_MEMBER)
} jamline_rsvg;

/// Loads the library and those that it draws with. Returns NULL, or the reason why it can't be
/// loaded.
static inline const char *_Nullable jamline_rsvg_load(jamline_rsvg *_Nonnull functions) {
  void *library = dlopen(JAMLINE_RSVG_FILE, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  JAMLINE_RSVG_FUNCTIONS(JAMLINE_FIND)
  return NULL;
}

#endif
