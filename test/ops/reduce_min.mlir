// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f32_B = tensor<?xf32, #dlc.dims<[B]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f64_B = tensor<?xf64, #dlc.dims<[B]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i32_B = tensor<?xi32, #dlc.dims<[B]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i64_B = tensor<?xi64, #dlc.dims<[B]>>
!f32_4_2_3 = tensor<4x2x3xf32>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"})
      -> (!f32_B {dlc.name = "rows"}, tensor<3xf32> {dlc.name = "columns"},
        tensor<f32> {dlc.name = "all"}) {
    %rows = dlc.reduce_min %x over [1] : !f32_B_3 -> !f32_B
    %columns = dlc.reduce_min %x over [0] : !f32_B_3 -> tensor<3xf32>
    %all = dlc.reduce_min %x over [0, 1] : !f32_B_3 -> tensor<f32>
    dlc.return %rows, %columns, %all : !f32_B, tensor<3xf32>, tensor<f32>
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"})
      -> (!f64_B {dlc.name = "rows"}, tensor<3xf64> {dlc.name = "columns"},
        tensor<f64> {dlc.name = "all"}) {
    %rows = dlc.reduce_min %x over [1] : !f64_B_3 -> !f64_B
    %columns = dlc.reduce_min %x over [0] : !f64_B_3 -> tensor<3xf64>
    %all = dlc.reduce_min %x over [0, 1] : !f64_B_3 -> tensor<f64>
    dlc.return %rows, %columns, %all : !f64_B, tensor<3xf64>, tensor<f64>
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"})
      -> (!i32_B {dlc.name = "rows"}, tensor<3xi32> {dlc.name = "columns"},
        tensor<i32> {dlc.name = "all"}) {
    %rows = dlc.reduce_min %x over [1] : !i32_B_3 -> !i32_B
    %columns = dlc.reduce_min %x over [0] : !i32_B_3 -> tensor<3xi32>
    %all = dlc.reduce_min %x over [0, 1] : !i32_B_3 -> tensor<i32>
    dlc.return %rows, %columns, %all : !i32_B, tensor<3xi32>, tensor<i32>
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"})
      -> (!i64_B {dlc.name = "rows"}, tensor<3xi64> {dlc.name = "columns"},
        tensor<i64> {dlc.name = "all"}) {
    %rows = dlc.reduce_min %x over [1] : !i64_B_3 -> !i64_B
    %columns = dlc.reduce_min %x over [0] : !i64_B_3 -> tensor<3xi64>
    %all = dlc.reduce_min %x over [0, 1] : !i64_B_3 -> tensor<i64>
    dlc.return %rows, %columns, %all : !i64_B, tensor<3xi64>, tensor<i64>
  }
  dlc.entry @static(%x: !f32_4_2_3 {dlc.name = "x"}) -> (tensor<2xf32> {dlc.name = "y"}) {
    %y = dlc.reduce_min %x over [0, 2] : !f32_4_2_3 -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
  // CHECK: values values y = [-2, 0.25]
  dlc.entry @values() -> (tensor<2xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[[1.0, -2.0, 4.0], [0.5, 0.25, 3.0]]> : tensor<2x3xf32>
    %y = dlc.reduce_min %x over [1] : tensor<2x3xf32> -> tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
  // Rows in whole vectors: one NaN among numbers, zeros of which all are negative, infinities.
  // CHECK: values special y = [nan, -0, inf]
  dlc.entry @special() -> (tensor<3xf32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[
        [1.0, 2.0, 3.0, -4.0, 5.0, 0x7FC00000, 7.0, 8.0, -9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        [-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0],
        [0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000, 0x7F800000]]>
        : tensor<3x17xf32>
    %y = dlc.reduce_min %x over [1] : tensor<3x17xf32> -> tensor<3xf32>
    dlc.return %y : tensor<3xf32>
  }
}
