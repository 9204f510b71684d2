// Entries whose sizes stay open, for open_sizes.c: one that only its caller knows, one that the
// state fixes, and one that follows from an input's.
!x = tensor<?xf32, #dlc.dims<[B]>>
!h = tensor<?xf32, #dlc.dims<[(B + 1) floordiv 2]>>
!t = tensor<?x2xf32, #dlc.dims<[N, 2]>>
module @open_sizes attributes {
    dlc.symbols = [#dlc.symbol<B, min = 1>, #dlc.symbol<N, min = 1>]} {
dlc.variable @table weight : !t
dlc.entry @count() -> (!x {dlc.name = "y"}) {
  %y = dlc.iota 0 : !x
  dlc.return %y : !x
}
dlc.entry @twice(%t: !t {dlc.state = @table}) -> (!t {dlc.name = "y"}) {
  %y = dlc.add %t, %t : !t
  dlc.return %y : !t
}
dlc.entry @halves(%x: !x {dlc.name = "x"}) -> (!h {dlc.name = "y"}) {
  %y = dlc.slice %x from [0] to [B] by [2] : !x -> !h
  dlc.return %y : !h
}}
