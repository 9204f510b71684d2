// Column sums of what a convolution computes are results of its kernel; its readers make what they
// need of what lies in memory.
// RUN: dlc-opt %s --dlc-form-kernels | FileCheck %s

!x = tensor<?x8x8x3xf32, #dlc.dims<[B, 8, 8, 3]>>
!y = tensor<?x8x8x4xf32, #dlc.dims<[B, 8, 8, 4]>>
!h = tensor<?x8x8x4xbf16, #dlc.dims<[B, 8, 8, 4]>>
!w = tensor<3x3x3x4xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
  // CHECK-LABEL: dlc.entry @statistics
  // CHECK: dlc.kernel conv
  // CHECK: %[[Y:.*]] = dlc.conv
  // CHECK: %[[S:.*]] = dlc.sum %[[Y]] over [0, 1, 2]
  // CHECK: dlc.div %[[S]]
  // CHECK: %[[C:.*]] = dlc.sub %[[Y]]
  // CHECK: %[[Q:.*]] = dlc.mul %[[C]], %[[C]]
  // CHECK: %[[V:.*]] = dlc.sum %[[Q]] over [0, 1, 2]
  // CHECK: dlc.yield %[[Y]], %[[S]], %[[V]]
  // CHECK-NOT: dlc.sum
  // CHECK: dlc.return
  dlc.entry @statistics(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"})
      -> (!y {dlc.name = "centred"}, tensor<4xf32> {dlc.name = "variance"}) {
    %y = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !w) -> !y
    %s = dlc.sum %y over [0, 1, 2] : !y -> tensor<4xf32>
    %n = dlc.size [B, 8, 8] : tensor<f32>
    %ns = dlc.broadcast %n to [] : tensor<f32> -> tensor<4xf32>
    %m = dlc.div %s, %ns : tensor<4xf32>
    %r = dlc.broadcast %m to [3] : tensor<4xf32> -> !y
    %c = dlc.sub %y, %r : !y
    %q = dlc.mul %c, %c : !y
    %v = dlc.sum %q over [0, 1, 2] : !y -> tensor<4xf32>
    %d = dlc.div %v, %ns : tensor<4xf32>
    dlc.return %c, %d : !y, tensor<4xf32>
  }

  // A mean over another number of elements is not what the squares are centred on.
  // CHECK-LABEL: dlc.entry @another_mean
  // CHECK: dlc.kernel conv
  // CHECK: dlc.sum
  // CHECK-NOT: dlc.sum
  // CHECK: dlc.kernel reduce
  // CHECK: dlc.sum
  dlc.entry @another_mean(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"})
      -> (tensor<4xf32> {dlc.name = "sum"}, tensor<4xf32> {dlc.name = "squares"}) {
    %y = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !w) -> !y
    %s = dlc.sum %y over [0, 1, 2] : !y -> tensor<4xf32>
    %n = dlc.size [B, 8] : tensor<f32>
    %ns = dlc.broadcast %n to [] : tensor<f32> -> tensor<4xf32>
    %m = dlc.div %s, %ns : tensor<4xf32>
    %r = dlc.broadcast %m to [3] : tensor<4xf32> -> !y
    %c = dlc.sub %y, %r : !y
    %q = dlc.mul %c, %c : !y
    %v = dlc.sum %q over [0, 1, 2] : !y -> tensor<4xf32>
    dlc.return %s, %v : tensor<4xf32>, tensor<4xf32>
  }

  // Groups of channels and functions per element stay apart.
  // CHECK-LABEL: dlc.entry @apart
  // CHECK: dlc.conv {{.*}} groups 3
  // CHECK-NEXT: dlc.yield
  // CHECK: dlc.kernel reduce
  // CHECK: dlc.conv
  // CHECK-NOT: dlc.sum
  // CHECK: dlc.yield
  // CHECK: dlc.kernel reduce
  dlc.entry @apart(%x: !x {dlc.name = "x"}, %w: tensor<3x3x1x3xf32> {dlc.name = "w"},
      %v: tensor<1x1x3x3xf32> {dlc.name = "v"})
      -> (tensor<3xf32> {dlc.name = "grouped"}, tensor<3xf32> {dlc.name = "exponentials"}) {
    %y = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 3
        : (!x, tensor<3x3x1x3xf32>) -> !x
    %s = dlc.sum %y over [0, 1, 2] : !x -> tensor<3xf32>
    %u = dlc.conv %x, %v strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1]
        : (!x, tensor<1x1x3x3xf32>) -> !x
    %e = dlc.exp %u : !x
    %t = dlc.sum %e over [0, 1, 2] : !x -> tensor<3xf32>
    dlc.return %s, %t : tensor<3xf32>, tensor<3xf32>
  }

  // Sums of what is rounded to bf16 are of what is stored, and that is narrow.
  // CHECK-LABEL: dlc.entry @rounded
  // CHECK: dlc.kernel conv{{.*}} -> (tensor<?x8x8x4xbf16{{.*}}, tensor<4xf32>)
  // CHECK: %[[N:.*]] = dlc.cast {{.*}} -> tensor<?x8x8x4xbf16
  // CHECK: %[[F:.*]] = dlc.cast %[[N]]
  // CHECK: %[[S:.*]] = dlc.sum %[[F]]
  // CHECK: dlc.yield %[[N]], %[[S]]
  // CHECK: dlc.kernel pointwise
  // CHECK: dlc.return
  dlc.entry @rounded(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"})
      -> (!y {dlc.name = "centred"}) {
    %y = dlc.conv %x, %w strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!x, !w) -> !y
    %h = dlc.cast %y : !y -> !h
    %f = dlc.cast %h : !h -> !y
    %s = dlc.sum %f over [0, 1, 2] : !y -> tensor<4xf32>
    %r = dlc.broadcast %s to [3] : tensor<4xf32> -> !y
    %c = dlc.sub %f, %r : !y
    dlc.return %c : !y
  }
}
