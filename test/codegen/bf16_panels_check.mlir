// Weights of bf16 are kept in panels whose rows are pairs, whichever way they are read; an odd number
// of rows has single ones. Results are the evaluator's, on processors with and without an instruction
// for pairs.
//
// RUN: dlc compile %s --dump-after=dlc-layout-variables -o %t.dlca 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: dlc check %s --bind B=0,1,7,33 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=x86-64-v3 --emit=asm -o %t.single
// RUN: not grep vdpbf16ps %t.single

// FORM-DAG: dlc.variable @w.panels derived : tensor<4x35x128xbf16>
// FORM-DAG: dlc.variable @w.transposed_panels derived : tensor<2x100x128xbf16>
// FORM-DAG: dlc.variable @odd.panels derived : tensor<4x515x64xbf16>
// FORM-DAG: dlc.variable @heads.transposed_panels derived : tensor<2x50x128xbf16>
// CHECK: 0 failures
!x = tensor<?x70xbf16, #dlc.dims<[B, 70]>>
!y = tensor<?x200xbf16, #dlc.dims<[B, 200]>>
!z = tensor<?x515xbf16, #dlc.dims<[B, 515]>>
!k = tensor<?x25x4xbf16, #dlc.dims<[B, 25, 4]>>
!w = tensor<70x200xbf16>
!o = tensor<515x200xbf16>
!p = tensor<70x25x4xbf16>
module @panels attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.variable @w weight : !w
dlc.variable @odd weight : !o
dlc.variable @heads weight : !p
dlc.entry @predict(%x: !x {dlc.name = "x"}, %z: !z {dlc.name = "z"}, %h: !k {dlc.name = "h"}, %w: !w {dlc.state = @w}, %o: !o {dlc.state = @odd}, %p: !p {dlc.state = @heads}) -> (!y {dlc.name = "y"}, !x {dlc.name = "dx"}, !y {dlc.name = "single"}, !x {dlc.name = "merged"}) {
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  %dx = dlc.contract %y, %w reduce [1] x [1] : (!y, !w) -> !x
  %single = dlc.contract %z, %o reduce [1] x [0] : (!z, !o) -> !y
  %merged = dlc.contract %h, %p reduce [1, 2] x [1, 2] : (!k, !p) -> !x
  dlc.return %y, %dx, %single, %merged : !y, !x, !y, !x
}
}
