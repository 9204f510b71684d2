// Which dispatches may run at the same time, and what that does to lifetimes.
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-plan-memory | FileCheck %s

!x = tensor<?x8xf32, #dlc.dims<[B, 8]>>
!w = tensor<8x8xf32>
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @w weight : !w

// A gradient by the input and one by the weights: neither reads what the other one writes, so the
// first one's result lives while the second is made, and what both read lives until both are done.
// CHECK-LABEL: dlc.entry @gradients
// CHECK-SAME: #dlc.buffer<temporary 0 bytes = <32*B> live = 1 to 2>
// CHECK-SAME: #dlc.buffer<temporary 0 bytes = <32*B> live = 2 to 3>
// CHECK-SAME: #dlc.buffer<temporary 0 bytes = <256> live = 2 to 3>
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: 0, 1, [[D:[0-9]+]]>} :
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: [[D]], 1, {{[0-9]+}}>, together} :
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: 0, [[D]], {{[0-9]+}}>} :
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: {{[0-9, ]+}}>} :
dlc.entry @gradients(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"})
    -> (tensor<f32> {dlc.name = "y"}) {
  %d = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !x
  %dx = dlc.contract %d, %w reduce [1] x [1] : (!x, !w) -> !x
  %dw = dlc.contract %x, %d reduce [0] x [0] : (!x, !x) -> !w
  %0 = dlc.contract %dx, %dw reduce [1] x [0] : (!x, !w) -> !x
  %1 = dlc.sum %0 over [0, 1] : !x -> tensor<f32>
  dlc.return %1 : tensor<f32>
}

// The new value takes the place of the old one, which the first kernel still reads.
// CHECK-LABEL: dlc.entry @assigns_what_another_reads
// CHECK-NOT: together
dlc.entry @assigns_what_another_reads(%x: !x {dlc.name = "x"}, %w: !w {dlc.state = @w})
    -> (!x {dlc.name = "y"}, !w {dlc.state = @w}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !x
  %1 = dlc.add %w, %w : !w
  dlc.return %0, %1 : !x, !w
}

// Eight at most, and none across a loop.
// CHECK-LABEL: dlc.entry @many
// CHECK-COUNT-7: together
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: {{[0-9, ]+}}>} :
// CHECK: dlc.dispatch {{.*}}, together} :
// CHECK: dlc.dispatch {{.*}} {buffers = array<i64: {{[0-9, ]+}}>} :
// CHECK: dlc.scan
// CHECK-NOT: together
dlc.entry @many(%w: !w {dlc.name = "w"}) -> (!w {dlc.name = "y0"}, !w {dlc.name = "y1"}, !w {dlc.name = "y2"},
    !w {dlc.name = "y3"}, !w {dlc.name = "y4"}, !w {dlc.name = "y5"}, !w {dlc.name = "y6"},
    !w {dlc.name = "y7"}, !w {dlc.name = "y8"}, !w {dlc.name = "y9"}, !w {dlc.name = "y10"}, !w {dlc.name = "y11"}) {
  %0 = dlc.contract %w, %w reduce [0] x [0] : (!w, !w) -> !w
  %1 = dlc.contract %w, %w reduce [1] x [0] : (!w, !w) -> !w
  %2 = dlc.contract %w, %w reduce [0] x [1] : (!w, !w) -> !w
  %3 = dlc.contract %w, %w reduce [1] x [1] : (!w, !w) -> !w
  %4 = dlc.contract %w, %w reduce [0] x [0] : (!w, !w) -> !w
  %5 = dlc.contract %w, %w reduce [1] x [0] : (!w, !w) -> !w
  %6 = dlc.contract %w, %w reduce [0] x [1] : (!w, !w) -> !w
  %7 = dlc.contract %w, %w reduce [1] x [1] : (!w, !w) -> !w
  %8 = dlc.contract %w, %w reduce [0] x [0] : (!w, !w) -> !w
  %9 = dlc.contract %w, %w reduce [1] x [0] : (!w, !w) -> !w
  %10 = dlc.scan inits(%w) xs() invariants() trip 3 : (!w) -> !w {
  ^bb0(%i: tensor<i64>, %c: !w):
    %n = dlc.contract %c, %c reduce [1] x [0] : (!w, !w) -> !w
    dlc.yield %n : !w
  }
  %11 = dlc.contract %w, %w reduce [1] x [0] : (!w, !w) -> !w
  dlc.return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11 : !w, !w, !w, !w, !w, !w, !w, !w, !w, !w, !w, !w
}
}
