// Layers that normalise.
#ifndef DLC_NORMALIZATION_H
#define DLC_NORMALIZATION_H

#include "dlc/layer.h"

namespace dlc {

struct BatchNormalizationOptions {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  std::string name = "";
};
/// Normalises channels (last dimension) by the batch's mean and biased variance in training, by
/// moving averages (moving = momentum * moving + (1 - momentum) * batch) otherwise and when it is
/// not trainable. Weights: gamma, beta, moving_mean, moving_variance.
class BatchNormalization : public Layer {
public:
  BatchNormalization(BatchNormalizationOptions options = {}, Site at = Site::current());
};

struct LayerNormalizationOptions {
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  std::string name = "";
};
/// Normalises the last dimension by its own mean and biased variance. Weights: gamma, beta.
class LayerNormalization : public Layer {
public:
  LayerNormalization(LayerNormalizationOptions options = {}, Site at = Site::current());
};

struct GroupNormalizationOptions {
  /// Into how many groups channels are parted; -1: one for each channel.
  int64_t groups = 32;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  std::string name = "";
};
/// Normalises each sample's groups of channels (last dimension) by their own mean and biased
/// variance over all dimensions but the batch. Weights: gamma, beta, one element per channel.
class GroupNormalization : public Layer {
public:
  GroupNormalization(GroupNormalizationOptions options = {}, Site at = Site::current());
};

struct RMSNormalizationOptions {
  double epsilon = 1e-6;
  std::string name = "";
};
/// x / sqrt(mean(x^2) + epsilon) * scale over the last dimension. Weights: scale.
class RMSNormalization : public Layer {
public:
  RMSNormalization(RMSNormalizationOptions options = {}, Site at = Site::current());
};

/// x divided by its Euclidean length over the last dimension.
class UnitNormalization : public Layer {
public:
  UnitNormalization(NameOptions options = {}, Site at = Site::current());
};

} // namespace dlc

#endif
