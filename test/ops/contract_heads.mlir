// What follows a contraction whose second operand has several free dimensions: the projections of
// attention, with a bias per head and feature.
// RUN: dlc check %s --bind B=1,3
// RUN: dlc-opt %s --dlc-form-kernels | FileCheck %s

!x = tensor<?x5x12xf32, #dlc.dims<[B, 5, 12]>>
!w = tensor<12x3x20xf32>
!y = tensor<?x5x3x20xf32, #dlc.dims<[B, 5, 3, 20]>>
!bias = tensor<3x20xf32>
!rows = tensor<?x5xf32, #dlc.dims<[B, 5]>>
!last = tensor<20xf32>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
  // CHECK-LABEL: @inline
  // CHECK: dlc.kernel contract
  // CHECK-NOT: dlc.kernel
  // CHECK: dlc.return
  dlc.entry @inline(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"},
      %b: !bias {dlc.name = "b"}) -> (!y {dlc.name = "y"}) {
    %0 = dlc.contract %x, %w reduce [2] x [0] : (!x, !w) -> !y
    %1 = dlc.broadcast %b to [2, 3] : !bias -> !y
    %2 = dlc.add %0, %1 : !y
    dlc.return %2 : !y
  }
  // CHECK-LABEL: @rolled
  // CHECK: dlc.kernel contract
  // CHECK-NOT: dlc.kernel
  // CHECK: dlc.return
  dlc.entry @rolled(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"}, %b: !bias {dlc.name = "b"},
      %r: !rows {dlc.name = "r"}) -> (!y {dlc.name = "y"}) {
    %0 = dlc.contract %x, %w reduce [2] x [0] : (!x, !w) -> !y
    %1 = dlc.broadcast %b to [2, 3] : !bias -> !y
    %2 = dlc.add %0, %1 : !y
    %3 = dlc.tanh %2 : !y
    %4 = dlc.broadcast %r to [0, 1] : !rows -> !y
    %5 = dlc.mul %3, %4 : !y
    dlc.return %5 : !y
  }
  // Along one of the free dimensions: a kernel of its own.
  // CHECK-LABEL: @part
  // CHECK: dlc.kernel contract
  // CHECK: dlc.kernel pointwise
  dlc.entry @part(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"},
      %b: !last {dlc.name = "b"}) -> (!y {dlc.name = "y"}) {
    %0 = dlc.contract %x, %w reduce [2] x [0] : (!x, !w) -> !y
    %1 = dlc.broadcast %b to [3] : !last -> !y
    %2 = dlc.add %0, %1 : !y
    dlc.return %2 : !y
  }
}
