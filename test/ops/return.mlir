// RUN: dlc check %s --bind B=1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  dlc.variable @a weight : tensor<2xf32>
  dlc.variable @b weight : tensor<2xf32>
  // A swap of two variables: both are read before either is assigned.
  dlc.entry @swaps(%a: tensor<2xf32> {dlc.state = @a}, %b: tensor<2xf32> {dlc.state = @b})
      -> (tensor<2xf32> {dlc.state = @b}, tensor<2xf32> {dlc.state = @a}) {
    dlc.return %a, %b : tensor<2xf32>, tensor<2xf32>
  }
  // CHECK: values values y = [1]
  // CHECK: values values z = [2]
  dlc.entry @values() -> (tensor<i32> {dlc.name = "y"}, tensor<i32> {dlc.name = "z"}) {
    %a = dlc.constant dense<1> : tensor<i32>
    %b = dlc.constant dense<2> : tensor<i32>
    dlc.return %a, %b : tensor<i32>, tensor<i32>
  }
}
