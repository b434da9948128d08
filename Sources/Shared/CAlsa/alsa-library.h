#ifndef JAMLINE_ALSA_LIBRARY_H
#define JAMLINE_ALSA_LIBRARY_H

#include <alsa/asoundlib.h>
#include <stdarg.h>

#include "../CSound/load.h"

#define JAMLINE_ALSA_FILE "libasound.so.2"

#define JAMLINE_ALSA_FUNCTIONS(function) \
  function(snd_strerror) \
  function(snd_lib_error_set_handler) \
  function(snd_seq_open) \
  function(snd_seq_close) \
  function(snd_seq_client_id) \
  function(snd_seq_set_client_name) \
  function(snd_seq_set_client_pool_input) \
  function(snd_seq_set_client_pool_output) \
  function(snd_seq_poll_descriptors) \
  function(snd_seq_client_info_malloc) \
  function(snd_seq_client_info_free) \
  function(snd_seq_client_info_set_client) \
  function(snd_seq_client_info_get_client) \
  function(snd_seq_client_info_get_name) \
  function(snd_seq_query_next_client) \
  function(snd_seq_port_info_malloc) \
  function(snd_seq_port_info_free) \
  function(snd_seq_port_info_set_client) \
  function(snd_seq_port_info_set_port) \
  function(snd_seq_port_info_set_name) \
  function(snd_seq_port_info_set_capability) \
  function(snd_seq_port_info_set_type) \
  function(snd_seq_port_info_set_midi_channels) \
  function(snd_seq_port_info_set_timestamping) \
  function(snd_seq_port_info_set_timestamp_real) \
  function(snd_seq_port_info_set_timestamp_queue) \
  function(snd_seq_port_info_get_port) \
  function(snd_seq_port_info_get_name) \
  function(snd_seq_port_info_get_capability) \
  function(snd_seq_port_info_get_type) \
  function(snd_seq_query_next_port) \
  function(snd_seq_create_port) \
  function(snd_seq_port_subscribe_malloc) \
  function(snd_seq_port_subscribe_free) \
  function(snd_seq_port_subscribe_set_sender) \
  function(snd_seq_port_subscribe_set_dest) \
  function(snd_seq_subscribe_port) \
  function(snd_seq_unsubscribe_port) \
  function(snd_seq_query_subscribe_malloc) \
  function(snd_seq_query_subscribe_free) \
  function(snd_seq_query_subscribe_set_root) \
  function(snd_seq_query_subscribe_set_type) \
  function(snd_seq_query_subscribe_set_index) \
  function(snd_seq_query_subscribe_get_addr) \
  function(snd_seq_query_port_subscribers) \
  function(snd_seq_alloc_named_queue) \
  function(snd_seq_queue_timer_malloc) \
  function(snd_seq_queue_timer_free) \
  function(snd_seq_queue_timer_set_resolution) \
  function(snd_seq_get_queue_timer) \
  function(snd_seq_set_queue_timer) \
  function(snd_seq_control_queue) \
  function(snd_seq_queue_status_malloc) \
  function(snd_seq_queue_status_free) \
  function(snd_seq_queue_status_get_real_time) \
  function(snd_seq_get_queue_status) \
  function(snd_seq_event_input) \
  function(snd_seq_event_input_pending) \
  function(snd_seq_event_output_direct) \
  function(snd_seq_drain_output) \
  function(snd_seq_remove_events_malloc) \
  function(snd_seq_remove_events_free) \
  function(snd_seq_remove_events_set_condition) \
  function(snd_seq_remove_events_set_queue) \
  function(snd_seq_remove_events_set_tag) \
  function(snd_seq_remove_events)

/// The functions of libasound, with their own names.
typedef struct {
  JAMLINE_ALSA_FUNCTIONS(JAMLINE_MEMBER)
} jamline_alsa;

static inline void jamline_ignore_alsa_message(
    const char *file, int line, const char *function, int error, const char *format, ...) {}

/// Loads the library, and keeps it from writing to standard error. Returns NULL, or the reason why
/// it can't be loaded.
static inline const char *_Nullable jamline_alsa_load(jamline_alsa *_Nonnull functions) {
  void *library = dlopen(JAMLINE_ALSA_FILE, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  JAMLINE_ALSA_FUNCTIONS(JAMLINE_FIND)
  functions->snd_lib_error_set_handler(jamline_ignore_alsa_message);
  return NULL;
}

#endif
