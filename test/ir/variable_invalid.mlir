// RUN: dlc-opt %s --split-input-file --verify-diagnostics
module @variable_c1_derived_from_nothing {
// expected-error @+1 {{@w is derived but names no source and entry}}
dlc.variable @w derived : tensor<2xf32>
}

// -----

module @variable_c1_weight_with_a_source {
dlc.variable @w weight : tensor<2xf32>
// expected-error @+1 {{@t is not derived but names a source}}
dlc.variable @t weight : tensor<2xf32> from @w by @e
}

// -----

module @variable_c2_no_expression {
// expected-error @+1 {{@w has type 'tensor<?xf32>', expected a tensor with known}}
dlc.variable @w weight : tensor<?xf32>
}

// -----

module @variable_c2_undeclared_symbol attributes {dlc.symbols = [#dlc.symbol<B, min = 1>]} {
dlc.variable @fine cache : tensor<?x4xf32, #dlc.dims<[2*B, 4]>>
// expected-error @+1 {{@w has size 2*T but the module declares no symbol T}}
dlc.variable @w cache : tensor<?xf32, #dlc.dims<[2*T]>>
}

// -----

module @variable_c2_element_type {
// expected-error @+1 {{@w has type 'tensor<2xindex>', expected a tensor with known}}
dlc.variable @w weight : tensor<2xindex>
}
