// The layers of the golden cases, with the options that make.py gave them.
#include "GoldenLayers.h"
#include "dlc/dlc.h"
#include <gtest/gtest.h>

namespace dlc::test {

using Makers = std::map<std::string, Layer (*)()>;

static Makers coreLayers() {
  return {
      {"dense_no_bias_3d", []() -> Layer { return Dense({.units = 3, .useBias = false}); }},
      {"conv1d_valid", []() -> Layer { return Conv1D({.filters = 3, .kernel = 4, .strides = 2}); }},
      {"conv1d_same",
       []() -> Layer {
         return Conv1D({.filters = 3, .kernel = 4, .strides = 2, .padding = "same"});
       }},
      {"conv1d_causal",
       []() -> Layer {
         return Conv1D({.filters = 3, .kernel = 3, .padding = "causal", .dilation = 2});
       }},
      {"conv2d_valid",
       []() -> Layer { return Conv2D({.filters = 5, .kernel = 3, .activation = "relu"}); }},
      {"conv2d_same_stride",
       []() -> Layer {
         return Conv2D({.filters = 3, .kernel = {3, 2}, .strides = 2, .padding = "same"});
       }},
      {"conv2d_dilated",
       []() -> Layer {
         return Conv2D({.filters = 3, .kernel = 3, .padding = "same", .dilation = 2});
       }},
      {"conv2d_groups", []() -> Layer { return Conv2D({.filters = 6, .kernel = 3, .groups = 2}); }},
      {"conv2d_no_bias",
       []() -> Layer { return Conv2D({.filters = 3, .kernel = 1, .useBias = false}); }},
      {"conv3d_same",
       []() -> Layer {
         return Conv3D({.filters = 3, .kernel = 3, .strides = {1, 2, 1}, .padding = "same"});
       }},
      {"max_pooling1d", []() -> Layer { return MaxPooling1D(); }},
      {"max_pooling2d_same",
       []() -> Layer { return MaxPooling2D({.pool = 3, .strides = 2, .padding = "same"}); }},
      {"max_pooling2d", []() -> Layer { return MaxPooling2D({.pool = {2, 3}}); }},
      {"max_pooling3d", []() -> Layer { return MaxPooling3D(); }},
      {"average_pooling1d_same",
       []() -> Layer { return AveragePooling1D({.pool = 4, .strides = 3, .padding = "same"}); }},
      {"average_pooling2d_same",
       []() -> Layer { return AveragePooling2D({.pool = 3, .strides = 2, .padding = "same"}); }},
      {"average_pooling2d", []() -> Layer { return AveragePooling2D(); }},
      {"average_pooling3d_same",
       []() -> Layer { return AveragePooling3D({.pool = 3, .strides = 2, .padding = "same"}); }},
      {"global_max_pooling1d", []() -> Layer { return GlobalMaxPooling1D(); }},
      {"global_max_pooling2d_keep",
       []() -> Layer { return GlobalMaxPooling2D({.keepDims = true}); }},
      {"global_max_pooling3d", []() -> Layer { return GlobalMaxPooling3D(); }},
      {"global_average_pooling1d", []() -> Layer { return GlobalAveragePooling1D(); }},
      {"global_average_pooling2d", []() -> Layer { return GlobalAveragePooling2D(); }},
      {"global_average_pooling3d_keep",
       []() -> Layer { return GlobalAveragePooling3D({.keepDims = true}); }},
      {"flatten", []() -> Layer { return Flatten(); }},
      {"reshape", []() -> Layer { return Reshape({.shape = {-1, 8}}); }},
      {"dropout_inference", []() -> Layer { return Dropout({.rate = 0.5}); }},
      {"batch_normalization_inference", []() -> Layer { return BatchNormalization(); }},
      {"batch_normalization_training", []() -> Layer { return BatchNormalization(); }},
      {"batch_normalization_options",
       []() -> Layer {
         return BatchNormalization(
             {.momentum = 0.9, .epsilon = 1e-5, .center = false, .scale = false});
       }},
      {"layer_normalization", []() -> Layer { return LayerNormalization(); }},
      {"layer_normalization_options",
       []() -> Layer { return LayerNormalization({.epsilon = 1e-5, .center = false}); }},
      {"activation_relu", []() -> Layer { return Activation("relu"); }},
      {"activation_softmax", []() -> Layer { return Activation("softmax"); }},
      {"add", []() -> Layer { return Add(); }},
      {"concatenate", []() -> Layer { return Concatenate(); }},
      {"concatenate_axis1", []() -> Layer { return Concatenate({.axis = 1}); }},
      {"embedding", []() -> Layer { return Embedding({.inputDim = 6, .outputDim = 3}); }},
      {"masked_average",
       []() -> Layer { return Embedding({.inputDim = 6, .outputDim = 3, .maskZero = true}); }},
  };
}

static Makers windowLayers() {
  return {
      {"depthwise_conv1d",
       []() -> Layer { return DepthwiseConv1D({.kernel = 3, .strides = 2, .padding = "same"}); }},
      {"depthwise_conv2d",
       []() -> Layer { return DepthwiseConv2D({.kernel = 3, .activation = "relu"}); }},
      {"depthwise_conv2d_multiplier",
       []() -> Layer {
         return DepthwiseConv2D(
             {.kernel = {2, 3}, .padding = "same", .depthMultiplier = 3, .useBias = false});
       }},
      {"depthwise_conv2d_stride",
       []() -> Layer { return DepthwiseConv2D({.kernel = 3, .strides = 2, .padding = "same"}); }},
      {"depthwise_conv2d_dilated",
       []() -> Layer { return DepthwiseConv2D({.kernel = 2, .dilation = 2}); }},
      {"separable_conv1d_same",
       []() -> Layer { return SeparableConv1D({.filters = 2, .kernel = 3, .padding = "same"}); }},
      {"separable_conv1d",
       []() -> Layer {
         return SeparableConv1D({.filters = 4, .kernel = 2, .strides = 2, .depthMultiplier = 2});
       }},
      {"separable_conv2d",
       []() -> Layer {
         return SeparableConv2D(
             {.filters = 3, .kernel = 3, .padding = "same", .activation = "tanh"});
       }},
      {"separable_conv2d_no_bias",
       []() -> Layer {
         return SeparableConv2D({.filters = 2, .kernel = 2, .strides = 2, .useBias = false});
       }},
      {"conv1d_transpose_valid",
       []() -> Layer { return Conv1DTranspose({.filters = 2, .kernel = 3, .strides = 2}); }},
      {"conv1d_transpose_short_kernel",
       []() -> Layer { return Conv1DTranspose({.filters = 2, .kernel = 2, .strides = 3}); }},
      {"conv2d_transpose_same",
       []() -> Layer {
         return Conv2DTranspose({.filters = 3, .kernel = 3, .strides = 2, .padding = "same"});
       }},
      {"conv2d_transpose_same_1",
       []() -> Layer { return Conv2DTranspose({.filters = 2, .kernel = 4, .padding = "same"}); }},
      {"conv2d_transpose_short_kernel",
       []() -> Layer {
         return Conv2DTranspose({.filters = 2, .kernel = 2, .strides = 3, .padding = "same"});
       }},
      {"conv2d_transpose_valid",
       []() -> Layer {
         return Conv2DTranspose({.filters = 2, .kernel = {2, 3}, .activation = "relu"});
       }},
      {"conv2d_transpose_output_padding",
       []() -> Layer {
         return Conv2DTranspose(
             {.filters = 2, .kernel = 3, .strides = 2, .padding = "same", .outputPadding = 1});
       }},
      {"conv2d_transpose_valid_output_padding",
       []() -> Layer {
         return Conv2DTranspose(
             {.filters = 2, .kernel = 3, .strides = {2, 3}, .outputPadding = {0, 2}});
       }},
      {"conv2d_transpose_dilated",
       []() -> Layer {
         return Conv2DTranspose({.filters = 2, .kernel = 2, .dilation = 2, .useBias = false});
       }},
      {"conv3d_transpose_same",
       []() -> Layer {
         return Conv3DTranspose(
             {.filters = 2, .kernel = 3, .strides = {1, 2, 1}, .padding = "same"});
       }},
      {"zero_padding1d", []() -> Layer { return ZeroPadding1D({.padding = {1, 2}}); }},
      {"zero_padding2d", []() -> Layer { return ZeroPadding2D({.padding = {{1, 0}, {2, 3}}}); }},
      {"zero_padding2d_each", []() -> Layer { return ZeroPadding2D({.padding = {1, 2}}); }},
      {"zero_padding3d", []() -> Layer { return ZeroPadding3D(); }},
      {"cropping1d", []() -> Layer { return Cropping1D({.cropping = {1, 2}}); }},
      {"cropping2d", []() -> Layer { return Cropping2D({.cropping = {{1, 0}, {0, 2}}}); }},
      {"cropping3d", []() -> Layer { return Cropping3D({.cropping = 1}); }},
      {"up_sampling1d", []() -> Layer { return UpSampling1D({.size = 3}); }},
      {"up_sampling2d", []() -> Layer { return UpSampling2D({.size = {2, 3}}); }},
      {"up_sampling2d_bilinear",
       []() -> Layer { return UpSampling2D({.size = {2, 3}, .interpolation = "bilinear"}); }},
      {"up_sampling3d", []() -> Layer { return UpSampling3D({.size = {1, 2, 2}}); }},
  };
}

static Makers elementLayers() {
  return {
      {"relu", []() -> Layer { return ReLU(); }},
      {"relu_6", []() -> Layer { return ReLU({.maxValue = 6}); }},
      {"relu_slope", []() -> Layer { return ReLU({.negativeSlope = 0.1}); }},
      {"relu_all",
       []() -> Layer { return ReLU({.maxValue = 2, .negativeSlope = 0.2, .threshold = 0.7}); }},
      {"leaky_relu", []() -> Layer { return LeakyReLU(); }},
      {"leaky_relu_slope", []() -> Layer { return LeakyReLU({.negativeSlope = 0.05}); }},
      {"elu", []() -> Layer { return ELU(); }},
      {"elu_alpha", []() -> Layer { return ELU({.alpha = 0.5}); }},
      {"softmax", []() -> Layer { return Softmax(); }},
      {"softmax_axis", []() -> Layer { return Softmax({.axis = 1}); }},
      {"gelu_approximate", []() -> Layer { return Activation("gelu_approximate"); }},
      {"add_stretched", []() -> Layer { return Add(); }},
      {"subtract", []() -> Layer { return Subtract(); }},
      {"multiply", []() -> Layer { return Multiply(); }},
      {"multiply_channels", []() -> Layer { return Multiply(); }},
      {"average", []() -> Layer { return Average(); }},
      {"maximum", []() -> Layer { return Maximum(); }},
      {"minimum", []() -> Layer { return Minimum(); }},
      {"dot", []() -> Layer { return Dot({.axes = 1}); }},
      {"dot_cosine", []() -> Layer { return Dot({.axes = -1, .normalize = true}); }},
      {"dot_matrices", []() -> Layer { return Dot({.axes = {2, 1}}); }},
      {"permute", []() -> Layer { return Permute({.dims = {3, 1, 2}}); }},
      {"repeat_vector", []() -> Layer { return RepeatVector({.n = 3}); }},
      {"group_normalization", []() -> Layer { return GroupNormalization({.groups = 3}); }},
      {"group_normalization_all",
       []() -> Layer {
         return GroupNormalization({.groups = 1, .epsilon = 1e-5, .center = false});
       }},
      {"instance_normalization",
       []() -> Layer { return GroupNormalization({.groups = -1, .scale = false}); }},
      {"group_normalization_rows", []() -> Layer { return GroupNormalization({.groups = 1}); }},
      {"rms_normalization", []() -> Layer { return RMSNormalization(); }},
      {"unit_normalization", []() -> Layer { return UnitNormalization(); }},
      {"spatial_dropout_inference", []() -> Layer { return SpatialDropout2D({.rate = 0.5}); }},
      {"gaussian_noise_inference", []() -> Layer { return GaussianNoise({.stddev = 0.5}); }},
      {"gaussian_dropout_inference", []() -> Layer { return GaussianDropout({.rate = 0.5}); }},
      {"reversible_embedding",
       []() -> Layer { return ReversibleEmbedding({.inputDim = 6, .outputDim = 3}); }},
      {"reversible_embedding_reverse",
       []() -> Layer { return ReversibleEmbedding({.inputDim = 6, .outputDim = 3}); }},
      {"position_embedding", []() -> Layer { return PositionEmbedding({.sequenceLength = 7}); }},
  };
}

static Layer heads(int64_t count, int64_t size) {
  return MultiHeadAttention({.numHeads = count, .keyDim = size});
}

static Makers attentionLayers() {
  return {
      {"self", []() -> Layer { return heads(2, 3); }},
      {"self_causal", []() -> Layer { return heads(3, 2); }},
      {"cross",
       []() -> Layer {
         return MultiHeadAttention({.numHeads = 2, .keyDim = 3, .valueDim = 4, .outputDim = 5});
       }},
      {"cross_key",
       []() -> Layer {
         return MultiHeadAttention({.numHeads = 2, .keyDim = 3, .useBias = false});
       }},
      {"cross_causal", []() -> Layer { return heads(1, 3); }},
      {"attention_mask", []() -> Layer { return heads(2, 3); }},
      {"attention_mask_heads", []() -> Layer { return heads(2, 3); }},
      {"padding_mask", []() -> Layer { return heads(2, 3); }},
      {"carried_masks", []() -> Layer { return heads(2, 3); }},
      {"all_masks", []() -> Layer { return heads(2, 3); }},
  };
}

Layer goldenLayer(const std::string &file, const std::string &name) {
  Makers makers = file == "windows"     ? windowLayers()
                  : file == "elements"  ? elementLayers()
                  : file == "attention" ? attentionLayers()
                                        : coreLayers();
  if (auto found = makers.find(name); found != makers.end())
    return found->second();
  EXPECT_EQ(name.substr(0, 6), "dense_") << "no layer for golden case " << file << "/" << name;
  return Dense({.units = 4, .activation = name.substr(6)});
}

} // namespace dlc::test
