// A filter of many columns is fetched ahead of the tiles that read it, in parts of a tap of the
// outermost dimension where the columns of a tile do not stay in L2; sums wait on the stack. Of a
// known height, minimal filtering would compute most of them.
//
// RUN: dlc check %s --bind B=1,3 --bind H=5 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=6 --bind H=5 --seed 3 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=x86-64-v4 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s
// RUN: sed 's/458/200/g' %s > %t.small.mlir
// RUN: dlc compile %t.small.mlir --cpu=x86-64-v4 --emit=asm -o %t.small.s
// RUN: FileCheck %s --check-prefix=SMALL < %t.small.s

// CHECK: 0 failures

// CODE: subq ${{[0-9][0-9][0-9][0-9][0-9]}}, %rsp
// CODE: prefetcht1
// SMALL-NOT: subq ${{[0-9][0-9][0-9][0-9][0-9]}}, %rsp
// SMALL: prefetcht1

!x = tensor<?x?x7x458xf32, #dlc.dims<[B, H, 7, 458]>>
!y = tensor<?x?x7x130xf32, #dlc.dims<[B, H, 7, 130]>>
!F = tensor<3x3x458x130xf32>
!c = tensor<130xf32>
module @ahead attributes {dlc.symbols = [#dlc.symbol<B, min = 1>, #dlc.symbol<H, min = 1>]} {
dlc.variable @F weight : !F
dlc.entry @conv(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %b: !c {dlc.name = "b"})
    -> (!y {dlc.name = "y"}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %1 = dlc.broadcast %b to [3] : !c -> !y
  %2 = dlc.add %0, %1 : !y
  %3 = dlc.relu %2 : !y
  dlc.return %3 : !y
}
}
