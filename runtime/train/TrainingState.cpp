// The whole training state in one safetensors file.
//
//   tensors    every variable by its name (weights, optimizer slots, statistics, hyperparameters,
//              rng), in logical form; callbacks/NAME/ARRAY
//   metadata   "dlc.training": JSON with the place in the data, the seed, history, callbacks, and
//              the sums of an unfinished epoch's metrics
//
// The variables are those of an ordinary weight file, so the file also serves to predict. Numbers
// are written so that they come back with the same bits; NaN and infinities, which JSON lacks, as
// strings.
#include "runtime/data/Convert.h"
#include "runtime/train/TrainerState.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace dlc::runtime::train {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char *metadataKey = "dlc.training";
constexpr int formatVersion = 2;

Json toJson(double value) {
  if (std::isfinite(value))
    return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double fromJson(const Json &json) {
  if (json.is_number())
    return json.get<double>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto text = json.get<std::string>();
  return text == "inf" ? infinity : text == "-inf" ? -infinity : std::nan("");
}

// The names of callbacks in the file; a second one of the same name gets a number.
std::vector<std::string> callbackNames(const std::vector<std::shared_ptr<Callback>> &callbacks) {
  std::vector<std::string> names;
  for (const std::shared_ptr<Callback> &callback : callbacks) {
    std::string name = callback->name();
    int64_t same = 0;
    for (const std::shared_ptr<Callback> &other : callbacks) {
      if (other == callback)
        break;
      same += other->name() == name;
    }
    names.push_back(same == 0 ? name : absl::StrCat(name, "#", same + 1));
  }
  return names;
}

std::string arrayPrefix(const std::string &callback) {
  return absl::StrCat("callbacks/", callback, "/");
}

Json namedNumbersToJson(const NamedTotals &named) {
  Json json = Json::array();
  for (const auto &[name, values] : named) {
    Json list = Json::array();
    for (double value : values)
      list.push_back(toJson(value));
    json.push_back({name, list});
  }
  return json;
}

NamedTotals namedNumbersFromJson(const Json &json) {
  NamedTotals named;
  for (const Json &entry : json) {
    std::vector<double> values;
    for (const Json &value : entry.at(1))
      values.push_back(fromJson(value));
    named.emplace_back(entry.at(0).get<std::string>(), std::move(values));
  }
  return named;
}

Json historyToJson(const History &history) {
  return {{"epochs", history.epochs}, {"values", namedNumbersToJson(history.values)}};
}

History historyFromJson(const Json &json) {
  History history;
  history.epochs = json.at("epochs").get<std::vector<int64_t>>();
  history.values = namedNumbersFromJson(json.at("values"));
  return history;
}

Outcome fromStatus(const Status &status) {
  if (status.ok())
    return {};
  return Error{status.code(), status.message()};
}

// The arrays that the file holds under |prefix|.
Result<std::vector<NamedArray>> readArrays(const Weights &file, const std::string &prefix) {
  std::vector<NamedArray> arrays;
  for (uint32_t i = 0; i < file.count(); ++i) {
    dlc_tensor_info info = file.tensor(i);
    std::string name = info.name;
    if (name.compare(0, prefix.size(), prefix) != 0)
      continue;
    Array array = Array::allocate(static_cast<DType>(info.dtype),
                                  std::vector<int64_t>(info.dims, info.dims + info.rank));
    if (!array)
      return Error{DLC_RESOURCE_EXHAUSTED, "not enough memory for a training state"};
    if (Outcome outcome = fromStatus(file.read(i, array.mutableData(), array.bytes()));
        !outcome.ok())
      return outcome.error();
    arrays.push_back({name.substr(prefix.size()), array});
  }
  return arrays;
}

Outcome restoreCallbacks(const Trainer::Impl &state, const Weights &file, const Json &saved) {
  std::vector<std::string> names = callbackNames(state.options.callbacks);
  for (size_t i = 0; i < names.size(); ++i) {
    auto found = saved.find(names[i]);
    if (found == saved.end())
      continue; // new in this training: it starts from nothing
    CallbackState callback;
    for (const Json &number : *found)
      callback.numbers.emplace_back(number.at(0).get<std::string>(), fromJson(number.at(1)));
    Result<std::vector<NamedArray>> arrays = readArrays(file, arrayPrefix(names[i]));
    if (!arrays.ok())
      return arrays.error();
    callback.arrays = std::move(*arrays);
    if (Outcome outcome = state.options.callbacks[i]->restore(callback); !outcome.ok())
      return outcome;
  }
  return {};
}

Outcome restoreFrom(Trainer &trainer, Trainer::Impl &state, const Weights &file, const Json &json,
                    const std::string &path) {
  int64_t stepsPerEpoch = json.at("steps_per_epoch").get<int64_t>();
  if (stepsPerEpoch != state.stepsPerEpoch)
    return Error{DLC_INVALID_ARGUMENT,
                 absl::StrCat(path, ": was saved by a training of ", stepsPerEpoch,
                              " batches an epoch, this one has ", state.stepsPerEpoch,
                              "; use the same data, batch size and validation split")};
  state.step = json.at("step").get<int64_t>();
  state.epoch = json.at("epoch").get<int64_t>();
  if (state.epoch < 0 || state.step < 0 || state.step / stepsPerEpoch > state.epoch + 1)
    return Error{DLC_DATA_LOSS, absl::StrCat(path, ": damaged training state: batch ", state.step,
                                             " after epoch ", state.epoch)};
  if (Outcome outcome = trainer.loadWeights(path, DLC_ROLES_ALL); !outcome.ok())
    return outcome;
  state.resumedSums = namedNumbersFromJson(json.at("sums"));
  state.seed = std::stoull(json.at("seed").get<std::string>());
  state.stop = json.at("stopped").get<bool>();
  state.history = historyFromJson(json.at("history"));
  return restoreCallbacks(state, file, json.at("callbacks"));
}

} // namespace

void removeAbandoned(const std::string &path) {
  // WeightWriter's names: PATH.PID-NUMBER.tmp
  std::filesystem::path file(path);
  std::string prefix = file.filename().string() + ".";
  std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    std::string name = entry->path().filename().string();
    if (!absl::StartsWith(name, prefix) || !absl::EndsWith(name, ".tmp"))
      continue;
    char *rest = nullptr;
    long writer = std::strtol(name.c_str() + prefix.size(), &rest, 10);
    // The number of this process may be that of a former one, as in a container.
    bool over = writer == getpid() || (writer > 0 && kill(pid_t(writer), 0) != 0 && errno == ESRCH);
    if (*rest == '-' && over)
      std::filesystem::remove(entry->path(), ignored);
  }
}

Outcome writeTrainingState(Trainer &trainer, const Trainer::Impl &state, const std::string &path) {
  Result<std::vector<NamedArray>> arrays = trainer.snapshot(DLC_ROLES_ALL);
  if (!arrays.ok())
    return arrays.error();
  Json callbacks = Json::object();
  std::vector<std::string> names = callbackNames(state.options.callbacks);
  for (size_t i = 0; i < names.size(); ++i) {
    CallbackState saved = state.options.callbacks[i]->save();
    Json numbers = Json::array();
    for (const auto &[name, value] : saved.numbers)
      numbers.push_back({name, toJson(value)});
    callbacks[names[i]] = numbers;
    for (const auto &[name, array] : saved.arrays)
      arrays->push_back({arrayPrefix(names[i]) + name, array});
  }
  bool midEpoch = state.step > state.epoch * state.stepsPerEpoch;
  Json json = {{"format", formatVersion},
               {"step", state.step},
               {"epoch", state.epoch},
               {"sums", namedNumbersToJson(midEpoch ? state.sums->totals() : NamedTotals())},
               {"steps_per_epoch", state.stepsPerEpoch},
               {"seed", std::to_string(state.seed)}, // 64 bits do not fit a JSON number everywhere
               {"stopped", state.stop},
               {"history", historyToJson(state.history)},
               {"callbacks", callbacks}};
  std::string text = json.dump();
  dlc_metadata metadata = {metadataKey, text.c_str()};
  std::vector<dlc_named_tensor> tensors;
  for (const auto &[name, array] : *arrays)
    tensors.push_back({name.c_str(), static_cast<uint32_t>(array.type()),
                       static_cast<uint32_t>(array.rank()), array.dims().data(), array.data()});
  return fromStatus(Weights::write(path.c_str(), tensors.data(), tensors.size(), &metadata, 1));
}

Outcome readTrainingState(Trainer &trainer, Trainer::Impl &state, const std::string &path) {
  Weights file;
  if (Status status = Weights::open(path.c_str(), file); !status.ok())
    return fromStatus(status);
  const char *text = file.findMetadata(metadataKey);
  if (!text)
    return Error{DLC_INVALID_ARGUMENT,
                 absl::StrCat(path, ": holds weights but no training state to resume from")};
  // nlohmann reports what is missing or of a wrong kind by exceptions; they end here.
  try {
    Json json = Json::parse(text);
    if (json.at("format").get<int>() != formatVersion)
      return Error{DLC_INVALID_ARGUMENT,
                   absl::StrCat(path, ": expected a training state of format ", formatVersion,
                                ", got ", json.at("format").get<int>())};
    return restoreFrom(trainer, state, file, json, path);
  } catch (const std::exception &problem) {
    return Error{DLC_DATA_LOSS, absl::StrCat(path, ": damaged training state: ", problem.what())};
  }
}

} // namespace dlc::runtime::train
