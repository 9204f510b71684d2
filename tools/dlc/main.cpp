// dlc: compile, train, evaluate, run and inspect models. The verbs are in tools/driver.
#include "tools/driver/Driver.h"

int main(int argc, char **argv) { return dlc::driver::runDriver(argc, argv); }
