#include "tools/driver/CallbackOptions.h"
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

using namespace dlc::runtime;

namespace dlc::driver {
namespace {

/// "val_loss,patience=3,restore": a first word, then words with or without a value.
class OptionText {
public:
  OptionText(std::string option, const std::string &text) : option(std::move(option)) {
    for (size_t begin = 0; begin <= text.size();) {
      size_t end = std::min(text.find(',', begin), text.size());
      words.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  const std::string &first() const { return words.front(); }

  void number(const std::string &key, double &to) {
    setters[key] = [this, key, &to](const std::string &value) { return parse(key, value, to); };
  }
  void count(const std::string &key, int64_t &to) {
    setters[key] = [this, key, &to](const std::string &value) -> Outcome {
      double number = 0;
      if (Outcome outcome = parse(key, value, number); !outcome.ok())
        return outcome;
      if (number < 0 || number != std::floor(number) || number > 1e15)
        return error(key + ": expected a whole number of at least 0, got '" + value + "'");
      to = static_cast<int64_t>(number);
      return {};
    };
  }
  void flag(const std::string &key, bool &to) {
    setters[key] = [this, key, &to](const std::string &value) -> Outcome {
      if (!value.empty())
        return error(key + ": expected no value, got '" + value + "'");
      to = true;
      return {};
    };
  }
  void mode(Mode &to) {
    setters["mode"] = [this, &to](const std::string &value) -> Outcome {
      if (value != "auto" && value != "min" && value != "max")
        return error("mode: expected auto, min or max, got '" + value + "'");
      to = value == "min" ? Mode::Min : value == "max" ? Mode::Max : Mode::Auto;
      return {};
    };
  }
  void text(const std::string &key, std::string &to) {
    setters[key] = [&to](const std::string &value) -> Outcome {
      to = value;
      return {};
    };
  }

  /// Sets what the words after the first say.
  Outcome apply() {
    if (first().empty())
      return error("expected a name first, got '" + words.front() + "'");
    for (size_t i = 1; i < words.size(); ++i) {
      size_t equal = std::min(words[i].find('='), words[i].size());
      auto setter = setters.find(words[i].substr(0, equal));
      if (setter == setters.end())
        return error("unknown key '" + words[i] + "'; expected one of " + known());
      std::string value = equal < words[i].size() ? words[i].substr(equal + 1) : "";
      if (Outcome outcome = setter->second(value); !outcome.ok())
        return outcome;
    }
    return {};
  }

  Error error(const std::string &message) const {
    return {DLC_INVALID_ARGUMENT, option + ": " + message};
  }

private:
  Outcome parse(const std::string &key, const std::string &value, double &to) const {
    char *end = nullptr;
    errno = 0;
    double number = std::strtod(value.c_str(), &end);
    if (value.empty() || *end || errno || !std::isfinite(number))
      return error(key + ": expected a number, got '" + value + "'");
    to = number;
    return {};
  }
  std::string known() const {
    std::string names;
    for (const auto &[key, setter] : setters)
      names += (names.empty() ? "" : ", ") + key;
    return names;
  }

  std::string option;
  std::vector<std::string> words;
  std::map<std::string, std::function<Outcome(const std::string &)>> setters;
};

} // namespace

Result<EarlyStopping> parseEarlyStopping(const std::string &text) {
  EarlyStopping options;
  OptionText words("--early-stopping", text);
  words.count("patience", options.patience);
  words.number("min_delta", options.minDelta);
  words.number("baseline", options.baseline);
  words.count("start", options.startFromEpoch);
  words.flag("restore", options.restoreBestWeights);
  words.mode(options.mode);
  if (Outcome outcome = words.apply(); !outcome.ok())
    return outcome.error();
  options.monitor = words.first();
  return options;
}

Result<ReduceLROnPlateau> parseReduceLR(const std::string &text) {
  ReduceLROnPlateau options;
  OptionText words("--reduce-lr", text);
  words.number("factor", options.factor);
  words.count("patience", options.patience);
  words.number("min_delta", options.minDelta);
  words.count("cooldown", options.cooldown);
  words.number("min", options.minLearningRate);
  words.mode(options.mode);
  if (Outcome outcome = words.apply(); !outcome.ok())
    return outcome.error();
  if (!(options.factor > 0 && options.factor < 1))
    return words.error("factor: expected a number between 0 and 1");
  options.monitor = words.first();
  return options;
}

Result<ModelCheckpoint> parseBestWeights(const std::string &text) {
  ModelCheckpoint options;
  OptionText words("--best-weights", text);
  words.text("monitor", options.monitor);
  words.mode(options.mode);
  if (Outcome outcome = words.apply(); !outcome.ok())
    return outcome.error();
  options.path = words.first();
  options.saveBestOnly = options.saveWeightsOnly = true;
  return options;
}

} // namespace dlc::driver
