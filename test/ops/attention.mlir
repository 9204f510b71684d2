// RUN: dlc check %s --bind B=0,2 --bind S=1,7 --bind T=0,5 --gradients | tee %t | FileCheck %s

!f32_B_S_3 = tensor<?x?x3xf32, #dlc.dims<[B, S, 3]>>
!f32_B_T_3 = tensor<?x?x3xf32, #dlc.dims<[B, T, 3]>>
!f32_B_T_2 = tensor<?x?x2xf32, #dlc.dims<[B, T, 2]>>
!f32_B_S_2 = tensor<?x?x2xf32, #dlc.dims<[B, S, 2]>>
!f32_B_S = tensor<?x?xf32, #dlc.dims<[B, S]>>
!f64_B_S_3 = tensor<?x?x3xf64, #dlc.dims<[B, S, 3]>>
!f64_B_T_3 = tensor<?x?x3xf64, #dlc.dims<[B, T, 3]>>
!f64_B_T_2 = tensor<?x?x2xf64, #dlc.dims<[B, T, 2]>>
!f64_B_S_2 = tensor<?x?x2xf64, #dlc.dims<[B, S, 2]>>
!f64_B_S = tensor<?x?xf64, #dlc.dims<[B, S]>>
!f16_B_S_3 = tensor<?x?x3xf16, #dlc.dims<[B, S, 3]>>
!f16_B_T_3 = tensor<?x?x3xf16, #dlc.dims<[B, T, 3]>>
!f16_B_T_2 = tensor<?x?x2xf16, #dlc.dims<[B, T, 2]>>
!f16_B_S_2 = tensor<?x?x2xf16, #dlc.dims<[B, S, 2]>>
!bf16_B_S_3 = tensor<?x?x3xbf16, #dlc.dims<[B, S, 3]>>
!bf16_B_T_3 = tensor<?x?x3xbf16, #dlc.dims<[B, T, 3]>>
!bf16_B_T_2 = tensor<?x?x2xbf16, #dlc.dims<[B, T, 2]>>
!bf16_B_S_2 = tensor<?x?x2xbf16, #dlc.dims<[B, S, 2]>>
!f32_S_4 = tensor<?x4xf32, #dlc.dims<[S, 4]>>
!f32_5_4 = tensor<5x4xf32>
!f32_S = tensor<?xf32, #dlc.dims<[S]>>
!f32_B_2_S_4 = tensor<?x2x?x4xf32, #dlc.dims<[B, 2, S, 4]>>
!f32_B_2_S_3 = tensor<?x2x?x3xf32, #dlc.dims<[B, 2, S, 3]>>
!f32_B_2_S = tensor<?x2x?xf32, #dlc.dims<[B, 2, S]>>
!f32_B_S_2_4 = tensor<?x?x2x4xf32, #dlc.dims<[B, S, 2, 4]>>
!f32_B_T_2_4 = tensor<?x?x2x4xf32, #dlc.dims<[B, T, 2, 4]>>
!f32_B_2_T_4 = tensor<?x2x?x4xf32, #dlc.dims<[B, 2, T, 4]>>
!i1_B_T = tensor<?x?xi1, #dlc.dims<[B, T]>>
!i1_B_S = tensor<?x?xi1, #dlc.dims<[B, S]>>
!f32_2_S_T = tensor<2x?x?xf32, #dlc.dims<[2, S, T]>>
!f16_B_S_4 = tensor<?x?x4xf16, #dlc.dims<[B, S, 4]>>
!f16_B_T_4 = tensor<?x?x4xf16, #dlc.dims<[B, T, 4]>>
!f16_S_T = tensor<?x?xf16, #dlc.dims<[S, T]>>
!f32_2_7_3 = tensor<2x7x3xf32>
!f32_2_5_3 = tensor<2x5x3xf32>
!f32_2_7 = tensor<2x7xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<S, min = 0>,
    #dlc.symbol<T, min = 0>]} {
  dlc.entry @f32(%q: !f32_B_S_3 {dlc.name = "q"},
      %k: !f32_B_T_3 {dlc.name = "k"},
      %v: !f32_B_T_2 {dlc.name = "v"})
      -> (!f32_B_S_2 {dlc.name = "y"},
          !f32_B_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v axis 1
        scale 0.5
        : (!f32_B_S_3, !f32_B_T_3, !f32_B_T_2)
        -> (!f32_B_S_2, !f32_B_S)
    dlc.return %oy, %olse : !f32_B_S_2, !f32_B_S
  }
  dlc.entry @f64(%q: !f64_B_S_3 {dlc.name = "q"},
      %k: !f64_B_T_3 {dlc.name = "k"},
      %v: !f64_B_T_2 {dlc.name = "v"})
      -> (!f64_B_S_2 {dlc.name = "y"},
          !f64_B_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v axis 1
        scale 0.5
        : (!f64_B_S_3, !f64_B_T_3, !f64_B_T_2)
        -> (!f64_B_S_2, !f64_B_S)
    dlc.return %oy, %olse : !f64_B_S_2, !f64_B_S
  }
  dlc.entry @f16(%q: !f16_B_S_3 {dlc.name = "q"},
      %k: !f16_B_T_3 {dlc.name = "k"},
      %v: !f16_B_T_2 {dlc.name = "v"})
      -> (!f16_B_S_2 {dlc.name = "y"},
          !f32_B_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v axis 1
        scale 0.5
        : (!f16_B_S_3, !f16_B_T_3, !f16_B_T_2)
        -> (!f16_B_S_2, !f32_B_S)
    dlc.return %oy, %olse : !f16_B_S_2, !f32_B_S
  }
  dlc.entry @bf16(%q: !bf16_B_S_3 {dlc.name = "q"},
      %k: !bf16_B_T_3 {dlc.name = "k"},
      %v: !bf16_B_T_2 {dlc.name = "v"})
      -> (!bf16_B_S_2 {dlc.name = "y"},
          !f32_B_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v axis 1
        scale 0.5
        : (!bf16_B_S_3, !bf16_B_T_3, !bf16_B_T_2)
        -> (!bf16_B_S_2, !f32_B_S)
    dlc.return %oy, %olse : !bf16_B_S_2, !f32_B_S
  }
  dlc.entry @no_batch(%q: !f32_S_4 {dlc.name = "q"},
      %k: !f32_5_4 {dlc.name = "k"},
      %v: !f32_5_4 {dlc.name = "v"})
      -> (!f32_S_4 {dlc.name = "y"},
          !f32_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v axis 0
        scale 0.5
        : (!f32_S_4, !f32_5_4, !f32_5_4)
        -> (!f32_S_4, !f32_S)
    dlc.return %oy, %olse : !f32_S_4, !f32_S
  }
  dlc.entry @causal(%q: !f32_B_2_S_4 {dlc.name = "q"},
      %k: !f32_B_2_S_4 {dlc.name = "k"},
      %v: !f32_B_2_S_3 {dlc.name = "v"})
      -> (!f32_B_2_S_3 {dlc.name = "y"},
          !f32_B_2_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v causal axis 2
        scale 0.5
        : (!f32_B_2_S_4, !f32_B_2_S_4, !f32_B_2_S_3)
        -> (!f32_B_2_S_3, !f32_B_2_S)
    dlc.return %oy, %olse : !f32_B_2_S_3, !f32_B_2_S
  }
  dlc.entry @heads_behind(%q: !f32_B_S_2_4 {dlc.name = "q"},
      %k: !f32_B_T_2_4 {dlc.name = "k"},
      %v: !f32_B_T_2_4 {dlc.name = "v"})
      -> (!f32_B_S_2_4 {dlc.name = "y"},
          !f32_B_S_2 {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v causal axis 1
        scale 0.5
        : (!f32_B_S_2_4, !f32_B_T_2_4, !f32_B_T_2_4)
        -> (!f32_B_S_2_4, !f32_B_S_2)
    dlc.return %oy, %olse : !f32_B_S_2_4, !f32_B_S_2
  }
  dlc.entry @key_padding(%q: !f32_B_2_S_4 {dlc.name = "q"},
      %k: !f32_B_2_T_4 {dlc.name = "k"},
      %v: !f32_B_2_T_4 {dlc.name = "v"},
      %m: !i1_B_T {dlc.name = "m"})
      -> (!f32_B_2_S_4 {dlc.name = "y"},
          !f32_B_2_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [0, 3] axis 2
        scale 0.5
        : (!f32_B_2_S_4, !f32_B_2_T_4, !f32_B_2_T_4, !i1_B_T)
        -> (!f32_B_2_S_4, !f32_B_2_S)
    dlc.return %oy, %olse : !f32_B_2_S_4, !f32_B_2_S
  }
  dlc.entry @query_mask(%q: !f32_B_2_S_4 {dlc.name = "q"},
      %k: !f32_B_2_T_4 {dlc.name = "k"},
      %v: !f32_B_2_T_4 {dlc.name = "v"},
      %m: !i1_B_S {dlc.name = "m"})
      -> (!f32_B_2_S_4 {dlc.name = "y"},
          !f32_B_2_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [0, 2] axis 2
        scale 0.5
        : (!f32_B_2_S_4, !f32_B_2_T_4, !f32_B_2_T_4, !i1_B_S)
        -> (!f32_B_2_S_4, !f32_B_2_S)
    dlc.return %oy, %olse : !f32_B_2_S_4, !f32_B_2_S
  }
  dlc.entry @added_mask(%q: !f32_B_S_2_4 {dlc.name = "q"},
      %k: !f32_B_T_2_4 {dlc.name = "k"},
      %v: !f32_B_T_2_4 {dlc.name = "v"},
      %m: !f32_2_S_T {dlc.name = "m"})
      -> (!f32_B_S_2_4 {dlc.name = "y"},
          !f32_B_S_2 {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [1, 2, 3] axis 1
        scale 1.0
        : (!f32_B_S_2_4, !f32_B_T_2_4, !f32_B_T_2_4, !f32_2_S_T)
        -> (!f32_B_S_2_4, !f32_B_S_2)
    dlc.return %oy, %olse : !f32_B_S_2_4, !f32_B_S_2
  }
  dlc.entry @narrow_added_mask(%q: !f16_B_S_4 {dlc.name = "q"},
      %k: !f16_B_T_4 {dlc.name = "k"},
      %v: !f16_B_T_4 {dlc.name = "v"},
      %m: !f16_S_T {dlc.name = "m"})
      -> (!f16_B_S_4 {dlc.name = "y"},
          !f32_B_S {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v mask %m over [1, 2] axis 1
        scale 0.5
        : (!f16_B_S_4, !f16_B_T_4, !f16_B_T_4, !f16_S_T)
        -> (!f16_B_S_4, !f32_B_S)
    dlc.return %oy, %olse : !f16_B_S_4, !f32_B_S
  }
  dlc.entry @static(%q: !f32_2_7_3 {dlc.name = "q"},
      %k: !f32_2_5_3 {dlc.name = "k"},
      %v: !f32_2_5_3 {dlc.name = "v"})
      -> (!f32_2_7_3 {dlc.name = "y"},
          !f32_2_7 {dlc.name = "lse"}) {
    %oy, %olse = dlc.attention %q, %k, %v causal axis 1
        scale 0.5
        : (!f32_2_7_3, !f32_2_5_3, !f32_2_5_3)
        -> (!f32_2_7_3, !f32_2_7)
    dlc.return %oy, %olse : !f32_2_7_3, !f32_2_7
  }
  // A query of weights 1/4 and 3/4, one that sees a key, one that sees none.
  // CHECK: values values y = [2.5, 1, 0]
  // CHECK: values values lse = [1.38629436, 0, -inf]
  dlc.entry @values() -> (tensor<3x1xf32> {dlc.name = "y"}, tensor<3xf32> {dlc.name = "lse"}) {
    %q = dlc.constant dense<[[1.09861229], [0.0], [0.0]]> : tensor<3x1xf32>
    %k = dlc.constant dense<[[0.0], [1.0]]> : tensor<2x1xf32>
    %v = dlc.constant dense<[[1.0], [3.0]]> : tensor<2x1xf32>
    %m = dlc.constant dense<[[true, true], [true, false], [false, false]]> : tensor<3x2xi1>
    %y, %lse = dlc.attention %q, %k, %v mask %m over [0, 1] axis 0 scale 1.0
        : (tensor<3x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<3x2xi1>)
        -> (tensor<3x1xf32>, tensor<3xf32>)
    dlc.return %y, %lse : tensor<3x1xf32>, tensor<3xf32>
  }
}
