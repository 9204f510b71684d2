// Results of 16-bit floats whose last vector has one lane: exactly that is written. With two threads,
// or rows in any other order, nothing else would put right what a wider store does to the next row.
// RUN: dlc check %s --bind B=1,4,5,24 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=znver4 --emit=asm -o %t
// RUN: FileCheck %s --check-prefix=ASM < %t

// CHECK: 0 failures
// ASM-NOT: vmovd {{.*}}, {{[0-9]*}}(%
// ASM: {{vpextrw|movw}}
!x = tensor<?x40xf32, #dlc.dims<[B, 40]>>
!c = tensor<?x33xf32, #dlc.dims<[B, 33]>>
!y = tensor<?x33xbf16, #dlc.dims<[B, 33]>>
module @single_lane attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.entry @predict(%x: !x {dlc.name = "x"}, %w: tensor<40x33xf32> {dlc.name = "w"}) -> (!y {dlc.name = "y"}) {
  %c = dlc.contract %x, %w reduce [1] x [0] : (!x, tensor<40x33xf32>) -> !c
  %y = dlc.cast %c : !c -> !y
  dlc.return %y : !y
}
}
