// Data sets: which rows, and how a column's elements become values. Nothing is copied here except
// in values().
#include "dlc/data.h"
#include "runtime/data/Convert.h"
#include "runtime/data/Errors.h"
#include "runtime/data/Gather.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace dlc::runtime {
namespace {

using data::toError;

Error invalid(const std::string &message) { return {DLC_INVALID_ARGUMENT, message}; }

std::vector<int64_t> withSamples(int64_t samples, const std::vector<int64_t> &sampleDims) {
  std::vector<int64_t> dims = {samples};
  dims.insert(dims.end(), sampleDims.begin(), sampleDims.end());
  return dims;
}

// What most often explains a target of the wrong size.
std::string sizeHint(const Column &column, int64_t got, const InputSpec &want, int64_t expected) {
  if (got == 1 && expected > 1 && data::isInteger(column.source.type()))
    return absl::StrCat("\n  hint: the data holds class numbers; use a sparse loss, or turn them "
                        "into one-hot rows with ?onehot=",
                        expected, " or toCategorical()");
  if (expected == 1 && got > 1 && data::isInteger(want.type))
    return "\n  hint: the model wants class numbers; use a categorical loss for one-hot rows, or "
           "data with one integer a row";
  return absl::StrCat("\n  hint: samples of the same number of elements are reshaped by "
                      "themselves; these have ",
                      got, " where ", expected, " are wanted");
}

// Whether samples of these dimensions may stand for |want| (-1: any size).
bool fitsExactly(const std::vector<int64_t> &sample, const std::vector<int64_t> &want) {
  return sample.size() == want.size() &&
         std::equal(sample.begin(), sample.end(), want.begin(),
                    [](int64_t a, int64_t b) { return b < 0 || a == b; });
}

absl::Status fit(Column &column, const InputSpec &want) {
  std::vector<int64_t> wanted(want.dims.begin() + !want.dims.empty(), want.dims.end());
  std::string shapes =
      absl::StrCat("input '", want.name, "': expected ", describeShape(want.type, want.dims),
                   ", got ", describeShape(column.type, withSamples(-1, column.sampleDims)));
  if (want.dims.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(shapes, ": a scalar input takes no column of samples"));
  if (!fitsExactly(column.sampleDims, wanted)) {
    int64_t expected = data::checkedElements(wanted),
            got = data::checkedElements(column.sampleDims);
    if (expected < 0)
      return absl::InvalidArgumentError(
          absl::StrCat(shapes, ": sizes marked ? may be any, the others must be equal"));
    if (expected != got)
      return absl::InvalidArgumentError(
          absl::StrCat(shapes, sizeHint(column, got, want, expected)));
    column.sampleDims = wanted;
  }
  bool scaled = column.scale != 1 || column.offset != 0;
  if (scaled && data::isInteger(want.type))
    return absl::InvalidArgumentError(
        absl::StrCat(shapes, ": the column is scaled, which gives fractions; the model wants ",
                     dtypeName(want.type)));
  int64_t lossy = scaled ? -1
                         : data::findLossy(column.source.data(), column.source.type(),
                                           column.source.elements(), want.type);
  if (lossy >= 0)
    return absl::InvalidArgumentError(
        absl::StrCat(shapes, ": element ", lossy, " is ",
                     data::elementAsDouble(column.source.data(), column.source.type(), lossy),
                     ", no ", dtypeName(want.type)));
  column.type = want.type;
  return absl::OkStatus();
}

} // namespace

Result<Dataset> Dataset::fromArrays(const std::vector<NamedArray> &arrays) {
  Dataset dataset;
  for (const auto &[name, array] : arrays) {
    if (!array || array.rank() == 0)
      return invalid(absl::StrCat("'", name,
                                  "' holds no samples: expected an array with at least "
                                  "one dimension"));
    if (dataset.find(name))
      return invalid(absl::StrCat("'", name, "' is given twice"));
    int64_t samples = array.dims()[0];
    if (!dataset.parts.empty() && samples != dataset.count)
      return invalid(absl::StrCat("'", name, "' has ", samples, " samples but '",
                                  dataset.parts[0].name, "' has ", dataset.count));
    dataset.count = samples;
    std::vector<int64_t> sampleDims(array.dims().begin() + 1, array.dims().end());
    dataset.parts.push_back({name, array, array.type(), sampleDims, 1, 0});
  }
  return dataset;
}

const Column *Dataset::find(const std::string &name) const {
  for (const Column &column : parts)
    if (column.name == name)
      return &column;
  return nullptr;
}

Dataset Dataset::slice(int64_t begin, int64_t end) const {
  Dataset part = *this;
  begin = std::clamp<int64_t>(begin, 0, count);
  part.first += begin;
  part.count = std::clamp<int64_t>(end, begin, count) - begin;
  return part;
}

Dataset Dataset::selectRows(const std::function<bool(int64_t)> &keep) const {
  auto chosen = std::make_shared<std::vector<int64_t>>();
  for (int64_t i = 0; i < count; ++i)
    if (keep(i))
      chosen->push_back(sourceRow(i));
  Dataset part = *this;
  part.first = 0;
  part.count = static_cast<int64_t>(chosen->size());
  part.rows = std::move(chosen);
  return part;
}

Dataset Dataset::every(int64_t divisor, int64_t remainder) const {
  return selectRows([&](int64_t i) { return i % divisor == remainder; });
}

Dataset Dataset::except(int64_t divisor, int64_t remainder) const {
  return selectRows([&](int64_t i) { return i % divisor != remainder; });
}

std::pair<Dataset, Dataset> Dataset::splitTail(double fraction) const {
  // The same arithmetic as Keras, rounding included.
  auto at = static_cast<int64_t>(std::floor(static_cast<double>(count) * (1.0 - fraction)));
  return {take(at), skip(at)};
}

Result<Dataset> Dataset::scaled(const std::string &name, double scale, double offset) const {
  Dataset result = *this;
  for (Column &column : result.parts) {
    if (column.name != name)
      continue;
    column.scale *= scale;
    column.offset = column.offset * scale + offset;
    if (data::isInteger(column.type))
      column.type = DType::F32;
    return result;
  }
  return Error{DLC_NOT_FOUND, absl::StrCat("no column is called '", name, "'")};
}

Result<Dataset> Dataset::conform(const std::vector<InputSpec> &inputs) const {
  Dataset result = *this;
  result.parts.clear();
  for (const InputSpec &want : inputs) {
    const Column *column = find(want.name);
    if (!column) {
      auto name = [](std::string *out, const Column &c) { absl::StrAppend(out, c.name); };
      return invalid(absl::StrCat("the model wants input '", want.name, "' (",
                                  describeShape(want.type, want.dims), "); the data has ",
                                  parts.empty() ? "nothing" : absl::StrJoin(parts, ", ", name)));
    }
    Column fitted = *column;
    if (absl::Status status = fit(fitted, want); !status.ok())
      return toError(status);
    result.parts.push_back(std::move(fitted));
  }
  return result;
}

Result<Array> Dataset::values(const std::string &name) const {
  const Column *column = find(name);
  if (!column)
    return Error{DLC_NOT_FOUND, absl::StrCat("no column is called '", name, "'")};
  Array array = Array::allocate(column->type, withSamples(count, column->sampleDims));
  if (!array)
    return Error{DLC_RESOURCE_EXHAUSTED, absl::StrCat("not enough memory for column '", name, "'")};
  for (int64_t i = 0; i < count; ++i)
    data::gatherSample(*column, sourceRow(i), i, array.mutableData());
  return array;
}

double labelDistance(const Dataset &a, const Dataset &b, const std::string &name) {
  std::map<double, std::pair<double, double>> shares;
  const Dataset *both[] = {&a, &b};
  for (int which = 0; which < 2; ++which) {
    const Column *column = both[which]->find(name);
    if (!column || !column->source || !data::isInteger(column->source.type()) ||
        column->source.elements() != column->source.dims()[0] || both[which]->size() == 0)
      return -1;
    double share = 1.0 / static_cast<double>(both[which]->size());
    for (int64_t i = 0; i < both[which]->size(); ++i) {
      double label = data::elementAsDouble(column->source.data(), column->source.type(),
                                           both[which]->sourceRow(i));
      (which == 0 ? shares[label].first : shares[label].second) += share;
    }
  }
  if (static_cast<int64_t>(shares.size()) * 10 > a.size() + b.size())
    return -1;
  double distance = 0;
  for (const auto &[label, share] : shares)
    distance += std::fabs(share.first - share.second) / 2;
  return distance;
}

} // namespace dlc::runtime
