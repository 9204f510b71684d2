// One dense layer, so small at batch 1 that what surrounds its kernel would show.
!x = tensor<?x64xf32, #dlc.dims<[B, 64]>>
!y = tensor<?x10xf32, #dlc.dims<[B, 10]>>
!W = tensor<64x10xf32>
!b = tensor<10xf32>
module @one_layer attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @"dense/kernel" weight : !W
dlc.variable @"dense/bias" weight : !b
dlc.entry @predict(%x: !x {dlc.name = "x"}, %W: !W {dlc.state = @"dense/kernel"},
                   %b: !b {dlc.state = @"dense/bias"}) -> (!y {dlc.name = "y"}) {
  %0 = dlc.contract %x, %W reduce [1] x [0] : (!x, !W) -> !y
  %1 = dlc.broadcast %b to [1] : !b -> !y
  %2 = dlc.add %0, %1 : !y
  dlc.return %2 : !y
}}
