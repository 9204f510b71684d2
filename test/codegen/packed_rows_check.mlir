// A product of a batch reads its weight where that lies below 256 rows, and packs it from there on.
//
// RUN: dlc check %s --bind B=1,255,256 --threads 2 2>&1 | FileCheck %s

// CHECK: 0 failures

!x = tensor<?x516xf32, #dlc.dims<[B, 516]>>
!y = tensor<?x260xf32, #dlc.dims<[B, 260]>>
module @packed attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @run(%x: !x {dlc.name = "x"}, %w: tensor<516x260xf32> {dlc.name = "w"})
    -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %w reduce [1] x [0] : (!x, tensor<516x260xf32>) -> !y
  dlc.return %0 : !y
}
}
