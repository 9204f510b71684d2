// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels | FileCheck %s

// Two layers of one shape share a function; the third has another activation.
// CHECK-LABEL: dlc.entry @shares_equal_kernels
// CHECK: dlc.dispatch @k0(
// CHECK: dlc.dispatch @k0(
// CHECK: dlc.dispatch @k1(
// CHECK: dlc.kernel_func @k0 contract symbols ["B"]
// CHECK: dlc.kernel_func @k1 contract symbols ["B"]
// CHECK-NOT: dlc.kernel_func
!a = tensor<?x8xf32, #dlc.dims<[B, 8]>>
!w = tensor<8x8xf32>
dlc.entry @shares_equal_kernels(%x: !a {dlc.name = "x"}, %w: !w {dlc.name = "w"}, %v: !w {dlc.name = "v"})
    -> (!a {dlc.name = "y"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!a, !w) -> !a
  %1 = dlc.relu %0 : !a
  %2 = dlc.contract %1, %v reduce [1] x [0] : (!a, !w) -> !a
  %3 = dlc.relu %2 : !a
  %4 = dlc.contract %3, %v reduce [1] x [0] : (!a, !w) -> !a
  %5 = dlc.tanh %4 : !a
  dlc.return %5 : !a
}
