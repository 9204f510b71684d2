// RUN: dlc-opt %s --dlc-expand-math --verify-diagnostics
func.func @refuses_unknown_functions(%x: f32) -> f32 {
  // expected-error @+1 {{no expansion for this math function}}
  %y = math.atan %x : f32
  return %y : f32
}
