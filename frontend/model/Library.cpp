// libdlc.so is made of the frontend's static libraries; a shared library needs a source of its own.
#include "dlc/dlc.h"
