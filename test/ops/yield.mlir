// RUN: dlc check %s --bind B=1,5 --gradients | tee %t | FileCheck %s

!x = tensor<?xf32, #dlc.dims<[B]>>

module attributes {dlc.symbols = [#dlc.symbol<B, min = 0>]} {
  // Swapped carries: what is yielded replaces all carries at once.
  dlc.entry @swaps(%a: !x {dlc.name = "a"}, %b: !x {dlc.name = "b"})
      -> (!x {dlc.name = "y"}, !x {dlc.name = "z"}) {
    %y, %z = dlc.scan inits(%a, %b) xs() invariants() trip 3 : (!x, !x) -> (!x, !x) {
    ^bb0(%i: tensor<i64>, %c: !x, %d: !x):
      dlc.yield %d, %c : !x, !x
    }
    dlc.return %y, %z : !x, !x
  }
  // CHECK: values values y = [2]
  // CHECK: values values z = [1]
  dlc.entry @values() -> (tensor<i32> {dlc.name = "y"}, tensor<i32> {dlc.name = "z"}) {
    %a = dlc.constant dense<1> : tensor<i32>
    %b = dlc.constant dense<2> : tensor<i32>
    %y, %z = dlc.scan inits(%a, %b) xs() invariants() trip 3
        : (tensor<i32>, tensor<i32>) -> (tensor<i32>, tensor<i32>) {
    ^bb0(%i: tensor<i64>, %c: tensor<i32>, %d: tensor<i32>):
      dlc.yield %d, %c : tensor<i32>, tensor<i32>
    }
    dlc.return %y, %z : tensor<i32>, tensor<i32>
  }
}
