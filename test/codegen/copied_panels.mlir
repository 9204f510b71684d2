// Dense layers for processors with few registers: tiles of 16 columns read one line of four in the
// panels of a weight, so threads copy the columns that they are about to read, where rows are enough
// to pay for it. In one block of all steps, whichever way the pieces of work follow each other.
// RUN: dlc-opt %s --dlc-layout-variables --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=x86-64-v3 -o %t.mlir
// RUN: FileCheck %s < %t.mlir
// RUN: dlc-opt %s --dlc-layout-variables --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=x86-64-v4 \
// RUN:   | FileCheck %s --check-prefix=OTHERS

// CHECK: contract
// CHECK-SAME: #dlc.when<B in [0, 1], #dlc.gemv<tile = [1, 32], b = panels>>
// CHECK-SAME: #dlc.when<B in [0, 24], #dlc.gemm<tile = [6, 16], row_tiles = 16, split = n, b = panels>>
// CHECK-SAME: #dlc.gemm<tile = [6, 16], row_tiles = 64, b = pack, reduce_block = 624>
// CHECK: #dlc.gemm<tile = [6, 16], row_tiles = 16, split = n, b = pack>
// OTHERS-NOT: b = pack

!x = tensor<?x610xf32, #dlc.dims<[B, 610]>>
!y = tensor<?x150xf32, #dlc.dims<[B, 150]>>
!w = tensor<610x150xf32>
!c = tensor<150xf32>
!many = tensor<130x610xf32>
!sums = tensor<130x150xf32>
module @copied_panels attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @w weight : !w
dlc.entry @a_any_rows(%x: !x {dlc.name = "x"}, %w: !w {dlc.state = @w}, %c: !c {dlc.name = "c"}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  %1 = dlc.broadcast %c to [1] : !c -> !y
  %2 = dlc.add %0, %1 : !y
  %3 = dlc.relu %2 : !y
  dlc.return %3 : !y
}
dlc.entry @b_known_rows(%x: !many {dlc.name = "x"}, %w: !w {dlc.state = @w}) -> (!sums {dlc.name = "y"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!many, !w) -> !sums
  dlc.return %0 : !sums
}
}
