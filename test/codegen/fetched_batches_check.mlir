// Products of many small matrices fetch what comes next while they multiply: a line of the columns
// that are turned around next in every step, and row by row the next rows of A beside those of the
// result. Tiles of six rows and of five, columns that are not full, bf16 in pairs, an odd reduction.
//
// RUN: dlc check %s --bind B=1,3 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=5 --seed 3 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=znver4 --bind B=200 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s
// RUN: dlc compile %s --cpu=znver4 --bind B=3 --emit=asm -o %t.near.s
// RUN: FileCheck %s --check-prefix=NEAR < %t.near.s

// CHECK: 0 failures

// The row of the result and of A four lines; then the steps, with a line of B. In pairs two of A.
// CODE-COUNT-4: prefetchw
// CODE-COUNT-4: prefetcht1
// CODE: prefetcht1
// CODE: vfmadd
// CODE: prefetchw
// CODE-COUNT-3: prefetcht1
// CODE: vdpbf16ps

// What stays in L2 is not fetched, but the result is.
// NEAR-NOT: prefetcht1
// NEAR: prefetchw
// NEAR-NOT: prefetcht1

!a = tensor<?x17x61xf32, #dlc.dims<[B, 17, 61]>>
!b = tensor<?x70x61xf32, #dlc.dims<[B, 70, 61]>>
!y = tensor<?x17x70xf32, #dlc.dims<[B, 17, 70]>>
!a16 = tensor<?x17x64xbf16, #dlc.dims<[B, 17, 64]>>
!b16 = tensor<?x70x64xbf16, #dlc.dims<[B, 70, 64]>>
!odd = tensor<?x70x61xbf16, #dlc.dims<[B, 70, 61]>>
!y16 = tensor<?x17x70xbf16, #dlc.dims<[B, 17, 70]>>
!square = tensor<?x70x70xbf16, #dlc.dims<[B, 70, 70]>>
module @fetched attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @full(%a: !a {dlc.name = "a"}, %b: !b {dlc.name = "b"}) -> (!y {dlc.name = "y"}) {
  %y = dlc.contract %a, %b batch [0] x [0] reduce [2] x [2] : (!a, !b) -> !y
  dlc.return %y : !y
}
dlc.entry @pairs(%a: !a16 {dlc.name = "a"}, %b: !b16 {dlc.name = "b"}) -> (!y16 {dlc.name = "y"}) {
  %y = dlc.contract %a, %b batch [0] x [0] reduce [2] x [2] : (!a16, !b16) -> !y16
  dlc.return %y : !y16
}
dlc.entry @odd(%a: !odd {dlc.name = "a"}, %b: !odd {dlc.name = "b"}) -> (!square {dlc.name = "y"}) {
  %y = dlc.contract %a, %b batch [0] x [0] reduce [2] x [2] : (!odd, !odd) -> !square
  dlc.return %y : !square
}
}
