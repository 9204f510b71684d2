// Products of bf16 where no instruction multiplies pairs: two neighbours of a row, or of two rows
// that lie side by side, come to every lane in one word; odd reductions and odd numbers of rows
// end with a number of their own. NaN and infinity are the evaluator's.
// RUN: dlc check %s --bind M=0,1,7,13 --threads 1 2>&1 | FileCheck %s --check-prefix=RESULTS
// RUN: dlc compile %s --cpu=x86-64-v3 --emit=asm -o %t.v3
// RUN: FileCheck %s --check-prefix=WORDS < %t.v3

// RESULTS: 0 failures
// The first product's code, whose reduction is even: no number goes through a scalar register.
// WORDS: .p0:
// WORDS-NOT: {{vmovd[[:space:]]|movzwl}}
// WORDS: .p0:
!a = tensor<?x300xbf16, #dlc.dims<[M, 300]>>
!o = tensor<?x33xbf16, #dlc.dims<[M, 33]>>
!r = tensor<?x48xbf16, #dlc.dims<[M, 48]>>
!p = tensor<?x31xbf16, #dlc.dims<[M, 31]>>
!w = tensor<300x48xbf16>
module @words attributes {dlc.symbols = [#dlc.symbol<M, min = 0>]} {
dlc.entry @forward(%x: !a {dlc.name = "x"}, %w: tensor<300x48xbf16> {dlc.name = "w"}) -> (!r {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!a, tensor<300x48xbf16>) -> !r
  dlc.return %r : !r
}
dlc.variable @weight weight : !w
dlc.entry @panels(%x: !a {dlc.name = "x"}, %w: !w {dlc.state = @weight}) -> (!r {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!a, !w) -> !r
  dlc.return %r : !r
}
dlc.entry @odd(%x: !o {dlc.name = "x"}, %w: tensor<33x48xbf16> {dlc.name = "w"}) -> (!r {dlc.name = "r"}) {
  %r = dlc.contract %x, %w reduce [1] x [0] : (!o, tensor<33x48xbf16>) -> !r
  dlc.return %r : !r
}
dlc.entry @rows(%x: !p {dlc.name = "x"}, %y: !r {dlc.name = "y"}) -> (tensor<31x48xf32> {dlc.name = "r"}) {
  %h = dlc.contract %x, %y reduce [0] x [0] : (!p, !r) -> tensor<31x48xbf16>
  %r = dlc.cast %h : tensor<31x48xbf16> -> tensor<31x48xf32>
  dlc.return %r : tensor<31x48xf32>
}
}
