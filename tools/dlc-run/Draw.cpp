#include "tools/dlc-run/Draw.h"

#include <algorithm>
#include <cmath>

using namespace dlc::runtime;

namespace dlc::tools {
namespace {

constexpr int64_t terminalWidth = 80;
constexpr int64_t largestDoubled = 16; // pixels in height up to which a pixel is two columns wide
constexpr const char *shades[] = {" ", "░", "▒", "▓", "█"};
constexpr int64_t shadeCount = 5;

// One image as lines of `width` columns, and its captions.
struct Picture {
  std::vector<std::string> lines, captions;
};

struct Canvas {
  int64_t height, width, channels;
  double low, high; // of all images, so that they share one scale
};

// The mean of a pixel's channels, as a number from 0 to 1.
double level(const Canvas &canvas, const double *image, int64_t row, int64_t column) {
  double sum = 0;
  for (int64_t c = 0; c < canvas.channels; ++c)
    sum += image[(row * canvas.width + column) * canvas.channels + c];
  double range = canvas.high - canvas.low;
  return range > 0 ? (sum / double(canvas.channels) - canvas.low) / range : 0;
}

const char *shade(double level) {
  int64_t index = static_cast<int64_t>(std::floor(level * shadeCount));
  return shades[std::clamp<int64_t>(index, 0, shadeCount - 1)];
}

std::vector<std::string> drawImage(const Canvas &canvas, const double *image) {
  std::vector<std::string> lines;
  bool doubled = canvas.height <= largestDoubled;
  for (int64_t row = 0; row < canvas.height; row += doubled ? 1 : 2) {
    std::string line;
    for (int64_t column = 0; column < canvas.width; ++column) {
      double here = level(canvas, image, row, column);
      if (!doubled && row + 1 < canvas.height)
        here = (here + level(canvas, image, row + 1, column)) / 2;
      line += shade(here);
      if (doubled)
        line += shade(here);
    }
    lines.push_back(line);
  }
  return lines;
}

// The largest score's place, and its share.
std::pair<int64_t, double> predictedClass(const double *scores, int64_t classes) {
  int64_t best = std::max_element(scores, scores + classes) - scores;
  double sum = 0, exponentials = 0;
  bool probabilities = true;
  for (int64_t i = 0; i < classes; ++i) {
    sum += scores[i];
    exponentials += std::exp(scores[i] - scores[best]);
    probabilities &= scores[i] >= 0 && scores[i] <= 1;
  }
  probabilities &= std::fabs(sum - 1) < 1e-3;
  return {best, probabilities ? scores[best] : 1 / exponentials};
}

// Captions are ASCII, lines are `columns` wide: pads by what is missing of `cell`.
void appendRow(std::string &text, const std::vector<Picture> &row, int64_t columns, int64_t cell) {
  auto append = [&](auto part, bool caption) {
    size_t count = (row.front().*part).size();
    for (size_t i = 0; i < count; ++i) {
      std::string line;
      for (const Picture &picture : row) {
        const std::string &own = (picture.*part)[i];
        int64_t width = caption ? static_cast<int64_t>(own.size()) : columns;
        line += own + std::string(std::max<int64_t>(cell - width, 0), ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  };
  append(&Picture::lines, false);
  append(&Picture::captions, true);
}

std::vector<std::string> captionsOf(const Array &scores, const Array &labels, int64_t index) {
  std::vector<std::string> captions;
  int64_t predicted = -1;
  if (scores) {
    int64_t classes = scores.dims()[1];
    double share;
    std::tie(predicted, share) = predictedClass(scores.as<double>() + index * classes, classes);
    char text[64];
    std::snprintf(text, sizeof text, "predicted %lld (%.2f)", static_cast<long long>(predicted),
                  share);
    captions.push_back(text);
  }
  if (labels) {
    int64_t label = labels.as<int64_t>()[index];
    bool wrong = scores && label != predicted;
    captions.push_back("true      " + std::to_string(label) + (wrong ? "  wrong" : ""));
  }
  captions.push_back("");
  return captions;
}

} // namespace

Result<std::pair<int64_t, int64_t>> imageSize(const std::string &name,
                                              const std::vector<int64_t> &dims) {
  bool channels = dims.size() == 3 && (dims[2] == 1 || dims[2] == 3);
  if ((dims.size() == 2 || channels) && dims[0] > 0 && dims[1] > 0)
    return std::make_pair(dims[0], dims[1]);
  if (dims.size() == 1 && dims[0] > 0) {
    auto side = static_cast<int64_t>(std::llround(std::sqrt(double(dims[0]))));
    if (side * side == dims[0])
      return std::make_pair(side, side);
  }
  std::vector<int64_t> shape = dims;
  shape.insert(shape.begin(), -1);
  return Error{DLC_INVALID_ARGUMENT,
               "input \"" + name +
                   "\": only images [n,height,width] with at most 3 channels can be drawn, got " +
                   describeShape(DType::F32, shape)};
}

std::string drawSamples(const Array &images, std::pair<int64_t, int64_t> size, const Array &scores,
                        const Array &labels) {
  Array pixels = images.converted(DType::F64);
  Array values = scores ? scores.converted(DType::F64) : Array();
  Array classes = labels ? labels.converted(DType::I64) : Array();
  int64_t count = images.dims()[0];
  if (count == 0 || pixels.elements() == 0)
    return "";
  int64_t stride = pixels.elements() / count;
  auto [low, high] =
      std::minmax_element(pixels.as<double>(), pixels.as<double>() + pixels.elements());
  Canvas canvas{size.first, size.second, stride / (size.first * size.second), *low, *high};

  int64_t columns = canvas.width * (canvas.height <= largestDoubled ? 2 : 1);
  int64_t cell = std::max<int64_t>(columns, sizeof "predicted 0 (0.00)") + 3;
  int64_t perRow = std::max<int64_t>(1, terminalWidth / cell);
  std::string text;
  for (int64_t first = 0; first < count; first += perRow) {
    std::vector<Picture> row;
    for (int64_t i = first; i < std::min(first + perRow, count); ++i)
      row.push_back(
          {drawImage(canvas, pixels.as<double>() + i * stride), captionsOf(values, classes, i)});
    appendRow(text, row, columns, cell);
  }
  return text;
}

} // namespace dlc::tools
