/* Calls entries whose sizes are open: each call gives its sizes, and macros say how much memory. */
#include "open.h"

#include <stdio.h>

static int failed(dlc_status *status) {
  if (!status)
    return 0;
  fprintf(stderr, "%s\n", dlc_status_message(status));
  dlc_status_free(status);
  return 1;
}

/* In a session of its own, which keeps a size that no input tells. */
static int count_and_halve(const dlc_artifact *artifact, dlc_state *state, int64_t rows) {
  static float y[OPEN_COUNT_Y_ELEMENTS(9)], half[OPEN_HALVES_Y_ELEMENTS(9)];
  dlc_session *session = NULL;
  int64_t i;
  int error = failed(dlc_session_create(artifact, state, NULL, NULL, 0, &session)) ||
              failed(open_prepare_count(session, rows)) || failed(open_count(session, rows, y)) ||
              failed(open_prepare_halves(session, rows)) ||
              failed(open_halves(session, rows, y, half));
  for (i = 0; !error && i < OPEN_HALVES_Y_ELEMENTS(rows); ++i)
    printf("%g ", (double)half[i]);
  printf("of %d\n", (int)rows);
  dlc_session_free(session);
  return error;
}

int main(void) {
  const float table[OPEN_TWICE_Y_ELEMENTS(3)] = {1, 2, 3, 4, 5, 6};
  const dlc_size rows = {"N", 3};
  dlc_artifact *artifact = NULL;
  dlc_state *state = NULL;
  dlc_session *session = NULL;
  float y[OPEN_TWICE_Y_ELEMENTS(3)] = {0};
  int64_t arena = 0;
  int error = failed(open_open(&artifact)) ||
              failed(dlc_state_create(artifact, &rows, 1, &state)) ||
              failed(dlc_session_create(artifact, state, NULL, NULL, 0, &session)) ||
              failed(open_set_table(state, 3, table)) ||
              failed(open_prepare_twice(session, 3)) || failed(open_twice(session, 3, y)) ||
              failed(open_halves_arena_bytes(artifact, 9, 1, &arena)) ||
              count_and_halve(artifact, state, 9) || count_and_halve(artifact, state, 4);
  if (!error)
    printf("%g %g, %s\n", (double)y[0], (double)y[5], arena >= 0 ? "room" : "no room");
  dlc_session_free(session);
  dlc_state_free(state);
  dlc_artifact_free(artifact);
  return error;
}
