// RUN: dlc check %s --bind B=0,1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // An input that is an output, an output that is named twice, an input without use.
  dlc.entry @passes_through(%x: !x {dlc.name = "x"}, %unused: !x {dlc.name = "unused"})
      -> (!x {dlc.name = "same"}, !x {dlc.name = "y"}, !x {dlc.name = "z"}) {
    %y = dlc.neg %x : !x
    dlc.return %x, %y, %y : !x, !x, !x
  }
  // CHECK: values constant y = [3, 4]
  dlc.entry @constant() -> (tensor<2xf32> {dlc.name = "y"}) {
    %y = dlc.constant dense<[3.0, 4.0]> : tensor<2xf32>
    dlc.return %y : tensor<2xf32>
  }
}
