// Products of one input by ten weights: each is one tile, which one thread computes, and none needs
// another. Two chains of kernels that may run at the same time, as a chain has at most eight; the
// last weight is assigned in place, which its reader must not meet.
!x = tensor<?x8192xf32, #dlc.dims<[B, 8192]>>
!y = tensor<?x16xf32, #dlc.dims<[B, 16]>>
!W = tensor<8192x16xf32>
module @together attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @w0 weight : !W
dlc.variable @w1 weight : !W
dlc.variable @w2 weight : !W
dlc.variable @w3 weight : !W
dlc.variable @w4 weight : !W
dlc.variable @w5 weight : !W
dlc.variable @w6 weight : !W
dlc.variable @w7 weight : !W
dlc.variable @w8 weight : !W
dlc.variable @w9 weight : !W
dlc.entry @step(%x: !x {dlc.name = "x"}, %w0: !W {dlc.state = @w0}, %w1: !W {dlc.state = @w1},
    %w2: !W {dlc.state = @w2}, %w3: !W {dlc.state = @w3}, %w4: !W {dlc.state = @w4},
    %w5: !W {dlc.state = @w5}, %w6: !W {dlc.state = @w6}, %w7: !W {dlc.state = @w7},
    %w8: !W {dlc.state = @w8}, %w9: !W {dlc.state = @w9})
    -> (!y {dlc.name = "y0"}, !y {dlc.name = "y1"}, !y {dlc.name = "y2"}, !y {dlc.name = "y3"},
    !y {dlc.name = "y4"}, !y {dlc.name = "y5"}, !y {dlc.name = "y6"}, !y {dlc.name = "y7"},
    !y {dlc.name = "y8"}, !y {dlc.name = "y9"}, !W {dlc.state = @w9}) {
  %0 = dlc.contract %x, %w0 reduce [1] x [0] : (!x, !W) -> !y
  %1 = dlc.contract %x, %w1 reduce [1] x [0] : (!x, !W) -> !y
  %2 = dlc.contract %x, %w2 reduce [1] x [0] : (!x, !W) -> !y
  %3 = dlc.contract %x, %w3 reduce [1] x [0] : (!x, !W) -> !y
  %4 = dlc.contract %x, %w4 reduce [1] x [0] : (!x, !W) -> !y
  %5 = dlc.contract %x, %w5 reduce [1] x [0] : (!x, !W) -> !y
  %6 = dlc.contract %x, %w6 reduce [1] x [0] : (!x, !W) -> !y
  %7 = dlc.contract %x, %w7 reduce [1] x [0] : (!x, !W) -> !y
  %8 = dlc.contract %x, %w8 reduce [1] x [0] : (!x, !W) -> !y
  %9 = dlc.contract %x, %w9 reduce [1] x [0] : (!x, !W) -> !y
  %new = dlc.add %w9, %w9 : !W
  dlc.return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %new :
      !y, !y, !y, !y, !y, !y, !y, !y, !y, !y, !W
}}
