// Images with what a model says of them, as text for a terminal.
//
// Shades are block characters, so that the drawing needs no colours and survives in a log.
#ifndef DLC_TOOLS_DLCRUN_DRAW_H
#define DLC_TOOLS_DLCRUN_DRAW_H

#include "dlc/data.h"

#include <string>

namespace dlc::tools {

// Height and width of one sample: [h, w], [h, w, 1], [h, w, 3], or a square number of values in a
// row. Fails, with the shape, for anything else.
runtime::Result<std::pair<int64_t, int64_t>> imageSize(const std::string &name,
                                                       const std::vector<int64_t> &sampleDims);

// Draws |images| [n, h, w, channels...], several beside each other where 80 columns allow. Under
// each stands the class of the largest of its |scores| [n, classes] with its share, unless |scores|
// is empty, and the true class if |labels| [n] is not. Scores that are no probabilities are taken
// for logits. Small images take two columns per pixel; large ones one column per two pixels.
std::string drawSamples(const runtime::Array &images, std::pair<int64_t, int64_t> size,
                        const runtime::Array &scores, const runtime::Array &labels);

} // namespace dlc::tools

#endif
