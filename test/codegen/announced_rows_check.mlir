// A pointwise convolution that is added to another tensor asks for a row of that and of the result
// at a time, into L2, while it multiplies, and not for all rows of a tile before: four lines of
// each.
//
// RUN: dlc check %s --bind B=1,3 2>&1 | FileCheck %s
// RUN: dlc check %s --bind B=2 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=x86-64-v4 --bind B=1 --emit=asm -o %t.s
// RUN: FileCheck %s --check-prefix=CODE < %t.s

// CHECK: 0 failures

// Tiles of six rows, and of five.
// CODE-COUNT-8: prefetcht1 {{.*}},4)
// CODE: vfmadd
// CODE-COUNT-8: prefetcht1 {{.*}},4)
// CODE-NOT: prefetcht1 {{.*}},4)

!x = tensor<?x9x7x61xf32, #dlc.dims<[B, 9, 7, 61]>>
!y = tensor<?x9x7x192xf32, #dlc.dims<[B, 9, 7, 192]>>
!F = tensor<1x1x61x192xf32>
module @announced attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @F weight : !F
dlc.entry @conv(%x: !x {dlc.name = "x"}, %F: !F {dlc.state = @F}, %r: !y {dlc.name = "r"})
    -> (!y {dlc.name = "y"}) {
  %0 = dlc.conv %x, %F strides [1, 1] low [0, 0] high [0, 0] dilations [1, 1] groups 1
    : (!x, !F) -> !y
  %1 = dlc.add %0, %r : !y
  dlc.return %1 : !y
}
}
