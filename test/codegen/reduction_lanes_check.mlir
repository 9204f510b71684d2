// Dense layers of few outputs: lanes run along the reduction. Rows and steps that fill no tile,
// columns in two parts, one column, a weight that lies the other way round, an epilogue in a rolled
// loop, panels of pairs, any number of rows.
// RUN: dlc check %s --bind B=0,1,2,7,33,64 --threads 1 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc check %s --bind B=33,64 --threads 2 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc-opt %s --dlc-form-kernels --dlc-outline-kernels --dlc-choose-schedules=cpu=znver4 | FileCheck %s

// RESULTS: 0 failures
// CHECK-DAG: #dlc.gemm<tile = [2, 10], row_tiles = 16, split = m, b = pack, lanes = reduction>
// CHECK-DAG: #dlc.gemm<tile = [4, 6], row_tiles = 8, split = m, b = pack, lanes = reduction>
// CHECK-DAG: #dlc.gemm<tile = [8, 1], row_tiles = 4, split = m, lanes = reduction>
// CHECK-DAG: #dlc.gemm<tile = [8, 3], row_tiles = 4, split = m, lanes = reduction>
// CHECK-DAG: #dlc.gemm<tile = [2, 9], row_tiles = 16, split = m, b = pack, lanes = reduction>
// CHECK-DAG: #dlc.gemm<tile = [2, 10, 2], row_tiles = 16, split = m, b = pack, lanes = reduction>

!x = tensor<?x517xf32, #dlc.dims<[B, 517]>>
!big = tensor<?x3x2x150xf32, #dlc.dims<[B, 3, 2, 150]>>
!h = tensor<?x518xbf16, #dlc.dims<[B, 518]>>
!d = tensor<?x130xf64, #dlc.dims<[B, 130]>>
!y1 = tensor<?x1xf32, #dlc.dims<[B, 1]>>
!y3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!y5 = tensor<?x5xf64, #dlc.dims<[B, 5]>>
!y10 = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!y12 = tensor<?x3x12xf32, #dlc.dims<[B, 3, 12]>>
!y17 = tensor<?x17xf32, #dlc.dims<[B, 17]>>
!yh = tensor<?x10xbf16, #dlc.dims<[B, 10]>>
module @reduction_lanes attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @ten(%x: !x {dlc.name = "x"}, %w: tensor<517x10xf32> {dlc.name = "w"}, %b: tensor<10xf32> {dlc.name = "b"})
    -> (!y10 {dlc.name = "r"}) {
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, tensor<517x10xf32>) -> !y10
  %c = dlc.broadcast %b to [1] : tensor<10xf32> -> !y10
  %s = dlc.add %y, %c : !y10
  %r = dlc.relu %s : !y10
  dlc.return %r : !y10
}
dlc.entry @one(%x: !x {dlc.name = "x"}, %w: tensor<517x1xf32> {dlc.name = "w"}) -> (!y1 {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!x, tensor<517x1xf32>) -> !y1
  dlc.return %r : !y1
}
dlc.entry @three(%x: !x {dlc.name = "x"}, %w: tensor<3x517xf32> {dlc.name = "w"}) -> (!y3 {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [1] : (!x, tensor<3x517xf32>) -> !y3
  dlc.return %r : !y3
}
dlc.entry @parts(%x: !big {dlc.name = "x"}, %w: tensor<2x150x12xf32> {dlc.name = "w"}) -> (!y12 {dlc.name = "r"}) {
  %y = dlc.contract %x, %w reduce [2, 3] x [0, 1] : (!big, tensor<2x150x12xf32>) -> !y12
  %r = dlc.tanh %y : !y12
  dlc.return %r : !y12
}
dlc.entry @past_a_vector(%x: !x {dlc.name = "x"}, %w: tensor<517x17xf32> {dlc.name = "w"}) -> (!y17 {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!x, tensor<517x17xf32>) -> !y17
  dlc.return %r : !y17
}
dlc.entry @doubles(%x: !d {dlc.name = "x"}, %w: tensor<130x5xf64> {dlc.name = "w"}) -> (!y5 {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!d, tensor<130x5xf64>) -> !y5
  dlc.return %r : !y5
}
dlc.entry @halves(%x: !h {dlc.name = "x"}, %w: tensor<518x10xbf16> {dlc.name = "w"}) -> (!yh {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!h, tensor<518x10xbf16>) -> !yh
  dlc.return %r : !yh
}
dlc.variable @weight weight : tensor<518x10xbf16>
dlc.entry @pairs(%x: !h {dlc.name = "x"}, %w: tensor<518x10xbf16> {dlc.state = @weight}) -> (!yh {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!h, tensor<518x10xbf16>) -> !yh
  dlc.return %r : !yh
}
}
