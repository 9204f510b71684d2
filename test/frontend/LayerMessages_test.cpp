// Misuse of layers that move windows, merge, normalise, draw or attend, at the call.
#include "Messages.h"

using namespace dlc;

namespace {

//===- windows, merging, attention ----------------------------------------------------------===//

TEST_F(Messages, depthwise_convolution_without_kernel) {
  DepthwiseConv2D({})(Input({8, 8, 3}));
  EXPECT_EQ(pending(), "error: layer 'depthwise_conv2d' (DepthwiseConv2D, F:L): kernel is missing\n"
                       "  hint: DepthwiseConv2D({.kernel = 3})");
}

TEST_F(Messages, separable_convolution_on_a_line) {
  SeparableConv2D({.filters = 4, .kernel = 3})(Input({8, 3}));
  EXPECT_EQ(pending(),
            "error: layer 'separable_conv2d' (SeparableConv2D, F:L): input has shape (B, "
            "8, 3), expected (B, height, width, channels)\n"
            "  produced by Input (F:L), shape (B, 8, 3)\n"
            "  hint: add a dimension of channels, for example with Reshape");
}

TEST_F(Messages, transposed_convolution_with_strides_and_dilation) {
  Conv1DTranspose({.filters = 4, .kernel = 3, .strides = 2, .dilation = 2})(Input({8, 3}));
  EXPECT_EQ(pending(),
            "error: layer 'conv1d_transpose' (Conv1DTranspose, F:L): strides and dilation "
            "are both larger than 1\n"
            "  hint: Conv1DTranspose({.filters = 32, .kernel = 3, .strides = 2})");
}

TEST_F(Messages, output_padding_as_large_as_the_stride) {
  Conv2DTranspose({.filters = 4, .kernel = 3, .strides = 2, .outputPadding = 2})(Input({8, 8, 3}));
  EXPECT_NE(pending().find("outputPadding is 2 for a stride of 2, expected 0 <= outputPadding < "
                           "stride"),
            std::string::npos);
}

TEST_F(Messages, padding_of_three_dimensions_for_two) {
  ZeroPadding2D({.padding = {1, 2, 3}})(Input({8, 8, 3}));
  EXPECT_EQ(pending(), "error: layer 'zero_padding2d' (ZeroPadding2D, F:L): padding has 3 entries, "
                       "expected 1 or 2\n"
                       "  hint: ZeroPadding2D({.padding = {{1, 1}, {2, 2}}})");
}

TEST_F(Messages, cropping_everything) {
  Cropping1D({.cropping = {3, 5}})(Input({8, 3}));
  EXPECT_EQ(pending(),
            "error: layer 'cropping1d' (Cropping1D, F:L): nothing is left of dimension 1 "
            "of (B, 8, 3) without 3 and 5 elements\n"
            "  produced by Input (F:L), shape (B, 8, 3)\n"
            "  hint: crop less");
}

TEST_F(Messages, unknown_interpolation) {
  UpSampling2D({.interpolation = "cubic"})(Input({8, 8, 3}));
  EXPECT_EQ(pending(), "error: layer 'up_sampling2d' (UpSampling2D, F:L): interpolation 'cubic' is "
                       "unknown, expected 'nearest' or 'bilinear'\n"
                       "  hint: UpSampling2D({.size = 2})");
}

TEST_F(Messages, relu_with_a_negative_slope_below_zero) {
  ReLU({.negativeSlope = -1})(Input({8}));
  LeakyReLU({.negativeSlope = -1})(Input({8}));
  EXPECT_EQ(pending(),
            "error: layer 're_lu' (ReLU, F:L): maxValue, negativeSlope and threshold must be at "
            "least 0\n"
            "  hint: ReLU({.maxValue = 6})\n"
            "error: layer 'leaky_re_lu' (LeakyReLU, F:L): negativeSlope is -1.000000, expected at "
            "least 0");
}

TEST_F(Messages, subtract_of_three) {
  Value a = Input({4});
  Subtract()({a, a, a});
  EXPECT_NE(pending().find("layer 'subtract' (Subtract, F:L): takes 2 inputs, got 3"),
            std::string::npos);
}

TEST_F(Messages, dot_over_the_batch) {
  Dot({.axes = 0})({Input({4}), Input({4})});
  EXPECT_NE(
      pending().find("layer 'dot' (Dot, F:L): axis 0 is no dimension of (B, 4) after the batch"),
      std::string::npos);
}

TEST_F(Messages, permute_with_the_batch) {
  Permute({.dims = {0, 1}})(Input({4, 3}));
  EXPECT_EQ(pending(), "error: layer 'permute' (Permute, F:L): dims are no permutation of the "
                       "dimensions 1 to 2 of (B, 4, 3)\n"
                       "  produced by Input (F:L), shape (B, 4, 3)\n"
                       "  hint: the batch is dimension 0 and stays: Permute({.dims = {2, 1}})");
}

TEST_F(Messages, repeat_of_a_matrix) {
  RepeatVector({.n = 3})(Input({4, 3}));
  EXPECT_EQ(pending(),
            "error: layer 'repeat_vector' (RepeatVector, F:L): input has shape (B, 4, 3), "
            "expected (B, features)\n"
            "  produced by Input (F:L), shape (B, 4, 3)\n"
            "  hint: put Flatten() before it");
}

TEST_F(Messages, groups_that_do_not_divide_the_channels) {
  GroupNormalization()(Input({8, 8, 24}));
  EXPECT_EQ(pending(),
            "error: layer 'group_normalization' (GroupNormalization, F:L): groups is 32, "
            "which does not divide 24 channels\n"
            "  produced by Input (F:L), shape (B, 8, 8, 24)\n"
            "  hint: GroupNormalization({.groups = 1}) takes all channels together");
}

TEST_F(Messages, negative_noise) {
  GaussianNoise({.stddev = -1})(Input({8}));
  SpatialDropout1D({.rate = 1})(Input({8, 3}));
  EXPECT_EQ(pending(),
            "error: layer 'gaussian_noise' (GaussianNoise, F:L): stddev is -1.000000, "
            "expected at least 0\n"
            "  hint: GaussianNoise({.stddev = 0.1})\n"
            "error: layer 'spatial_dropout1d' (SpatialDropout1D, F:L): rate is 1.000000, "
            "expected 0 <= rate < 1");
}

TEST_F(Messages, positions_past_the_table) {
  PositionEmbedding({.sequenceLength = 4})(Input({5, 8}));
  EXPECT_EQ(pending(),
            "error: layer 'position_embedding' (PositionEmbedding, F:L): input has shape "
            "(B, 5, 8) but the table has 4 positions\n"
            "  produced by Input (F:L), shape (B, 5, 8)\n"
            "  hint: raise sequenceLength or shorten the input");
}

TEST_F(Messages, logits_of_features_of_another_size) {
  ReversibleEmbedding({.inputDim = 10, .outputDim = 4})(Input({5, 8}), {.reverse = true});
  EXPECT_EQ(pending(), "error: layer 'reversible_embedding' (ReversibleEmbedding, F:L): input has "
                       "shape (B, 5, 8), expected (B, ..., 4) for the way back\n"
                       "  produced by Input (F:L), shape (B, 5, 8)\n"
                       "  hint: project it with Dense to the size of the embeddings");
}

TEST_F(Messages, attention_without_heads) {
  MultiHeadAttention({.keyDim = 4})(Input({5, 8}));
  EXPECT_EQ(pending(),
            "error: layer 'multi_head_attention' (MultiHeadAttention, F:L): numHeads is 0, "
            "expected at least 1\n"
            "  hint: MultiHeadAttention({.numHeads = 8, .keyDim = 64})");
}

TEST_F(Messages, attention_to_keys_of_another_length) {
  MultiHeadAttention({.numHeads = 2, .keyDim = 4})({Input({5, 8}), Input({6, 8}), Input({7, 8})});
  EXPECT_EQ(pending(),
            "error: layer 'multi_head_attention' (MultiHeadAttention, F:L): value has shape "
            "(B, 6, 8) and key (B, 7, 8), expected equal batches and times\n"
            "  produced by Input (F:L), shape (B, 7, 8)\n"
            "  hint: each key belongs to one value");
}

TEST_F(Messages, attention_mask_of_floats) {
  Value x = Input({5, 8}), mask = Input({5, 5});
  MultiHeadAttention({.numHeads = 2, .keyDim = 4})(x, {.attentionMask = mask});
  EXPECT_EQ(pending(),
            "error: layer 'multi_head_attention' (MultiHeadAttention, F:L): attentionMask "
            "is f32 (B, 5, 5), expected i1 (B, 5, 5)\n"
            "  produced by Input (F:L), shape (B, 5, 5)\n"
            "  hint: compare with notEqual or greater to make a mask");
}

TEST_F(Messages, attention_to_images) {
  MultiHeadAttention({.numHeads = 2, .keyDim = 4})(Input({5, 5, 8}));
  EXPECT_EQ(pending(),
            "error: layer 'multi_head_attention' (MultiHeadAttention, F:L): input has shape "
            "(B, 5, 5, 8), expected (B, time, features)\n"
            "  produced by Input (F:L), shape (B, 5, 5, 8)\n"
            "  hint: merge the dimensions between with Reshape");
}

TEST_F(Messages, transposed_convolution_of_other_channels) {
  convTranspose(entry.input("i", {"B", 4, 4, 3}), entry.input("f", {3, 3, 8, 5}), {8, 8},
                {.strides = {2, 2}, .padding = "same"});
  EXPECT_EQ(errors(),
            "error: op 'convTranspose' (F:L): input has 3 channels, but the filter (3, 3, 8, "
            "5) takes 5\n"
            "  produced by input 'i' (F:L), shape (B, 4, 4, 3)\n"
            "  hint: a filter is [k..., C / groups, O], and the input has O channels");
}

} // namespace
