// Training in this process: what model.h declares, with the arrays and options that it takes.
//
//   using namespace dlc;
//   model.compile({.optimizer = Adam(), .loss = "mse"});
//   auto history = model.fit(x, y, {.epochs = 5, .validationSplit = 0.2});
//   if (!history.ok())
//     return fail(history.message());
//
// The program is compiled for this machine when the first of these is called. Arrays, data sets,
// callbacks and histories are those of the runtime (dlc/data.h, dlc/train.h).
#ifndef DLC_FIT_H
#define DLC_FIT_H

#include "dlc/data.h"
#include "dlc/model.h"
#include "dlc/train.h"

#endif
