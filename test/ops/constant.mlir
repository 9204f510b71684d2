// RUN: dlc check %s | tee %t | FileCheck %s

module {
  // CHECK: values f32 y = [1.5, inf, -0]
  dlc.entry @f32() -> (tensor<3xf32> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1.5, 0x7F800000, -0.0]> : tensor<3xf32>
    dlc.return %y : tensor<3xf32>
  }
  // CHECK: values f64 y = [1.5, 0.1, -0]
  dlc.entry @f64() -> (tensor<3xf64> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1.5, 0.1, -0.0]> : tensor<3xf64>
    dlc.return %y : tensor<3xf64>
  }
  // CHECK: values f16 y = [1.5, 0.0999755859, -0]
  dlc.entry @f16() -> (tensor<3xf16> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1.5, 0.1, -0.0]> : tensor<3xf16>
    dlc.return %y : tensor<3xf16>
  }
  // CHECK: values bf16 y = [1.5, 0.100097656, -0]
  dlc.entry @bf16() -> (tensor<3xbf16> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1.5, 0.1, -0.0]> : tensor<3xbf16>
    dlc.return %y : tensor<3xbf16>
  }
  // CHECK: values i64 y = [1, -2, 9223372036854775807]
  dlc.entry @i64() -> (tensor<3xi64> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1, -2, 9223372036854775807]> : tensor<3xi64>
    dlc.return %y : tensor<3xi64>
  }
  // CHECK: values i32 y = [1, -2, 3]
  dlc.entry @i32() -> (tensor<3xi32> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1, -2, 3]> : tensor<3xi32>
    dlc.return %y : tensor<3xi32>
  }
  // CHECK: values i8 y = [1, -2, 127]
  dlc.entry @i8() -> (tensor<3xi8> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1, -2, 127]> : tensor<3xi8>
    dlc.return %y : tensor<3xi8>
  }
  // CHECK: values u8 y = [1, 2, 255]
  dlc.entry @u8() -> (tensor<3xui8> {dlc.name = "y"}) {
    %y = dlc.constant dense<[1, 2, 255]> : tensor<3xui8>
    dlc.return %y : tensor<3xui8>
  }
  // CHECK: values i1 y = [1, 0, 1]
  dlc.entry @i1() -> (tensor<3xi1> {dlc.name = "y"}) {
    %y = dlc.constant dense<[true, false, true]> : tensor<3xi1>
    dlc.return %y : tensor<3xi1>
  }
}
