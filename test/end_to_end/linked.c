/* Two models linked into one C program: each is opened by the function of its header. */
#include "first.h"
#include "second.h"

#include "dlc/runtime.h"

#include <stdio.h>

static int failed(dlc_status *status) {
  if (!status)
    return 0;
  fprintf(stderr, "%s\n", dlc_status_message(status));
  dlc_status_free(status);
  return 1;
}

/* Runs the dense layer with a weight of 2 from input 0 to output 0, and prints output 0. */
static int run(const dlc_artifact *artifact) {
  dlc_state *state = NULL;
  dlc_session *session = NULL;
  static float kernel[64 * 10], x[3 * 64], y[3 * 10];
  int64_t dims[2] = {3, 64};
  uint32_t entry;
  int error;
  kernel[0] = 2;
  x[0] = 21;
  error = failed(dlc_artifact_find_entry(artifact, "predict", &entry)) ||
          failed(dlc_state_create(artifact, NULL, 0, &state)) ||
          failed(dlc_state_set(state, "dense/kernel", kernel, sizeof kernel)) ||
          failed(dlc_session_create(artifact, state, NULL, NULL, 0, &session)) ||
          failed(dlc_session_bind_input(session, entry, 0, DLC_F32, x, dims, 2)) ||
          failed(dlc_session_bind_output(session, entry, 0, y, sizeof y)) ||
          failed(dlc_session_prepare(session, entry, NULL, 0)) ||
          failed(dlc_session_run(session, entry));
  if (!error)
    printf("y=%g\n", (double)y[0]);
  dlc_session_free(session);
  dlc_state_free(state);
  return error;
}

int main(void) {
  dlc_artifact *first = NULL, *second = NULL;
  int error = failed(dlc_artifact_open_linked(dlc_query_first, NULL, &first)) ||
              failed(dlc_artifact_open_linked(dlc_query_second, NULL, &second)) || run(first) ||
              run(second);
  dlc_artifact_free(first);
  dlc_artifact_free(second);
  return error;
}
