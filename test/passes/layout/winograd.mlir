// Convolutions whose sums are fewer by minimal filtering.
//
// RUN: dlc-opt %s --dlc-winograd --split-input-file | FileCheck %s
// RUN: dlc-opt %s --dlc-winograd --dlc-derive-variables --split-input-file | FileCheck %s --check-prefix=DERIVED
// RUN: dlc-opt %s --dlc-winograd=panel-width=16 --split-input-file | FileCheck %s --check-prefix=NARROW

!x = tensor<?x14x14x32xf32, #dlc.dims<[B, 14, 14, 32]>>
!y = tensor<?x14x14x80xf32, #dlc.dims<[B, 14, 14, 80]>>
!f = tensor<3x3x32x80xf32>
// A filter that the entry reads only is transformed once for all calls, whatever the batch.
// CHECK-LABEL: module @reads_a_variable
// CHECK:     %[[U:.*]] = dlc.winograd_filter %{{.*}} : (tensor<3x3x32x80xf32>) -> tensor<16x2x32x64xf32>
// CHECK:     dlc.winograd_conv %{{.*}}, %[[U]] low [1, 1] high [1, 1] :
// CHECK-NOT: dlc.conv
// NARROW: -> tensor<16x5x32x16xf32>
//
// DERIVED-LABEL: module @reads_a_variable
// DERIVED: dlc.variable @f weight
// DERIVED: dlc.variable @f.winograd derived : tensor<16x2x32x64xf32> from @f by @f.winograd.transform
// DERIVED: dlc.entry @predict(%[[X:.*]]: {{.*}} {dlc.name = "x"}, {{.*}}, %[[U:.*]]: tensor<16x2x32x64xf32> {dlc.state = @f.winograd})
// DERIVED:   dlc.winograd_conv %[[X]], %[[U]]
// DERIVED: dlc.entry private @f.winograd.transform
// DERIVED:   dlc.winograd_filter
module @reads_a_variable attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @f weight : !f
dlc.entry @predict(%x: !x {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!y {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !y
  dlc.return %y : !y
}
}

// -----

!x = tensor<?x14x14x32xf32, #dlc.dims<[B, 14, 14, 32]>>
!y = tensor<?x13x15x80xf32, #dlc.dims<[B, 13, 15, 80]>>
!f = tensor<3x3x32x80xf32>
// The gradient is the convolution of dy with the filter turned around; what padding is missing of two
// is its padding. In each call one image has tiles enough to pay for the transform.
// CHECK-LABEL: module @input_gradient
// CHECK:     %[[T:.*]] = dlc.transpose %{{.*}} [0, 1, 3, 2]
// CHECK:     %[[R:.*]] = dlc.reverse %[[T]] over [0, 1]
// CHECK:     %[[U:.*]] = dlc.winograd_filter %[[R]]
// CHECK:     dlc.winograd_conv %{{.*}}, %[[U]] low [2, 1] high [1, 0] :
// DERIVED-LABEL: module @input_gradient
// DERIVED-NOT: dlc.variable
// DERIVED: dlc.winograd_conv
module @input_gradient attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @run(%dy: !y {dlc.name = "dy"}, %f: !f {dlc.name = "f"}) -> (!x {dlc.name = "dx"}) {
  %dx = dlc.conv_input_grad %dy, %f strides [1, 1] low [0, 1] high [1, 2] dilations [1, 1]
      : (!y, !f) -> !x
  dlc.return %dx : !x
}
}

// -----

!x = tensor<?x7x7x64xf32, #dlc.dims<[B, 7, 7, 64]>>
!f = tensor<3x3x64x64xf32>
// Seven by seven pixels are sixteen tiles: too few for a transform in each call, enough for a variable.
// CHECK-LABEL: module @few_tiles
// CHECK: dlc.entry @step
// CHECK:   dlc.conv
// CHECK: dlc.entry @predict
// CHECK:   dlc.winograd_conv
module @few_tiles attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @f weight : !f
dlc.entry @step(%x: !x {dlc.name = "x"}, %f: !f {dlc.state = @f})
    -> (!x {dlc.name = "y"}, !f {dlc.state = @f}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !x
  %g = dlc.neg %f : !f
  dlc.return %y, %g : !x, !f
}
dlc.entry @predict(%x: !x {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!x {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !x
  dlc.return %y : !x
}
}

// -----

!x = tensor<?x14x14x32xf32, #dlc.dims<[B, 14, 14, 32]>>
!f = tensor<3x3x32x32xf32>
// A filter of constants alone is no variable.
// DERIVED-LABEL: module @constant_filter
// DERIVED-NOT: dlc.variable
// DERIVED: dlc.winograd_filter
module @constant_filter attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @predict(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
  %c = dlc.constant dense<2.0> : tensor<f32>
  %f = dlc.broadcast %c to [] : tensor<f32> -> !f
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !x
  dlc.return %y : !x
}
}

// -----

!x = tensor<?x5x5x64xf32, #dlc.dims<[B, 5, 5, 64]>>
!f = tensor<3x3x64x64xf32>
!a = tensor<?x14x14x8xf32, #dlc.dims<[B, 14, 14, 8]>>
!b = tensor<?x14x14x64xf32, #dlc.dims<[B, 14, 14, 64]>>
!s = tensor<?x7x7x64xf32, #dlc.dims<[B, 7, 7, 64]>>
!h = tensor<?x?x14x64xf32, #dlc.dims<[B, H, 14, 64]>>
!c = tensor<?x14x14x64xbf16, #dlc.dims<[B, 14, 14, 64]>>
// Left as they are: 5x5 pixels, of whose nine tiles the border is most; few channels; strides,
// dilations, groups; a symbolic size; bf16; another window.
// CHECK-LABEL: module @left_alone
// CHECK-NOT: winograd
module @left_alone attributes {dlc.symbols = [#dlc.symbol<B, min = 64>]} {
dlc.variable @f weight : !f
dlc.entry @small(%x: !x {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!x {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !f) -> !x
  dlc.return %y : !x
}
dlc.entry @few(%x: !a {dlc.name = "x"}, %f: tensor<3x3x8x64xf32> {dlc.name = "f"})
    -> (!b {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (!a, tensor<3x3x8x64xf32>) -> !b
  dlc.return %y : !b
}
dlc.entry @strided(%x: !b {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!s {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1] : (!b, !f) -> !s
  dlc.return %y : !s
}
dlc.entry @dilated(%x: !b {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!b {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [2, 2] high [2, 2] dilations [2, 2] : (!b, !f) -> !b
  dlc.return %y : !b
}
dlc.entry @grouped(%x: !b {dlc.name = "x"}, %f: tensor<3x3x32x64xf32> {dlc.name = "f"})
    -> (!b {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 2
      : (!b, tensor<3x3x32x64xf32>) -> !b
  dlc.return %y : !b
}
dlc.entry @symbolic(%x: !h {dlc.name = "x"}, %f: !f {dlc.state = @f}) -> (!h {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!h, !f) -> !h
  dlc.return %y : !h
}
dlc.entry @bf16(%x: !c {dlc.name = "x"}, %f: tensor<3x3x64x64xbf16> {dlc.name = "f"})
    -> (!b {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1]
      : (!c, tensor<3x3x64x64xbf16>) -> !b
  dlc.return %y : !b
}
dlc.entry @window(%x: !b {dlc.name = "x"}, %f: tensor<5x5x64x64xf32> {dlc.name = "f"})
    -> (!b {dlc.name = "y"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [2, 2] high [2, 2] dilations [1, 1]
      : (!b, tensor<5x5x64x64xf32>) -> !b
  dlc.return %y : !b
}
}
