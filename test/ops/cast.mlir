// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!f32_B_3 = tensor<?x3xf32, #dlc.dims<[B, 3]>>
!f64_B_3 = tensor<?x3xf64, #dlc.dims<[B, 3]>>
!f16_B_3 = tensor<?x3xf16, #dlc.dims<[B, 3]>>
!bf16_B_3 = tensor<?x3xbf16, #dlc.dims<[B, 3]>>
!i64_B_3 = tensor<?x3xi64, #dlc.dims<[B, 3]>>
!i32_B_3 = tensor<?x3xi32, #dlc.dims<[B, 3]>>
!i8_B_3 = tensor<?x3xi8, #dlc.dims<[B, 3]>>
!u8_B_3 = tensor<?x3xui8, #dlc.dims<[B, 3]>>
!i1_B_3 = tensor<?x3xi1, #dlc.dims<[B, 3]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.entry @f32(%x: !f32_B_3 {dlc.name = "x"})
      -> (!f64_B_3 {dlc.name = "to_f64"}, !f16_B_3 {dlc.name = "to_f16"},
        !bf16_B_3 {dlc.name = "to_bf16"}, !i64_B_3 {dlc.name = "to_i64"},
        !i32_B_3 {dlc.name = "to_i32"}, !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"},
        !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f64 = dlc.cast %x : !f32_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !f32_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !f32_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !f32_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !f32_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !f32_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !f32_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !f32_B_3 -> !i1_B_3
    dlc.return %to_f64, %to_f16, %to_bf16, %to_i64, %to_i32, %to_i8, %to_u8, %to_i1
        : !f64_B_3, !f16_B_3, !bf16_B_3, !i64_B_3, !i32_B_3, !i8_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @f64(%x: !f64_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f16_B_3 {dlc.name = "to_f16"},
        !bf16_B_3 {dlc.name = "to_bf16"}, !i64_B_3 {dlc.name = "to_i64"},
        !i32_B_3 {dlc.name = "to_i32"}, !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"},
        !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !f64_B_3 -> !f32_B_3
    %to_f16 = dlc.cast %x : !f64_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !f64_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !f64_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !f64_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !f64_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !f64_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !f64_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f16, %to_bf16, %to_i64, %to_i32, %to_i8, %to_u8, %to_i1
        : !f32_B_3, !f16_B_3, !bf16_B_3, !i64_B_3, !i32_B_3, !i8_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @f16(%x: !f16_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !bf16_B_3 {dlc.name = "to_bf16"}, !i64_B_3 {dlc.name = "to_i64"},
        !i32_B_3 {dlc.name = "to_i32"}, !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"},
        !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !f16_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !f16_B_3 -> !f64_B_3
    %to_bf16 = dlc.cast %x : !f16_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !f16_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !f16_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !f16_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !f16_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !f16_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f64, %to_bf16, %to_i64, %to_i32, %to_i8, %to_u8, %to_i1
        : !f32_B_3, !f64_B_3, !bf16_B_3, !i64_B_3, !i32_B_3, !i8_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @bf16(%x: !bf16_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !f16_B_3 {dlc.name = "to_f16"}, !i64_B_3 {dlc.name = "to_i64"},
        !i32_B_3 {dlc.name = "to_i32"}, !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"},
        !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !bf16_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !bf16_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !bf16_B_3 -> !f16_B_3
    %to_i64 = dlc.cast %x : !bf16_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !bf16_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !bf16_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !bf16_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !bf16_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f64, %to_f16, %to_i64, %to_i32, %to_i8, %to_u8, %to_i1
        : !f32_B_3, !f64_B_3, !f16_B_3, !i64_B_3, !i32_B_3, !i8_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @i64(%x: !i64_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !f16_B_3 {dlc.name = "to_f16"}, !bf16_B_3 {dlc.name = "to_bf16"},
        !i32_B_3 {dlc.name = "to_i32"}, !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"},
        !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !i64_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !i64_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !i64_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !i64_B_3 -> !bf16_B_3
    %to_i32 = dlc.cast %x : !i64_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !i64_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !i64_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !i64_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f64, %to_f16, %to_bf16, %to_i32, %to_i8, %to_u8, %to_i1
        : !f32_B_3, !f64_B_3, !f16_B_3, !bf16_B_3, !i32_B_3, !i8_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @i32(%x: !i32_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !f16_B_3 {dlc.name = "to_f16"}, !bf16_B_3 {dlc.name = "to_bf16"},
        !i64_B_3 {dlc.name = "to_i64"}, !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"},
        !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !i32_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !i32_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !i32_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !i32_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !i32_B_3 -> !i64_B_3
    %to_i8 = dlc.cast %x : !i32_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !i32_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !i32_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f64, %to_f16, %to_bf16, %to_i64, %to_i8, %to_u8, %to_i1
        : !f32_B_3, !f64_B_3, !f16_B_3, !bf16_B_3, !i64_B_3, !i8_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @i8(%x: !i8_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !f16_B_3 {dlc.name = "to_f16"}, !bf16_B_3 {dlc.name = "to_bf16"},
        !i64_B_3 {dlc.name = "to_i64"}, !i32_B_3 {dlc.name = "to_i32"},
        !u8_B_3 {dlc.name = "to_u8"}, !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !i8_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !i8_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !i8_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !i8_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !i8_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !i8_B_3 -> !i32_B_3
    %to_u8 = dlc.cast %x : !i8_B_3 -> !u8_B_3
    %to_i1 = dlc.cast %x : !i8_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f64, %to_f16, %to_bf16, %to_i64, %to_i32, %to_u8, %to_i1
        : !f32_B_3, !f64_B_3, !f16_B_3, !bf16_B_3, !i64_B_3, !i32_B_3, !u8_B_3, !i1_B_3
  }
  dlc.entry @u8(%x: !u8_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !f16_B_3 {dlc.name = "to_f16"}, !bf16_B_3 {dlc.name = "to_bf16"},
        !i64_B_3 {dlc.name = "to_i64"}, !i32_B_3 {dlc.name = "to_i32"},
        !i8_B_3 {dlc.name = "to_i8"}, !i1_B_3 {dlc.name = "to_i1"}) {
    %to_f32 = dlc.cast %x : !u8_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !u8_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !u8_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !u8_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !u8_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !u8_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !u8_B_3 -> !i8_B_3
    %to_i1 = dlc.cast %x : !u8_B_3 -> !i1_B_3
    dlc.return %to_f32, %to_f64, %to_f16, %to_bf16, %to_i64, %to_i32, %to_i8, %to_i1
        : !f32_B_3, !f64_B_3, !f16_B_3, !bf16_B_3, !i64_B_3, !i32_B_3, !i8_B_3, !i1_B_3
  }
  dlc.entry @i1(%x: !i1_B_3 {dlc.name = "x"})
      -> (!f32_B_3 {dlc.name = "to_f32"}, !f64_B_3 {dlc.name = "to_f64"},
        !f16_B_3 {dlc.name = "to_f16"}, !bf16_B_3 {dlc.name = "to_bf16"},
        !i64_B_3 {dlc.name = "to_i64"}, !i32_B_3 {dlc.name = "to_i32"},
        !i8_B_3 {dlc.name = "to_i8"}, !u8_B_3 {dlc.name = "to_u8"}) {
    %to_f32 = dlc.cast %x : !i1_B_3 -> !f32_B_3
    %to_f64 = dlc.cast %x : !i1_B_3 -> !f64_B_3
    %to_f16 = dlc.cast %x : !i1_B_3 -> !f16_B_3
    %to_bf16 = dlc.cast %x : !i1_B_3 -> !bf16_B_3
    %to_i64 = dlc.cast %x : !i1_B_3 -> !i64_B_3
    %to_i32 = dlc.cast %x : !i1_B_3 -> !i32_B_3
    %to_i8 = dlc.cast %x : !i1_B_3 -> !i8_B_3
    %to_u8 = dlc.cast %x : !i1_B_3 -> !u8_B_3
    dlc.return %to_f32, %to_f64, %to_f16, %to_bf16, %to_i64, %to_i32, %to_i8, %to_u8
        : !f32_B_3, !f64_B_3, !f16_B_3, !bf16_B_3, !i64_B_3, !i32_B_3, !i8_B_3, !u8_B_3
  }
  dlc.entry @static(%x: tensor<5xf32> {dlc.name = "x"})
      -> (tensor<5xi32> {dlc.name = "y"}) attributes {dlc.no_gradient} {
    %y = dlc.cast %x : tensor<5xf32> -> tensor<5xi32>
    dlc.return %y : tensor<5xi32>
  }
  // CHECK: values values y = [1, -1, 0, 2147483647, -2147483648]
  dlc.entry @values() -> (tensor<5xi32> {dlc.name = "y"}) {
    %x = dlc.constant dense<[1.9, -1.9, 0x7FC00000, 1.000000000e+20, 0xFF800000]> : tensor<5xf32>
    %y = dlc.cast %x : tensor<5xf32> -> tensor<5xi32>
    dlc.return %y : tensor<5xi32>
  }
}
