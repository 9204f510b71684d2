// What is behind a Model: recorded calls of layers in an order in which they can be replayed.
#pragma once
#include "dlc/model.h"
#include "frontend/nn/LayerState.h"
#include <set>

namespace dlc::detail {

/// The compiled program of a model in this process; defined in Fit.cpp.
struct Learner;

struct ModelState : LayerState {
  ModelState(std::string kind, std::string name, Site site);

  Values call(CallContext &context, const Values &given) override;
  size_t arity() const override { return inputs.empty() ? 1 : inputs.size(); }
  bool isModel() const override { return true; }
  bool hasPolicy() const override { return false; }
  std::vector<std::shared_ptr<LayerState>> parts() const override;
  void setTrainable(bool value) override;

  /// Finds the calls between inputs and outputs; reports what is not made of layers.
  void connect();
  /// Moves the errors of the calls so far from the scratch program to this model.
  void takeErrors();
  /// The scratch entry that inputs and outputs belong to.
  EntryState &home() const;
  /// A layer by layer chain: every call takes the output of the one before.
  bool isChain() const;

  Values inputs, outputs;
  std::vector<std::shared_ptr<Node>> calls;
  /// Layers of a Sequential model without inputs, which has no calls yet.
  std::vector<std::shared_ptr<LayerState>> sequence;
  std::vector<Error> errors;

  /// What the last compile() made, and what came of it.
  std::optional<Program> program;
  std::shared_ptr<Learner> learner;
  uint32_t threads = 0;

private:
  bool visit(const Value &value, std::set<int32_t> &seen);
};

/// Names of a compiled model's inputs, targets and outputs.
struct Names {
  std::vector<std::string> inputs, targets, outputs;
};
Names namesOf(const ModelState &model);

} // namespace dlc::detail
