// RUN: dlc check %s --bind B=0,1,5 | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!i32_B = tensor<?xi32, #dlc.dims<[B]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!i64_B = tensor<?xi64, #dlc.dims<[B]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!f32_4_2_3 = tensor<4x2x3xf32>
!f32_4_1_1 = tensor<4x1x1xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"})
      -> (!i32_B {dlc.name = "rows"}, tensor<3xi32> {dlc.name = "columns"}) {
    %rows = dlc.argmax %x over 1 : !f32_B_3 -> !i32_B
    %columns = dlc.argmax %x over 0 : !f32_B_3 -> tensor<3xi32>
    dlc.return %rows, %columns : !i32_B, tensor<3xi32>
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"})
      -> (!i64_B {dlc.name = "rows"}, tensor<3xi64> {dlc.name = "columns"}) {
    %rows = dlc.argmax %x over 1 : !f64_B_3 -> !i64_B
    %columns = dlc.argmax %x over 0 : !f64_B_3 -> tensor<3xi64>
    dlc.return %rows, %columns : !i64_B, tensor<3xi64>
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"})
      -> (!i64_B {dlc.name = "rows"}, tensor<3xi64> {dlc.name = "columns"}) {
    %rows = dlc.argmax %x over 1 : !i32_B_3 -> !i64_B
    %columns = dlc.argmax %x over 0 : !i32_B_3 -> tensor<3xi64>
    dlc.return %rows, %columns : !i64_B, tensor<3xi64>
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"})
      -> (!i32_B {dlc.name = "rows"}, tensor<3xi32> {dlc.name = "columns"}) {
    %rows = dlc.argmax %x over 1 : !i64_B_3 -> !i32_B
    %columns = dlc.argmax %x over 0 : !i64_B_3 -> tensor<3xi32>
    dlc.return %rows, %columns : !i32_B, tensor<3xi32>
  }
  dlc.entry @static(%x: !f32_4_2_3 {dlc.name = "x"}) -> (tensor<4x3xi32> {dlc.name = "y"}) {
    %y = dlc.argmax %x over 1 : !f32_4_2_3 -> tensor<4x3xi32>
    dlc.return %y : tensor<4x3xi32>
  }
  dlc.entry @axis_of_size_1(%x: !f32_4_1_1 {dlc.name = "x"}) -> (tensor<4x1xi64> {dlc.name = "y"}) {
    %y = dlc.argmax %x over 1 : !f32_4_1_1 -> tensor<4x1xi64>
    dlc.return %y : tensor<4x1xi64>
  }
  // CHECK: values values y = [1, 1, 0]
  dlc.entry @values() -> (tensor<3xi32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[1.0, 2.0, 2.0], [0.0, 0x7FC00000, 5.0], [3.0, 1.0, 2.0]]>
        : tensor<3x3xf32>
    %y = dlc.argmax %x over 1 : tensor<3x3xf32> -> tensor<3xi32>
    dlc.return %y : tensor<3xi32>
  }
}
