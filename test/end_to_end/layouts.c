/* Whether an artifact is the model of the header that this program was built with: prints "right",
 * or what the header's check says. Without an argument it asks of the object that it is linked to.
 */
#include "one.h"
#include <stdio.h>

int main(int argc, char **argv) {
  dlc_artifact *artifact = NULL;
  dlc_status *status = argc > 1 ? dlc_artifact_open(argv[1], NULL, &artifact) : one_open(&artifact);
  if (!status)
    status = one_check(artifact);
  puts(status ? dlc_status_message(status) : "right");
  if (status && argc == 1 && artifact)
    puts("and yet it was opened");
  dlc_status_free(status);
  dlc_artifact_free(artifact);
  return 0;
}
