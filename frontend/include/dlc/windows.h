// Layers that move windows over images, lines and volumes [B, spatial..., C]: convolutions,
// pooling, padding, upsampling.
#ifndef DLC_WINDOWS_H
#define DLC_WINDOWS_H

#include "dlc/layer.h"

namespace dlc {

struct ConvOptions {
  int64_t filters = 0;
  Sizes kernel = {};
  Sizes strides = 1;
  /// "valid" or "same"; Conv1D also "causal".
  std::string padding = "valid";
  Sizes dilation = 1;
  int64_t groups = 1;
  std::string activation = "";
  bool useBias = true;
  Initializer kernelInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// Cross-correlation of [B, spatial..., C]. Weights: kernel (k..., C / groups, filters), bias.
class Conv1D : public Layer {
public:
  Conv1D(ConvOptions options, Site at = Site::current());
};
class Conv2D : public Layer {
public:
  Conv2D(ConvOptions options, Site at = Site::current());
};
class Conv3D : public Layer {
public:
  Conv3D(ConvOptions options, Site at = Site::current());
};

struct DepthwiseConvOptions {
  Sizes kernel = {};
  Sizes strides = 1;
  /// "valid" or "same".
  std::string padding = "valid";
  /// Filters for each input channel.
  int64_t depthMultiplier = 1;
  Sizes dilation = 1;
  std::string activation = "";
  bool useBias = true;
  Initializer depthwiseInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// Each channel convolved with filters of its own. Weights: kernel (k..., C, depthMultiplier),
/// bias; result m of channel c is channel c * depthMultiplier + m.
class DepthwiseConv1D : public Layer {
public:
  DepthwiseConv1D(DepthwiseConvOptions options, Site at = Site::current());
};
class DepthwiseConv2D : public Layer {
public:
  DepthwiseConv2D(DepthwiseConvOptions options, Site at = Site::current());
};

struct SeparableConvOptions {
  int64_t filters = 0;
  Sizes kernel = {};
  Sizes strides = 1;
  /// "valid" or "same".
  std::string padding = "valid";
  Sizes dilation = 1;
  int64_t depthMultiplier = 1;
  std::string activation = "";
  bool useBias = true;
  Initializer depthwiseInitializer = GlorotUniform();
  Initializer pointwiseInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// A depthwise convolution followed by one with a window of 1, without activation between them.
/// Weights: depthwise_kernel (k..., C, depthMultiplier), pointwise_kernel (1..., C *
/// depthMultiplier, filters), bias.
class SeparableConv1D : public Layer {
public:
  SeparableConv1D(SeparableConvOptions options, Site at = Site::current());
};
class SeparableConv2D : public Layer {
public:
  SeparableConv2D(SeparableConvOptions options, Site at = Site::current());
};

struct ConvTransposeOptions {
  int64_t filters = 0;
  Sizes kernel = {};
  Sizes strides = 1;
  /// "valid": (n - 1) stride + max(kernel, stride) results; "same": n * stride.
  std::string padding = "valid";
  /// Less than the stride: with it, "valid" gives (n - 1) stride + kernel + outputPadding results
  /// and "same" (n - 1) stride + kernel % 2 + outputPadding.
  Sizes outputPadding = {};
  /// Not together with strides.
  Sizes dilation = 1;
  std::string activation = "";
  bool useBias = true;
  Initializer kernelInitializer = GlorotUniform();
  Initializer biasInitializer = Zeros();
  std::string name = "";
};
/// The transpose of a convolution: every element adds the filter, times itself, to the result.
/// Weights: kernel (k..., filters, C), bias.
class Conv1DTranspose : public Layer {
public:
  Conv1DTranspose(ConvTransposeOptions options, Site at = Site::current());
};
class Conv2DTranspose : public Layer {
public:
  Conv2DTranspose(ConvTransposeOptions options, Site at = Site::current());
};
class Conv3DTranspose : public Layer {
public:
  Conv3DTranspose(ConvTransposeOptions options, Site at = Site::current());
};

struct PoolOptions {
  Sizes pool = 2;
  /// Default: the pool.
  Sizes strides = {};
  std::string padding = "valid";
  std::string name = "";
};
/// Largest element, or mean of the real elements, of windows over [B, spatial..., C].
class MaxPooling1D : public Layer {
public:
  MaxPooling1D(PoolOptions options = {}, Site at = Site::current());
};
class MaxPooling2D : public Layer {
public:
  MaxPooling2D(PoolOptions options = {}, Site at = Site::current());
};
class MaxPooling3D : public Layer {
public:
  MaxPooling3D(PoolOptions options = {}, Site at = Site::current());
};
class AveragePooling1D : public Layer {
public:
  AveragePooling1D(PoolOptions options = {}, Site at = Site::current());
};
class AveragePooling2D : public Layer {
public:
  AveragePooling2D(PoolOptions options = {}, Site at = Site::current());
};
class AveragePooling3D : public Layer {
public:
  AveragePooling3D(PoolOptions options = {}, Site at = Site::current());
};

struct GlobalPoolOptions {
  /// Keep the spatial dimensions, with size 1.
  bool keepDims = false;
  std::string name = "";
};
/// Largest element, or mean, over all spatial dimensions. GlobalAveragePooling1D respects a mask.
class GlobalMaxPooling1D : public Layer {
public:
  GlobalMaxPooling1D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalMaxPooling2D : public Layer {
public:
  GlobalMaxPooling2D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalMaxPooling3D : public Layer {
public:
  GlobalMaxPooling3D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalAveragePooling1D : public Layer {
public:
  GlobalAveragePooling1D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalAveragePooling2D : public Layer {
public:
  GlobalAveragePooling2D(GlobalPoolOptions options = {}, Site at = Site::current());
};
class GlobalAveragePooling3D : public Layer {
public:
  GlobalAveragePooling3D(GlobalPoolOptions options = {}, Site at = Site::current());
};

/// Amounts at the two ends of each spatial dimension: `1` everywhere; `{1, 2}`, one for each
/// dimension (of a single dimension: before and after); `{{0, 1}, {2, 2}}`, before and after each.
class Borders {
public:
  struct Pair {
    int64_t before, after;
  };
  Borders() = default;
  Borders(int64_t all) : list{{all, all}}, form(Form::All) {}
  Borders(std::initializer_list<int64_t> each) : form(Form::Each) {
    for (int64_t amount : each)
      list.push_back({amount, amount});
  }
  Borders(std::initializer_list<Pair> pairs) : list(pairs), form(Form::Pairs) {}

  /// One entry per dimension, or of another length when that is what was given.
  std::vector<Pair> expand(size_t rank) const;

private:
  enum class Form { All, Each, Pairs };
  std::vector<Pair> list;
  Form form = Form::Each;
};

struct ZeroPaddingOptions {
  Borders padding = 1;
  std::string name = "";
};
/// Zeros around the spatial dimensions.
class ZeroPadding1D : public Layer {
public:
  ZeroPadding1D(ZeroPaddingOptions options = {}, Site at = Site::current());
};
class ZeroPadding2D : public Layer {
public:
  ZeroPadding2D(ZeroPaddingOptions options = {}, Site at = Site::current());
};
class ZeroPadding3D : public Layer {
public:
  ZeroPadding3D(ZeroPaddingOptions options = {}, Site at = Site::current());
};

struct CroppingOptions {
  Borders cropping = 1;
  std::string name = "";
};
/// The spatial dimensions without their ends.
class Cropping1D : public Layer {
public:
  Cropping1D(CroppingOptions options = {}, Site at = Site::current());
};
class Cropping2D : public Layer {
public:
  Cropping2D(CroppingOptions options = {}, Site at = Site::current());
};
class Cropping3D : public Layer {
public:
  Cropping3D(CroppingOptions options = {}, Site at = Site::current());
};

struct UpSamplingOptions {
  Sizes size = 2;
  /// "nearest" repeats elements; UpSampling2D also "bilinear" (between the elements' centres).
  std::string interpolation = "nearest";
  std::string name = "";
};
/// Spatial dimensions that are `size` times as large.
class UpSampling1D : public Layer {
public:
  UpSampling1D(UpSamplingOptions options = {}, Site at = Site::current());
};
class UpSampling2D : public Layer {
public:
  UpSampling2D(UpSamplingOptions options = {}, Site at = Site::current());
};
class UpSampling3D : public Layer {
public:
  UpSampling3D(UpSamplingOptions options = {}, Site at = Site::current());
};

} // namespace dlc

#endif
