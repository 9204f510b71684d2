// A schedule given by hand: it stays, it decides the code, and the results are the evaluator's.
//
// RUN: dlc check %s --bind B=0,1,2,3,7,20 --threads 1 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=0,1,2,3,7,20 --threads 2 2>&1 | FileCheck %s
//
// RUN: dlc compile %s --cpu=x86-64-v3 --emit=asm -o %t.given
// RUN: sed 's/tile = \[3, 16\]/tile = [2, 32]/' %s > %t.wide.mlir
// RUN: dlc check %t.wide.mlir --bind B=0,1,2,3,7,20 2>&1 | FileCheck %s
// RUN: dlc compile %t.wide.mlir --cpu=x86-64-v3 --emit=asm -o %t.wide
// RUN: not cmp -s %t.given %t.wide
//
// A tile that a machine has no registers for is an error of that machine alone.
// RUN: sed 's/tile = \[3, 16\]/tile = [6, 64]/' %s > %t.large.mlir
// RUN: not dlc compile %t.large.mlir --cpu=x86-64-v3 -o %t.dlca 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: dlc compile %t.large.mlir --cpu=x86-64-v4 -o %t.dlca
//
// What an artifact was made by can be read from it.
// RUN: dlc compile %s --cpu=x86-64-v4 --cpu=x86-64-v3 -o %t.dlca
// RUN: dlc inspect %t.dlca --variant x86-64-v3 | FileCheck %s --check-prefix=INSPECT
//
// RUN: dlc compile %s --cpu=x86-64-v3 --dump-after=dlc-choose-schedules -o %t.dlca 2>&1 \
// RUN:   | FileCheck %s --check-prefix=DUMP

// CHECK: 0 failures
// LARGE: a tile of 6 x 64 needs more than the 16 vector registers of x86-64-v3
// INSPECT:     kernels: 2
// INSPECT-DAG:   by [#dlc.when<B in [0, 2], #dlc.gemv<tile = [2, 16]>>, #dlc.gemm<tile = [3, 16], row_tiles = 2>]
// INSPECT-DAG:   by [#dlc.stream<
// DUMP: dlc.kernel_func @k{{.*}} contract symbols ["B"] schedules [#dlc.when<B in [0, 2], #dlc.gemv<tile = [2, 16]>>, #dlc.gemm<tile = [3, 16], row_tiles = 2>]
!x = tensor<?x40xf32, #dlc.dims<[B, 40]>>
!w = tensor<40x70xf32>
!y = tensor<?x70xf32, #dlc.dims<[B, 70]>>
module @dense attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @predict(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"}) -> (!y {dlc.name = "y"}) {
  %r = dlc.relu %x : !x
  %s = dlc.softmax %r axis 1 : !x
  %y = dlc.kernel contract(%s, %w) schedules [
      #dlc.when<B in [0, 2], #dlc.gemv<tile = [2, 16]>>,
      #dlc.gemm<tile = [3, 16], row_tiles = 2>] : (!x, !w) -> !y {
  ^bb0(%a: !x, %b: !w):
    %c = dlc.contract %a, %b reduce [1] x [0] : (!x, !w) -> !y
    dlc.yield %c : !y
  }
  dlc.return %y : !y
}
}
