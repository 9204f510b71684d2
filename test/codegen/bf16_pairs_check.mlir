// Contractions and convolutions of bf16 in all directions, with odd reductions and tails: results are
// the evaluator's, NaN and infinity included, and no instruction for pairs stands where there is none.
//
// RUN: dlc check %s --bind B=0,1,2,7,33 2>&1 | FileCheck %s
// RUN: dlc compile %s --cpu=znver4 --emit=asm -o %t.pairs
// RUN: FileCheck %s --check-prefix=PAIRS < %t.pairs
// RUN: dlc compile %s --cpu=x86-64-v4 --emit=asm -o %t.single
// RUN: not grep vdpbf16ps %t.single

// CHECK: 0 failures
// PAIRS: vdpbf16ps
!x = tensor<?x37xbf16, #dlc.dims<[B, 37]>>
!w = tensor<37x70xbf16>
!b = tensor<70xbf16>
!y = tensor<?x70xbf16, #dlc.dims<[B, 70]>>
!v = tensor<?x261xbf16, #dlc.dims<[B, 261]>>
!u = tensor<261x215xbf16>
!z = tensor<?x215xbf16, #dlc.dims<[B, 215]>>
!i = tensor<2x7x9x5xbf16>
!k = tensor<3x3x5x20xbf16>
!o = tensor<2x7x9x20xbf16>
!xg = tensor<2x7x9x24xbf16>
!fg = tensor<3x3x12x72xbf16>
!yg = tensor<2x7x9x72xbf16>
!ys = tensor<2x4x5x72xbf16>
module @pairs attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
dlc.entry @predict(%x: !x {dlc.name = "x"}, %w: !w {dlc.name = "w"}, %b: !b {dlc.name = "b"}) -> (!y {dlc.name = "y"}, !w {dlc.name = "dw"}, !x {dlc.name = "dx"}) {
  %y = dlc.contract %x, %w reduce [1] x [0] : (!x, !w) -> !y
  %c = dlc.broadcast %b to [1] : !b -> !y
  %s = dlc.add %y, %c : !y
  %r = dlc.relu %s : !y
  %dw = dlc.contract %x, %r reduce [0] x [0] : (!x, !y) -> !w
  %dx = dlc.contract %r, %w reduce [1] x [1] : (!y, !w) -> !x
  dlc.return %r, %dw, %dx : !y, !w, !x
}
// Many columns: each thread pairs those that it reads.
dlc.entry @wide(%x: !v {dlc.name = "x"}, %w: !u {dlc.name = "w"}) -> (!z {dlc.name = "y"}, !v {dlc.name = "dx"}) {
  %y = dlc.contract %x, %w reduce [1] x [0] : (!v, !u) -> !z
  %dx = dlc.contract %y, %w reduce [1] x [1] : (!z, !u) -> !v
  dlc.return %y, %dx : !z, !v
}
dlc.entry @conv(%x: !i {dlc.name = "x"}, %f: !k {dlc.name = "f"}) -> (!o {dlc.name = "y"}, !i {dlc.name = "dx"}, !k {dlc.name = "df"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!i, !k) -> !o
  %dx = dlc.conv_input_grad %y, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!o, !k) -> !i
  %df = dlc.conv_filter_grad %x, %y strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] : (!i, !o) -> !k
  dlc.return %y, %dx, %df : !o, !i, !k
}
// Filters in panels of pairs: a variable's, and those that a kernel packs.
dlc.variable @filter weight : !fg
dlc.entry @grouped(%x: !xg {dlc.name = "x"}, %g: !fg {dlc.name = "g"}, %f: !fg {dlc.state = @filter}) -> (!yg {dlc.name = "y"}, !ys {dlc.name = "s"}, !xg {dlc.name = "dx"}, !xg {dlc.name = "ds"}) {
  %y = dlc.conv %x, %f strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 2 : (!xg, !fg) -> !yg
  %s = dlc.conv %x, %g strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1] groups 2 : (!xg, !fg) -> !ys
  %dx = dlc.conv_input_grad %y, %g strides [1, 1] low [1, 1] high [1, 1] dilations [1, 1] groups 2 : (!yg, !fg) -> !xg
  %ds = dlc.conv_input_grad %s, %f strides [2, 2] low [1, 1] high [1, 1] dilations [1, 1] groups 2 : (!ys, !fg) -> !xg
  dlc.return %y, %s, %dx, %ds : !yg, !ys, !xg, !xg
}
}
