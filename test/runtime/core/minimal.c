/* The smallest program that opens and runs an artifact: what the size test links and strips. */
#include "dlc/runtime.h"

int main(int argc, char **argv) {
  dlc_artifact *artifact = NULL;
  dlc_state *state = NULL;
  dlc_pool *pool = NULL;
  dlc_session *session = NULL;
  if (argc < 3 || dlc_artifact_open(argv[1], NULL, &artifact) ||
      dlc_state_create(artifact, NULL, 0, &state) ||
      dlc_state_load_file(state, argv[2], DLC_ROLES_MODEL) || dlc_pool_create(0, &pool) ||
      dlc_session_create(artifact, state, pool, NULL, 0, &session) ||
      dlc_session_prepare(session, 0, NULL, 0))
    return 1;
  return dlc_session_run(session, 0) != NULL;
}
