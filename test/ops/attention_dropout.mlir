// Attention that drops weights, by bits that its gradient and all gradients of that draw again.
// RUN: dlc check %s --bind B=2 --bind S=1,7 --bind T=0,5 --gradients
// RUN: dlc check %s --bind B=1 --bind S=70 --bind T=600

!q = tensor<?x?x2x3xf32, #dlc.dims<[B, S, 2, 3]>>
!k = tensor<?x?x2x3xf32, #dlc.dims<[B, T, 2, 3]>>
!v = tensor<?x?x2x4xf32, #dlc.dims<[B, T, 2, 4]>>
!y = tensor<?x?x2x4xf32, #dlc.dims<[B, S, 2, 4]>>
!lse = tensor<?x?x2xf32, #dlc.dims<[B, S, 2]>>
!mask = tensor<?x?xi1, #dlc.dims<[B, T]>>
!added = tensor<?x?xf32, #dlc.dims<[S, T]>>
!key = tensor<2xi64>
!n = tensor<2x9x8xbf16>
!nlse = tensor<2x9xf32>
!d = tensor<2x9x8xf64>
!dlse = tensor<2x9xf64>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<S, min = 0>,
    #dlc.symbol<T, min = 0>]} {
  dlc.entry @masked(%q: !q {dlc.name = "q"}, %k: !k {dlc.name = "k"}, %v: !v {dlc.name = "v"},
      %m: !mask {dlc.name = "m"}, %r: !key {dlc.name = "r"})
      -> (!y {dlc.name = "y"}, !lse {dlc.name = "lse"}) {
    %y, %lse = dlc.attention %q, %k, %v mask %m over [0, 3] drop 0.25 by %r axis 1 scale 0.5
        : (!q, !k, !v, !mask, !key) -> (!y, !lse)
    dlc.return %y, %lse : !y, !lse
  }
  dlc.entry @causal(%q: !q {dlc.name = "q"}, %k: !k {dlc.name = "k"}, %v: !v {dlc.name = "v"},
      %r: !key {dlc.name = "r"}) -> (!y {dlc.name = "y"}) {
    %y, %lse = dlc.attention %q, %k, %v drop 0.5 by %r causal axis 1 scale 0.5
        : (!q, !k, !v, !key) -> (!y, !lse)
    dlc.return %y : !y
  }
  dlc.entry @added_mask(%q: !q {dlc.name = "q"}, %k: !k {dlc.name = "k"}, %v: !v {dlc.name = "v"},
      %m: !added {dlc.name = "m"}, %r: !key {dlc.name = "r"}) -> (!y {dlc.name = "y"}) {
    %y, %lse = dlc.attention %q, %k, %v mask %m over [2, 3] drop 0.5 by %r axis 1 scale 0.5
        : (!q, !k, !v, !added, !key) -> (!y, !lse)
    dlc.return %y : !y
  }
  dlc.entry @gradient(%q: !q {dlc.name = "q"}, %k: !k {dlc.name = "k"}, %v: !v {dlc.name = "v"},
      %lse: !lse {dlc.name = "lse"}, %delta: !lse {dlc.name = "delta"}, %dy: !y {dlc.name = "dy"},
      %r: !key {dlc.name = "r"})
      -> (!q {dlc.name = "dq"}, !k {dlc.name = "dk"}, !v {dlc.name = "dv"}) {
    %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy drop 0.25 by %r causal axis 1
        scale 0.5 : (!q, !k, !v, !lse, !lse, !y, !key) -> (!q, !k, !v)
    dlc.return %dq, %dk, %dv : !q, !k, !v
  }
  // Nothing is dropped, though there is a key.
  dlc.entry @nothing(%q: !n {dlc.name = "q"}, %k: !n {dlc.name = "k"}, %v: !n {dlc.name = "v"},
      %r: !key {dlc.name = "r"}) -> (!n {dlc.name = "y"}, !nlse {dlc.name = "lse"}) {
    %y, %lse = dlc.attention %q, %k, %v drop 0.0 by %r axis 1 scale 0.5
        : (!n, !n, !n, !key) -> (!n, !nlse)
    dlc.return %y, %lse : !n, !nlse
  }
  dlc.entry @chain(%q: !d {dlc.name = "q"}, %k: !d {dlc.name = "k"}, %v: !d {dlc.name = "v"},
      %delta: !dlse {dlc.name = "delta"}, %dy: !d {dlc.name = "dy"}, %r: !key {dlc.name = "r"})
      -> (!d {dlc.name = "y"}, !d {dlc.name = "dq"}, !d {dlc.name = "dk"}, !d {dlc.name = "dv"}) {
    %y, %lse = dlc.attention %q, %k, %v drop 0.9 by %r axis 1 scale 0.5
        : (!d, !d, !d, !key) -> (!d, !dlse)
    %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy drop 0.9 by %r axis 1
        scale 0.5 : (!d, !d, !d, !dlse, !dlse, !d, !key) -> (!d, !d, !d)
    dlc.return %y, %dq, %dk, %dv : !d, !d, !d, !d
  }
}
