// The module as it is after one pass, or after each.
//
// RUN: dlc compile %s --dump-after=dlc-layout-variables -o %t.dlca 2>&1 | FileCheck %s
// CHECK:     IR Dump After {{.*}}dlc-layout-variables
// CHECK-NOT: IR Dump After
//
// RUN: dlc compile %s --dump-after=all -o %t.dlca 2>&1 | FileCheck %s --check-prefix=ALL
// ALL:      IR Dump After {{.*}}dlc-layout-variables
// ALL:      IR Dump After
// ALL:      IR Dump After {{.*}}dlc-choose-schedules
!x = tensor<4xf32>
module @dump {
  dlc.entry @predict(%x: !x {dlc.name = "x"}) -> (!x {dlc.name = "y"}) {
    %y = dlc.relu %x : !x
    dlc.return %y : !x
  }
}
