// A weight gradient in bf16 over more rows than a block has: unfinished sums, in f32, wait on the
// stack, since the result cannot hold them. So do those of a long product.
//
// RUN: dlc compile %s --cpu=znver4 --dump-after=dlc-choose-schedules -o %t.dlca 2>&1 | FileCheck %s --check-prefix=SCHEDULE
// RUN: dlc check %s --bind B=6,1024,1025 --threads 2 2>&1 | FileCheck %s

// SCHEDULE: dlc.gemm<tile = [6, 64, 2], row_tiles = 64, b = pack, reduce_block = 1024>
// SCHEDULE: dlc.gemm<tile = [6, 64, 2], row_tiles = 64, b = pack, reduce_block = 864>
// CHECK: 0 failures

!x = tensor<?x17xbf16, #dlc.dims<[B, 17]>>
!y = tensor<?x195xbf16, #dlc.dims<[B, 195]>>
!w = tensor<17x195xbf16>
!l = tensor<9x1700xbf16>
!v = tensor<195x1700xbf16>
!z = tensor<9x195xbf16>
module @waiting attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @gradient(%x: !x {dlc.name = "x"}, %dy: !y {dlc.name = "dy"}) -> (!w {dlc.name = "dw"}) {
  %dw = dlc.contract %x, %dy reduce [0] x [0] : (!x, !y) -> !w
  dlc.return %dw : !w
}
dlc.entry @product(%x: !l {dlc.name = "x"}, %w: !v {dlc.name = "w"}) -> (!z {dlc.name = "y"}) {
  %y = dlc.contract %x, %w reduce [1] x [1] : (!l, !v) -> !z
  dlc.return %y : !z
}
}
