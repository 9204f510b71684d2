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
!f32_B_2_S_4 = tensor<?x2x?x4xf32, #dlc.dims<[B, 2, S, 4]>>
!f32_B_2_S_3 = tensor<?x2x?x3xf32, #dlc.dims<[B, 2, S, 3]>>
!f32_B_2_S = tensor<?x2x?xf32, #dlc.dims<[B, 2, S]>>
!f32_B_S_2_4 = tensor<?x?x2x4xf32, #dlc.dims<[B, S, 2, 4]>>
!f32_B_T_2_4 = tensor<?x?x2x4xf32, #dlc.dims<[B, T, 2, 4]>>
!f32_B_2_T_4 = tensor<?x2x?x4xf32, #dlc.dims<[B, 2, T, 4]>>
!i1_B_T = tensor<?x?xi1, #dlc.dims<[B, T]>>
!f32_B_S_4 = tensor<?x?x4xf32, #dlc.dims<[B, S, 4]>>
!f32_B_T_4 = tensor<?x?x4xf32, #dlc.dims<[B, T, 4]>>
!f32_S_T = tensor<?x?xf32, #dlc.dims<[S, T]>>
!f32_2_7_3 = tensor<2x7x3xf32>
!f32_2_5_3 = tensor<2x5x3xf32>
!f32_2_7 = tensor<2x7xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>, #dlc.symbol<S, min = 0>,
    #dlc.symbol<T, min = 0>]} {
  dlc.entry @f32(%q: !f32_B_S_3 {dlc.name = "q"},
      %k: !f32_B_T_3 {dlc.name = "k"},
      %v: !f32_B_T_2 {dlc.name = "v"},
      %lse: !f32_B_S {dlc.name = "lse"},
      %delta: !f32_B_S {dlc.name = "delta"},
      %dy: !f32_B_S_2 {dlc.name = "dy"})
      -> (!f32_B_S_3 {dlc.name = "dq"},
          !f32_B_T_3 {dlc.name = "dk"},
          !f32_B_T_2 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1
        scale 0.5
        : (!f32_B_S_3, !f32_B_T_3, !f32_B_T_2, !f32_B_S, !f32_B_S, !f32_B_S_2)
        -> (!f32_B_S_3, !f32_B_T_3, !f32_B_T_2)
    dlc.return %odq, %odk, %odv : !f32_B_S_3, !f32_B_T_3, !f32_B_T_2
  }
  dlc.entry @f64(%q: !f64_B_S_3 {dlc.name = "q"},
      %k: !f64_B_T_3 {dlc.name = "k"},
      %v: !f64_B_T_2 {dlc.name = "v"},
      %lse: !f64_B_S {dlc.name = "lse"},
      %delta: !f64_B_S {dlc.name = "delta"},
      %dy: !f64_B_S_2 {dlc.name = "dy"})
      -> (!f64_B_S_3 {dlc.name = "dq"},
          !f64_B_T_3 {dlc.name = "dk"},
          !f64_B_T_2 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1
        scale 0.5
        : (!f64_B_S_3, !f64_B_T_3, !f64_B_T_2, !f64_B_S, !f64_B_S, !f64_B_S_2)
        -> (!f64_B_S_3, !f64_B_T_3, !f64_B_T_2)
    dlc.return %odq, %odk, %odv : !f64_B_S_3, !f64_B_T_3, !f64_B_T_2
  }
  dlc.entry @f16(%q: !f16_B_S_3 {dlc.name = "q"},
      %k: !f16_B_T_3 {dlc.name = "k"},
      %v: !f16_B_T_2 {dlc.name = "v"},
      %lse: !f32_B_S {dlc.name = "lse"},
      %delta: !f32_B_S {dlc.name = "delta"},
      %dy: !f16_B_S_2 {dlc.name = "dy"})
      -> (!f16_B_S_3 {dlc.name = "dq"},
          !f16_B_T_3 {dlc.name = "dk"},
          !f16_B_T_2 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1
        scale 0.5
        : (!f16_B_S_3, !f16_B_T_3, !f16_B_T_2, !f32_B_S, !f32_B_S, !f16_B_S_2)
        -> (!f16_B_S_3, !f16_B_T_3, !f16_B_T_2)
    dlc.return %odq, %odk, %odv : !f16_B_S_3, !f16_B_T_3, !f16_B_T_2
  }
  dlc.entry @bf16(%q: !bf16_B_S_3 {dlc.name = "q"},
      %k: !bf16_B_T_3 {dlc.name = "k"},
      %v: !bf16_B_T_2 {dlc.name = "v"},
      %lse: !f32_B_S {dlc.name = "lse"},
      %delta: !f32_B_S {dlc.name = "delta"},
      %dy: !bf16_B_S_2 {dlc.name = "dy"})
      -> (!bf16_B_S_3 {dlc.name = "dq"},
          !bf16_B_T_3 {dlc.name = "dk"},
          !bf16_B_T_2 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy axis 1
        scale 0.5
        : (!bf16_B_S_3, !bf16_B_T_3, !bf16_B_T_2, !f32_B_S, !f32_B_S, !bf16_B_S_2)
        -> (!bf16_B_S_3, !bf16_B_T_3, !bf16_B_T_2)
    dlc.return %odq, %odk, %odv : !bf16_B_S_3, !bf16_B_T_3, !bf16_B_T_2
  }
  dlc.entry @causal(%q: !f32_B_2_S_4 {dlc.name = "q"},
      %k: !f32_B_2_S_4 {dlc.name = "k"},
      %v: !f32_B_2_S_3 {dlc.name = "v"},
      %lse: !f32_B_2_S {dlc.name = "lse"},
      %delta: !f32_B_2_S {dlc.name = "delta"},
      %dy: !f32_B_2_S_3 {dlc.name = "dy"})
      -> (!f32_B_2_S_4 {dlc.name = "dq"},
          !f32_B_2_S_4 {dlc.name = "dk"},
          !f32_B_2_S_3 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy causal axis 2
        scale 0.5
        : (!f32_B_2_S_4, !f32_B_2_S_4, !f32_B_2_S_3, !f32_B_2_S, !f32_B_2_S, !f32_B_2_S_3)
        -> (!f32_B_2_S_4, !f32_B_2_S_4, !f32_B_2_S_3)
    dlc.return %odq, %odk, %odv : !f32_B_2_S_4, !f32_B_2_S_4, !f32_B_2_S_3
  }
  dlc.entry @heads_behind(%q: !f32_B_S_2_4 {dlc.name = "q"},
      %k: !f32_B_T_2_4 {dlc.name = "k"},
      %v: !f32_B_T_2_4 {dlc.name = "v"},
      %lse: !f32_B_S_2 {dlc.name = "lse"},
      %delta: !f32_B_S_2 {dlc.name = "delta"},
      %dy: !f32_B_S_2_4 {dlc.name = "dy"})
      -> (!f32_B_S_2_4 {dlc.name = "dq"},
          !f32_B_T_2_4 {dlc.name = "dk"},
          !f32_B_T_2_4 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy causal axis 1
        scale 0.5
        : (!f32_B_S_2_4, !f32_B_T_2_4, !f32_B_T_2_4, !f32_B_S_2, !f32_B_S_2, !f32_B_S_2_4)
        -> (!f32_B_S_2_4, !f32_B_T_2_4, !f32_B_T_2_4)
    dlc.return %odq, %odk, %odv : !f32_B_S_2_4, !f32_B_T_2_4, !f32_B_T_2_4
  }
  dlc.entry @key_padding(%q: !f32_B_2_S_4 {dlc.name = "q"},
      %k: !f32_B_2_T_4 {dlc.name = "k"},
      %v: !f32_B_2_T_4 {dlc.name = "v"},
      %lse: !f32_B_2_S {dlc.name = "lse"},
      %delta: !f32_B_2_S {dlc.name = "delta"},
      %dy: !f32_B_2_S_4 {dlc.name = "dy"},
      %m: !i1_B_T {dlc.name = "m"})
      -> (!f32_B_2_S_4 {dlc.name = "dq"},
          !f32_B_2_T_4 {dlc.name = "dk"},
          !f32_B_2_T_4 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [0, 3] axis 2
        scale 0.5
        : (!f32_B_2_S_4, !f32_B_2_T_4, !f32_B_2_T_4, !f32_B_2_S, !f32_B_2_S, !f32_B_2_S_4, !i1_B_T)
        -> (!f32_B_2_S_4, !f32_B_2_T_4, !f32_B_2_T_4)
    dlc.return %odq, %odk, %odv : !f32_B_2_S_4, !f32_B_2_T_4, !f32_B_2_T_4
  }
  dlc.entry @added_mask(%q: !f32_B_S_4 {dlc.name = "q"},
      %k: !f32_B_T_4 {dlc.name = "k"},
      %v: !f32_B_T_4 {dlc.name = "v"},
      %lse: !f32_B_S {dlc.name = "lse"},
      %delta: !f32_B_S {dlc.name = "delta"},
      %dy: !f32_B_S_4 {dlc.name = "dy"},
      %m: !f32_S_T {dlc.name = "m"})
      -> (!f32_B_S_4 {dlc.name = "dq"},
          !f32_B_T_4 {dlc.name = "dk"},
          !f32_B_T_4 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [1, 2] axis 1
        scale 1.0
        : (!f32_B_S_4, !f32_B_T_4, !f32_B_T_4, !f32_B_S, !f32_B_S, !f32_B_S_4, !f32_S_T)
        -> (!f32_B_S_4, !f32_B_T_4, !f32_B_T_4)
    dlc.return %odq, %odk, %odv : !f32_B_S_4, !f32_B_T_4, !f32_B_T_4
  }
  dlc.entry @static(%q: !f32_2_7_3 {dlc.name = "q"},
      %k: !f32_2_5_3 {dlc.name = "k"},
      %v: !f32_2_5_3 {dlc.name = "v"},
      %lse: !f32_2_7 {dlc.name = "lse"},
      %delta: !f32_2_7 {dlc.name = "delta"},
      %dy: !f32_2_7_3 {dlc.name = "dy"})
      -> (!f32_2_7_3 {dlc.name = "dq"},
          !f32_2_5_3 {dlc.name = "dk"},
          !f32_2_5_3 {dlc.name = "dv"}) {
    %odq, %odk, %odv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy causal axis 1
        scale 0.5
        : (!f32_2_7_3, !f32_2_5_3, !f32_2_5_3, !f32_2_7, !f32_2_7, !f32_2_7_3)
        -> (!f32_2_7_3, !f32_2_5_3, !f32_2_5_3)
    dlc.return %odq, %odk, %odv : !f32_2_7_3, !f32_2_5_3, !f32_2_5_3
  }
  // p = 1/2 each, p v = 2: ds = +-1/2 * (dy v - 2).
  // CHECK: values values dq = [0.5]
  // CHECK: values values dk = [-1, 1]
  // CHECK: values values dv = [0.5, 0.5]
  dlc.entry @values() -> (tensor<1x1xf32> {dlc.name = "dq"}, tensor<2x1xf32> {dlc.name = "dk"},
      tensor<2x1xf32> {dlc.name = "dv"}) {
    %q = dlc.constant dense<[[2.0]]> : tensor<1x1xf32>
    %k = dlc.constant dense<[[0.0], [1.0]]> : tensor<2x1xf32>
    %v = dlc.constant dense<[[1.0], [3.0]]> : tensor<2x1xf32>
    %lse = dlc.constant dense<[1.69314718]> : tensor<1xf32>
    %delta = dlc.constant dense<[2.0]> : tensor<1xf32>
    %dy = dlc.constant dense<[[1.0]]> : tensor<1x1xf32>
    %m = dlc.constant dense<[[1.0, -1.0]]> : tensor<1x2xf32>
    %dq, %dk, %dv = dlc.attention_grad %q, %k, %v, %lse, %delta, %dy mask %m over [0, 1] axis 0
        scale 1.0 : (tensor<1x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<1xf32>,
                     tensor<1xf32>, tensor<1x1xf32>, tensor<1x2xf32>)
        -> (tensor<1x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>)
    dlc.return %dq, %dk, %dv : tensor<1x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>
  }
}
