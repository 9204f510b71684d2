// Weight gradients of few outputs: lanes run along the rows of the result. Rows that fill no tile,
// one column, a square that is not full, an epilogue in a rolled loop, a batch of any size.
// RUN: dlc check %s --bind B=0,1,2,33 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=znver4 | FileCheck %s

// RESULTS: 0 failures
// CHECK-DAG: #dlc.gemm<tile = [32, 10], row_tiles = 4, split = m>
// CHECK-DAG: #dlc.gemm<tile = [64, 1], row_tiles = 4, split = m>
// CHECK-DAG: #dlc.gemm<tile = [16, 20], row_tiles = 4, split = m>
// CHECK-DAG: #dlc.gemm<tile = [64, 3], row_tiles = 4, split = m>

!x = tensor<?x70xf32, #dlc.dims<[B, 70]>>
!big = tensor<?x2x80xf32, #dlc.dims<[B, 2, 80]>>
!y1 = tensor<?x1xf32, #dlc.dims<[B, 1]>>
!y3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!y10 = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!y20 = tensor<?x20xf32, #dlc.dims<[B, 20]>>
module @few_columns attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @ten(%x: !x {dlc.name = "x"}, %y: !y10 {dlc.name = "y"}, %w: tensor<70x10xf32> {dlc.name = "w"})
    -> (tensor<70x10xf32> {dlc.name = "r"}) {
  %c = dlc.contract %x, %y reduce [0] x [0] : (!x, !y10) -> tensor<70x10xf32>
  %r = dlc.sub %w, %c : tensor<70x10xf32>
  dlc.return %r : tensor<70x10xf32>
}
dlc.entry @one(%x: !x {dlc.name = "x"}, %y: !y1 {dlc.name = "y"}) -> (tensor<70x1xf32> {dlc.name = "r"}) {
  %r = dlc.contract %x, %y reduce [0] x [0] : (!x, !y1) -> tensor<70x1xf32>
  dlc.return %r : tensor<70x1xf32>
}
dlc.entry @twenty(%x: !big {dlc.name = "x"}, %y: !y20 {dlc.name = "y"}) -> (tensor<2x80x20xf32> {dlc.name = "r"}) {
  %c = dlc.contract %x, %y reduce [0] x [0] : (!big, !y20) -> tensor<2x80x20xf32>
  %r = dlc.tanh %c : tensor<2x80x20xf32>
  dlc.return %r : tensor<2x80x20xf32>
}
dlc.entry @three(%x: !x {dlc.name = "x"}, %y: !y3 {dlc.name = "y"}) -> (tensor<70x3xf32> {dlc.name = "r"}) {
  %r = dlc.contract %x, %y reduce [0] x [0] : (!x, !y3) -> tensor<70x3xf32>
  dlc.return %r : tensor<70x3xf32>
}
}
