// Ops that give back one of their operands, or its magnitude, have nothing to round in bf16: the
// upper half of what was computed in f32 is the result, whatever the numbers.
//
// RUN: dlc check %s --bind B=0,1,37 --threads 2 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=znver4 --emit=asm -o %t.s && FileCheck %s --check-prefix=ASM < %t.s

// CHECK: 0 failures
// ASM-NOT: vcvtneps2bf16

!x = tensor<?x37xbf16, #dlc.dims<[B, 37]>>
!v = tensor<11xbf16>
module @exact attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @random(%x: !x {dlc.name = "x"}, %y: !x {dlc.name = "y"}) -> (!x {dlc.name = "r"}, !x {dlc.name = "a"}, !x {dlc.name = "n"}, !x {dlc.name = "m"}, !x {dlc.name = "l"}) {
  %r = dlc.relu %x : !x
  %a = dlc.abs %x : !x
  %n = dlc.neg %x : !x
  %m = dlc.max %x, %y : !x
  %l = dlc.min %x, %y : !x
  dlc.return %r, %a, %n, %m, %l : !x, !x, !x, !x, !x
}
// Both zeros, a subnormal of each sign, numbers, infinities, NaN.
dlc.entry @special(%y: !v {dlc.name = "y"}) -> (!v {dlc.name = "r"}, !v {dlc.name = "a"}, !v {dlc.name = "n"}, !v {dlc.name = "m"}, !v {dlc.name = "l"}) {
  %x = dlc.constant dense<[0.0, -0.0, -1.0e-39, -1.0, -2.5, -3.0e38, 1.0, 1.0e-39, 0x7F80, 0xFF80, 0x7FC0]> : !v
  %r = dlc.relu %x : !v
  %a = dlc.abs %x : !v
  %n = dlc.neg %x : !v
  %m = dlc.max %x, %y : !v
  %l = dlc.min %y, %x : !v
  dlc.return %r, %a, %n, %m, %l : !v, !v, !v, !v, !v
}
}
