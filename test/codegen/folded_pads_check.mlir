// Layers of padding that a window leaves out compute what they did when they were written.
//
// RUN: dlc check %s --bind B=1,3 2>&1 | FileCheck %s
// RUN: dlc compile %s --dump-after=dlc-outline-kernels -o %t.dlca 2>&1 | FileCheck %s --check-prefix=FORM
// CHECK: 0 failures
// FORM-NOT: dlc.pad

!x = tensor<?x9x8x3xf32, #dlc.dims<[B, 9, 8, 3]>>
!p = tensor<?x15x14x3xf32, #dlc.dims<[B, 15, 14, 3]>>
!w = tensor<7x7x3x20xf32>
!y = tensor<?x5x4x20xf32, #dlc.dims<[B, 5, 4, 20]>>
!q = tensor<?x7x6x20xf32, #dlc.dims<[B, 7, 6, 20]>>
!z = tensor<?x3x2x20xf32, #dlc.dims<[B, 3, 2, 20]>>
module @pads attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @begin(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!z {dlc.name = "z"}) {
  %zero = dlc.constant dense<0.0> : tensor<f32>
  %p = dlc.pad %x, %zero low [0, 3, 3, 0] high [0, 3, 3, 0] interior [0, 0, 0, 0]
    : (!x, tensor<f32>) -> !p
  %y = dlc.conv %p, %w strides [2, 2] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!p, !w) -> !y
  %r = dlc.relu %y : !y
  %q = dlc.pad %r, %zero low [0, 1, 1, 0] high [0, 1, 1, 0] interior [0, 0, 0, 0]
    : (!y, tensor<f32>) -> !q
  %z = dlc.max_pool %q window [3, 3] strides [2, 2] low [0, 0] high [0, 0] : (!q) -> !z
  dlc.return %z : !z
}
}
