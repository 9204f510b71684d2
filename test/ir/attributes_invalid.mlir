// RUN: dlc-opt %s --split-input-file --verify-diagnostics
// expected-error @+1 {{#dlc.dims has 1 sizes for a tensor of rank 2}}
func.func private @dims_rank(tensor<?x2xf32, #dlc.dims<[B]>>)

// -----

// expected-error @+1 {{dimension 0 is dynamic but its size is the constant 4}}
func.func private @dims_constant_for_dynamic(tensor<?x?xf32, #dlc.dims<[4, B]>>)

// -----

// expected-error @+1 {{dimension 1 is static but its size is B}}
func.func private @dims_symbol_for_static(tensor<?x4xf32, #dlc.dims<[T, B]>>)

// -----

// expected-error @+1 {{dimension 1 is 4 but its size says 5}}
func.func private @dims_other_constant(tensor<?x4xf32, #dlc.dims<[B, 5]>>)

// -----

// expected-error @+1 {{a static tensor carries no #dlc.dims}}
func.func private @dims_on_static(tensor<3x4xf32, #dlc.dims<[3, 4]>>)

// -----

// expected-error @+1 {{symbol "B" has a negative minimum -1}}
module attributes {dlc.symbols = [#dlc.symbol<B, min = -1>]} {}

// -----

// expected-error @+1 {{symbol "B" has maximum 2 below its minimum 3}}
module attributes {dlc.symbols = [#dlc.symbol<B, min = 3, max = 2>]} {}

// -----

// expected-error @+1 {{symbol "B" has divisor 0, expected >= 1}}
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1, divisor = 0>]} {}

// -----

// expected-error @+1 {{expected min, max or divisor, got 'step'}}
module attributes {dlc.symbols = [#dlc.symbol<B, step = 1>]} {}

// -----

// expected-error @+1 {{symbol "B" is declared twice}}
module attributes {dlc.symbols = [#dlc.symbol<B, min = 1>, #dlc.symbol<B, min = 2>]} {}

// -----

// expected-error @+1 {{dlc.symbols must be an array of #dlc.symbol}}
module attributes {dlc.symbols = [1 : i64]} {}

// -----

// expected-error @+1 {{expected a size: a symbol or integer}}
func.func private @size_no_operand(tensor<?xf32, #dlc.dims<[B + ]>>)
