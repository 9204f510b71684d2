// Everything that a file which declares a model needs.
#ifndef DLC_DLC_H
#define DLC_DLC_H

#include "dlc/applications.h"
#include "dlc/layers.h"
#include "dlc/model.h"
#include "dlc/program.h"
#include "dlc/training.h"

#endif
