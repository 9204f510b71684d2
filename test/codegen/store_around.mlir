// Results that no cache keeps are written past the caches, and hold the same.
//
// RUN: dlc check %s --threads 1 2>&1 | FileCheck %s --check-prefix=SAME
// RUN: dlc check %s --threads 2 2>&1 | FileCheck %s --check-prefix=SAME
// RUN: dlc compile %s --cpu=x86-64-v4 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s
// RUN: sed 's/, store_around = 1>/>/' %s > %t.plain.mlir
// RUN: dlc compile %t.plain.mlir --cpu=x86-64-v4 --emit=asm -o %t.plain.s
// RUN: FileCheck %s --check-prefix=PLAIN < %t.plain.s

// SAME: 0 failures
// CODE: vmovntps
// CODE: sfence
// PLAIN-NOT: vmovnt
!t = tensor<70x48xf32>
!c = tensor<48xf32>
!x = tensor<2x8x6x16xf32>
!y = tensor<2x4x3x16xf32>
!w = tensor<2x4x3x16xi8>
module @around {
// Rows, whose exponentials wait in a row of their own.
dlc.entry @rows(%x: !t {dlc.name = "x"}) -> (!t {dlc.name = "y"}) {
  %y = dlc.kernel reduce(%x) schedules [
      #dlc.stream<tile_bytes = 4096, map_unroll = 2, reduce_unroll = 2, chunk_rows = 64,
                  chunk_elements = 1024, column_vectors = 2, store_around = 1>] : (!t) -> !t {
  ^bb0(%a: !t):
    %m = dlc.reduce_max %a over [1] : !t -> tensor<70xf32>
    %mb = dlc.broadcast %m to [0] : tensor<70xf32> -> !t
    %d = dlc.sub %a, %mb : !t
    %e = dlc.exp %d : !t
    %s = dlc.sum %e over [1] : !t -> tensor<70xf32>
    %sb = dlc.broadcast %s to [0] : tensor<70xf32> -> !t
    %r = dlc.div %e, %sb : !t
    dlc.yield %r : !t
  }
  dlc.return %y : !t
}
// Elements as they lie, in tiles; rows beside whose columns sums are taken; windows.
dlc.entry @others(%x: !t {dlc.name = "x"}, %c: !c {dlc.name = "c"}, %w: !x {dlc.name = "w"}, %dy: !y {dlc.name = "dy"})
    -> (!t {dlc.name = "n"}, !t {dlc.name = "p"}, !c {dlc.name = "s"}, !y {dlc.name = "y"}, !x {dlc.name = "dw"}) {
  %n = dlc.kernel pointwise(%x) schedules [
      #dlc.stream<tile_bytes = 4096, map_unroll = 2, reduce_unroll = 2, chunk_rows = 64,
                  chunk_elements = 1024, column_vectors = 2, store_around = 1>] : (!t) -> !t {
  ^bb0(%a: !t):
    %r = dlc.tanh %a : !t
    dlc.yield %r : !t
  }
  %p, %s = dlc.kernel reduce(%x, %c) schedules [
      #dlc.stream<tile_bytes = 4096, map_unroll = 2, reduce_unroll = 2, chunk_rows = 16,
                  chunk_elements = 1024, column_vectors = 2, store_around = 1>] : (!t, !c) -> (!t, !c) {
  ^bb0(%a: !t, %b: !c):
    %bb = dlc.broadcast %b to [1] : !c -> !t
    %r = dlc.mul %a, %bb : !t
    %q = dlc.sum %r over [0] : !t -> !c
    dlc.yield %r, %q : !t, !c
  }
  %y, %k = dlc.kernel window(%w) schedules [
      #dlc.stream<tile_bytes = 4096, map_unroll = 2, reduce_unroll = 2, chunk_rows = 16,
                  chunk_elements = 1024, column_vectors = 2, store_around = 1>] : (!x) -> (!y, !w) {
  ^bb0(%a: !x):
    %r = dlc.max_pool %a window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !y
    %q = dlc.max_pool_winners %a window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!x) -> !w
    dlc.yield %r, %q : !y, !w
  }
  %dw = dlc.kernel window(%k, %dy) schedules [
      #dlc.stream<tile_bytes = 4096, map_unroll = 2, reduce_unroll = 2, chunk_rows = 16,
                  chunk_elements = 1024, column_vectors = 2, store_around = 1>] : (!w, !y) -> !x {
  ^bb0(%a: !w, %b: !y):
    %r = dlc.max_pool_scatter %a, %b window [2, 2] strides [2, 2] low [0, 0] high [0, 0] : (!w, !y) -> !x
    dlc.yield %r : !x
  }
  dlc.return %n, %p, %s, %y, %dw : !t, !t, !c, !y, !x
}
}
