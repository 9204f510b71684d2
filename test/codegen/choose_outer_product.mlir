// An outer product that no cache keeps is written past them where another kernel reads it next; the
// caller finds what it is given in the cache.
//
// RUN: dlc-opt %s --dlc-choose-schedules=cpu=x86-64-v4 | FileCheck %s
!x = tensor<1x1021xf32>
!dy = tensor<1x4112xf32>
!dw = tensor<1021x4112xf32>
!small = tensor<1x784xf32>
!dv = tensor<1021x784xf32>
module {
// CHECK-LABEL: @returned contract symbols [] schedules
// CHECK-SAME:    [#dlc.gemm<tile = [1, 64], row_tiles = 1, split = m>]
dlc.kernel_func @returned contract symbols [] {
^bb0(%x: !x, %dy: !dy):
  %dw = dlc.contract %x, %dy reduce [0] x [0] : (!x, !dy) -> !dw
  dlc.yield %dw : !dw
}
// CHECK-LABEL: @read_on contract symbols [] schedules
// CHECK-SAME:    [#dlc.gemm<tile = [1, 64], row_tiles = 1, split = m, store_around = 16777216>]
dlc.kernel_func @read_on contract symbols [] {
^bb0(%dy: !dy, %x: !x):
  %dw = dlc.contract %x, %dy reduce [0] x [0] : (!x, !dy) -> !dw
  dlc.yield %dw : !dw
}
// CHECK-LABEL: @fits contract symbols [] schedules
// CHECK-SAME:    [#dlc.gemm<tile = [1, 64], row_tiles = 1, split = m>]
dlc.kernel_func @fits contract symbols [] {
^bb0(%x: !x, %dy: !small):
  %dw = dlc.contract %x, %dy reduce [0] x [0] : (!x, !small) -> !dv
  dlc.yield %dw : !dv
}
dlc.kernel_func @reads pointwise symbols [] {
^bb0(%a: !dw):
  %y = dlc.neg %a : !dw
  dlc.yield %y : !dw
}
dlc.kernel_func @reads_small pointwise symbols [] {
^bb0(%a: !dv):
  %y = dlc.neg %a : !dv
  dlc.yield %y : !dv
}
dlc.entry @step(%x: !x {dlc.name = "x"}, %dy: !dy {dlc.name = "dy"}, %ds: !small {dlc.name = "ds"})
    -> (!dw {dlc.name = "a"}, !dw {dlc.name = "b"}, !dv {dlc.name = "c"}) {
  %0 = dlc.dispatch @returned(%x, %dy) : (!x, !dy) -> !dw
  %1 = dlc.dispatch @read_on(%dy, %x) : (!dy, !x) -> !dw
  %2 = dlc.dispatch @reads(%1) : (!dw) -> !dw
  %3 = dlc.dispatch @fits(%x, %ds) : (!x, !small) -> !dv
  %4 = dlc.dispatch @reads_small(%3) : (!dv) -> !dv
  dlc.return %0, %2, %4 : !dw, !dw, !dv
}
}
