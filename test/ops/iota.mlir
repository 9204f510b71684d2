// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!i32_B = tensor<?xi32, #dlc.dims<[B]>>
!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !i32_B {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "y"}, !f32_B_3 {dlc.name = "z"}) {
    %y = dlc.iota 0 : !f32_B_3
    %z = dlc.iota 1 : !f32_B_3
    dlc.return %y, %z : !f32_B_3, !f32_B_3
  }
  dlc.entry @f64(%x: !i32_B {dlc.name = "x"})
      -> (!f64_B_3 {dlc.name = "y"}, !f64_B_3 {dlc.name = "z"}) {
    %y = dlc.iota 0 : !f64_B_3
    %z = dlc.iota 1 : !f64_B_3
    dlc.return %y, %z : !f64_B_3, !f64_B_3
  }
  dlc.entry @i32(%x: !i32_B {dlc.name = "x"})
      -> (!i32_B_3 {dlc.name = "y"}, !i32_B_3 {dlc.name = "z"}) {
    %y = dlc.iota 0 : !i32_B_3
    %z = dlc.iota 1 : !i32_B_3
    dlc.return %y, %z : !i32_B_3, !i32_B_3
  }
  dlc.entry @i64(%x: !i32_B {dlc.name = "x"})
      -> (!i64_B_3 {dlc.name = "y"}, !i64_B_3 {dlc.name = "z"}) {
    %y = dlc.iota 0 : !i64_B_3
    %z = dlc.iota 1 : !i64_B_3
    dlc.return %y, %z : !i64_B_3, !i64_B_3
  }
  // CHECK: values values y = [0, 1, 2, 0, 1, 2]
  dlc.entry @values() -> (tensor<2x3xi32> {dlc.name = "y"}) {
    %y = dlc.iota 1 : tensor<2x3xi32>
    dlc.return %y : tensor<2x3xi32>
  }
}
