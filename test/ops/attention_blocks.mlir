// Attention and its gradient over several tiles and blocks of queries and keys.
// RUN: dlc check %s --bind B=2 --bind S=1,65 --bind T=64,1030
// RUN: dlc check %s --bind B=1 --bind S=520 --bind T=3

!f32_2_70_20 = tensor<2x70x20xf32>
!f32_2_67_20 = tensor<2x67x20xf32>
!f32_2_67_70 = tensor<2x67x70xf32>
!f32_2_70_70 = tensor<2x70x70xf32>
!f32_2_70 = tensor<2x70xf32>
!f32_1_2_13_64 = tensor<1x2x13x64xf32>
!f32_1_2_128_64 = tensor<1x2x128x64xf32>
!f32_1_2_13 = tensor<1x2x13xf32>
!i1_1_128 = tensor<1x128xi1>
!f32_B_S_2_16 = tensor<?x?x2x16xf32, #dlc.dims<[B, S, 2, 16]>>
!f32_B_T_2_16 = tensor<?x?x2x16xf32, #dlc.dims<[B, T, 2, 16]>>
!f32_B_T_2_48 = tensor<?x?x2x48xf32, #dlc.dims<[B, T, 2, 48]>>
!f32_B_S_2_48 = tensor<?x?x2x48xf32, #dlc.dims<[B, S, 2, 48]>>
!f32_B_S_2 = tensor<?x?x2xf32, #dlc.dims<[B, S, 2]>>
!f32_B_2_S_8 = tensor<?x2x?x8xf32, #dlc.dims<[B, 2, S, 8]>>
!f32_B_2_T_8 = tensor<?x2x?x8xf32, #dlc.dims<[B, 2, T, 8]>>
!f32_B_2_S = tensor<?x2x?xf32, #dlc.dims<[B, 2, S]>>
!i1_B_T = tensor<?x?xi1, #dlc.dims<[B, T]>>
!bf16_B_S_8 = tensor<?x?x8xbf16, #dlc.dims<[B, S, 8]>>
!bf16_B_T_8 = tensor<?x?x8xbf16, #dlc.dims<[B, T, 8]>>
!bf16_B_T_16 = tensor<?x?x16xbf16, #dlc.dims<[B, T, 16]>>
!bf16_B_S_16 = tensor<?x?x16xbf16, #dlc.dims<[B, S, 16]>>
!f32_B_S = tensor<?x?xf32, #dlc.dims<[B, S]>>
!bf16_S_T = tensor<?x?xbf16, #dlc.dims<[S, T]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<S, min = 0>,
    #dlc.symbol<T, min = 0>]} {
  dlc.entry @causal_tiles(%q: !f32_2_70_20 {dlc.name = "q"},
      %k: !f32_2_67_20 {dlc.name = "k"},
      %v: !f32_2_67_70 {dlc.name = "v"})
      -> (!f32_2_70_70 {dlc.name = "y"},
          !f32_2_70 {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v causal axis 1
        scale 0.5
        : (!f32_2_70_20, !f32_2_67_20, !f32_2_67_70)
        -> (!f32_2_70_70, !f32_2_70)
    dlc.return %oy, %olse : !f32_2_70_70, !f32_2_70
  }
  dlc.entry @one_block(%q: !f32_1_2_13_64 {dlc.name = "q"},
      %k: !f32_1_2_128_64 {dlc.name = "k"},
      %v: !f32_1_2_128_64 {dlc.name = "v"},
      %m: !i1_1_128 {dlc.name = "m"})
      -> (!f32_1_2_13_64 {dlc.name = "y"},
          !f32_1_2_13 {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [0, 3] axis 2
        scale 0.125
        : (!f32_1_2_13_64, !f32_1_2_128_64, !f32_1_2_128_64, !i1_1_128)
        -> (!f32_1_2_13_64, !f32_1_2_13)
    dlc.return %oy, %olse : !f32_1_2_13_64, !f32_1_2_13
  }
  dlc.entry @symbolic(%q: !f32_B_S_2_16 {dlc.name = "q"},
      %k: !f32_B_T_2_16 {dlc.name = "k"},
      %v: !f32_B_T_2_48 {dlc.name = "v"})
      -> (!f32_B_S_2_48 {dlc.name = "y"},
          !f32_B_S_2 {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v causal axis 1
        scale 0.5
        : (!f32_B_S_2_16, !f32_B_T_2_16, !f32_B_T_2_48)
        -> (!f32_B_S_2_48, !f32_B_S_2)
    dlc.return %oy, %olse : !f32_B_S_2_48, !f32_B_S_2
  }
  dlc.entry @padding(%q: !f32_B_2_S_8 {dlc.name = "q"},
      %k: !f32_B_2_T_8 {dlc.name = "k"},
      %v: !f32_B_2_T_8 {dlc.name = "v"},
      %m: !i1_B_T {dlc.name = "m"})
      -> (!f32_B_2_S_8 {dlc.name = "y"},
          !f32_B_2_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [0, 3] axis 2
        scale 0.5
        : (!f32_B_2_S_8, !f32_B_2_T_8, !f32_B_2_T_8, !i1_B_T)
        -> (!f32_B_2_S_8, !f32_B_2_S)
    dlc.return %oy, %olse : !f32_B_2_S_8, !f32_B_2_S
  }
  dlc.entry @narrow(%q: !bf16_B_S_8 {dlc.name = "q"},
      %k: !bf16_B_T_8 {dlc.name = "k"},
      %v: !bf16_B_T_16 {dlc.name = "v"},
      %m: !bf16_S_T {dlc.name = "m"})
      -> (!bf16_B_S_16 {dlc.name = "y"},
          !f32_B_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [1, 2] axis 1
        scale 0.5
        : (!bf16_B_S_8, !bf16_B_T_8, !bf16_B_T_16, !bf16_S_T)
        -> (!bf16_B_S_16, !f32_B_S)
    dlc.return %oy, %olse : !bf16_B_S_16, !f32_B_S
  }
  dlc.entry @gradient_causal_tiles(%q: !f32_2_70_20 {dlc.name = "q"},
      %k: !f32_2_67_20 {dlc.name = "k"},
      %v: !f32_2_67_70 {dlc.name = "v"},
      %lse: !f32_2_70 {dlc.name = "lse"},
      %delta: !f32_2_70 {dlc.name = "delta"},
      %dy: !f32_2_70_70 {dlc.name = "dy"})
      -> (!f32_2_70_20 {dlc.name = "dq"},
          !f32_2_67_20 {dlc.name = "dk"},
          !f32_2_67_70 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy causal axis 1
        scale 0.5
        : (!f32_2_70_20, !f32_2_67_20, !f32_2_67_70, !f32_2_70, !f32_2_70, !f32_2_70_70)
        -> (!f32_2_70_20, !f32_2_67_20, !f32_2_67_70)
    dlc.return %odq, %odk, %odv : !f32_2_70_20, !f32_2_67_20, !f32_2_67_70
  }
  dlc.entry @gradient_one_block(%q: !f32_1_2_13_64 {dlc.name = "q"},
      %k: !f32_1_2_128_64 {dlc.name = "k"},
      %v: !f32_1_2_128_64 {dlc.name = "v"},
      %lse: !f32_1_2_13 {dlc.name = "lse"},
      %delta: !f32_1_2_13 {dlc.name = "delta"},
      %dy: !f32_1_2_13_64 {dlc.name = "dy"},
      %m: !i1_1_128 {dlc.name = "m"})
      -> (!f32_1_2_13_64 {dlc.name = "dq"},
          !f32_1_2_128_64 {dlc.name = "dk"},
          !f32_1_2_128_64 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [0, 3] axis 2
        scale 0.125
        : (!f32_1_2_13_64, !f32_1_2_128_64, !f32_1_2_128_64, !f32_1_2_13, !f32_1_2_13,
           !f32_1_2_13_64, !i1_1_128)
        -> (!f32_1_2_13_64, !f32_1_2_128_64, !f32_1_2_128_64)
    dlc.return %odq, %odk, %odv : !f32_1_2_13_64, !f32_1_2_128_64, !f32_1_2_128_64
  }
  dlc.entry @gradient_symbolic(%q: !f32_B_S_2_16 {dlc.name = "q"},
      %k: !f32_B_T_2_16 {dlc.name = "k"},
      %v: !f32_B_T_2_48 {dlc.name = "v"},
      %lse: !f32_B_S_2 {dlc.name = "lse"},
      %delta: !f32_B_S_2 {dlc.name = "delta"},
      %dy: !f32_B_S_2_48 {dlc.name = "dy"})
      -> (!f32_B_S_2_16 {dlc.name = "dq"},
          !f32_B_T_2_16 {dlc.name = "dk"},
          !f32_B_T_2_48 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy causal axis 1
        scale 0.5
        : (!f32_B_S_2_16, !f32_B_T_2_16, !f32_B_T_2_48, !f32_B_S_2, !f32_B_S_2, !f32_B_S_2_48)
        -> (!f32_B_S_2_16, !f32_B_T_2_16, !f32_B_T_2_48)
    dlc.return %odq, %odk, %odv : !f32_B_S_2_16, !f32_B_T_2_16, !f32_B_T_2_48
  }
  dlc.entry @gradient_padding(%q: !f32_B_2_S_8 {dlc.name = "q"},
      %k: !f32_B_2_T_8 {dlc.name = "k"},
      %v: !f32_B_2_T_8 {dlc.name = "v"},
      %lse: !f32_B_2_S {dlc.name = "lse"},
      %delta: !f32_B_2_S {dlc.name = "delta"},
      %dy: !f32_B_2_S_8 {dlc.name = "dy"},
      %m: !i1_B_T {dlc.name = "m"})
      -> (!f32_B_2_S_8 {dlc.name = "dq"},
          !f32_B_2_T_8 {dlc.name = "dk"},
          !f32_B_2_T_8 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [0, 3] axis 2
        scale 0.5
        : (!f32_B_2_S_8, !f32_B_2_T_8, !f32_B_2_T_8, !f32_B_2_S, !f32_B_2_S, !f32_B_2_S_8, !i1_B_T)
        -> (!f32_B_2_S_8, !f32_B_2_T_8, !f32_B_2_T_8)
    dlc.return %odq, %odk, %odv : !f32_B_2_S_8, !f32_B_2_T_8, !f32_B_2_T_8
  }
  dlc.entry @gradient_narrow(%q: !bf16_B_S_8 {dlc.name = "q"},
      %k: !bf16_B_T_8 {dlc.name = "k"},
      %v: !bf16_B_T_16 {dlc.name = "v"},
      %lse: !f32_B_S {dlc.name = "lse"},
      %delta: !f32_B_S {dlc.name = "delta"},
      %dy: !bf16_B_S_16 {dlc.name = "dy"},
      %m: !bf16_S_T {dlc.name = "m"})
      -> (!bf16_B_S_8 {dlc.name = "dq"},
          !bf16_B_T_8 {dlc.name = "dk"},
          !bf16_B_T_16 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [1, 2] axis 1
        scale 0.5
        : (!bf16_B_S_8, !bf16_B_T_8, !bf16_B_T_16, !f32_B_S, !f32_B_S, !bf16_B_S_16, !bf16_S_T)
        -> (!bf16_B_S_8, !bf16_B_T_8, !bf16_B_T_16)
    dlc.return %odq, %odk, %odv : !bf16_B_S_8, !bf16_B_T_8, !bf16_B_T_16
  }
}
