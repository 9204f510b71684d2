// Loops, branches and user-defined gradients. Regions are isolated: every value that they use
// is an operand of the op and an argument of the region.
#ifndef DLC_OPS_CONTROL_TD
#define DLC_OPS_CONTROL_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

class Dlc_ControlOp<string mnemonic, list<Trait> traits = []>
    : Dlc_Op<mnemonic, "Opaque",
             !listconcat([Pure, IsolatedFromAbove, Dlc_Differentiable], traits)> {
  let results = (outs Variadic<Dlc_Tensor>:$outputs);
  let hasVerifier = 1;
}

def Dlc_ScanOp : Dlc_ControlOp<"scan", [SingleBlock, AttrSizedOperandSegments]> {
  let summary = "A loop over the leading axis that carries values and stacks others";
  let description = [{
    Runs the body `trip` times with arguments (i, carries.., slices.., invariants..): i counts
    from 0 as tensor<i64>, carries begin as `inits`, slices are `xs[i]` along axis 0. The body
    yields the next carries and any number of values y. Results are the last carries, and each
    y stacked along a new axis 0. With `reverse`, i counts from trip-1 down to 0; slices are
    still read and y stored at i. A trip count of 0 gives `inits` and empty stacks.

    ```
    %h, %hs = dlc.scan inits(%h0) xs(%x) invariants(%w) trip T : (!h, !xs, !w) -> (!h, !hs) {
    ^bb0(%i: tensor<i64>, %c: !h, %x_i: !x, %u: !w): ...
      dlc.yield %next, %next : !h, !h
    }
    ```

    Gradient: a scan in the other direction. Values of the body that it needs are stacked by
    the forward loop; gradients of `invariants` are summed over the iterations.

    Constraints:
    - scan_c1: each of `xs` has `trip` as its leading size.
    - scan_c2: the body's arguments are i, the carries, the slices, the invariants.
    - scan_c3: the body yields one value of each carry's type first.
    - scan_c4: results are the carries, then the other yielded values, each with `trip` in front.
  }];
  let arguments = (ins Variadic<Dlc_Tensor>:$inits, Variadic<Dlc_Tensor>:$xs,
                       Variadic<Dlc_Tensor>:$invariants, Dlc_SizeAttr:$trip, UnitAttr:$reverse);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `inits` `(` $inits `)` `xs` `(` $xs `)` `invariants` `(` $invariants `)`
    `trip` custom<Size>($trip) (`reverse` $reverse^)? attr-dict-with-keyword
    `:` functional-type(operands, $outputs) $body
  }];
  let extraClassDeclaration = [{
    /// The last carries, and the stacks.
    mlir::ResultRange getFinals() { return getOutputs().take_front(getInits().size()); }
    mlir::ResultRange getStacks() { return getOutputs().drop_front(getInits().size()); }

    /// The body's arguments.
    mlir::Value getIndex() { return getBody().getArgument(0); }
    mlir::Block::BlockArgListType getCarries();
    mlir::Block::BlockArgListType getSlices();
    mlir::Block::BlockArgListType getInvariantArgs();
    mlir::OperandRange getYielded();

    /// Gives an empty body its block, with the arguments that the operands ask for.
    mlir::Block &addBody();
    /// `slice` with `trip` in front, and `stack` without its leading size.
    static mlir::RankedTensorType stackedType(SizeAttr trip, mlir::Type slice);
    static mlir::RankedTensorType sliceType(mlir::Type stack);
  }];
}

def Dlc_IfOp : Dlc_ControlOp<"if"> {
  let summary = "One of two regions";
  let description = [{
    `dlc.if %p(%a, %b) : (tensor<i1>, !a, !b) -> !y then {..} else {..}` runs `on_true` if the
    scalar predicate holds, else `on_false`, and no other. Both take the operands after the
    predicate as arguments and yield the results.

    Gradient: another `if` on the same predicate. Values of a branch that it needs are results
    of the forward `if`, zeros where the other branch ran.

    Constraints:
    - if_c1: both regions take the operands after the predicate as arguments.
    - if_c2: both regions yield values of the result types.
    - if_c3: `predicate` is a scalar i1.
  }];
  let arguments = (ins Dlc_ScalarOf<Dlc_BoolTensor>:$predicate, Variadic<Dlc_Tensor>:$inputs);
  let regions = (region SizedRegion<1>:$on_true, SizedRegion<1>:$on_false);
  let assemblyFormat = [{
    $predicate `(` $inputs `)` attr-dict-with-keyword `:` functional-type(operands, $outputs)
    `then` $on_true `else` $on_false
  }];
  let extraClassDeclaration = [{
    /// Gives both empty regions their blocks, with arguments for the operands.
    void addBodies();
  }];
}

def Dlc_WhileOp : Dlc_ControlOp<"while", [AttrSizedOperandSegments]> {
  let summary = "A loop as long as a condition holds";
  let description = [{
    Both regions take (carries.., invariants..). While `condition` yields true, `body` yields
    the next carries, which begin as `inits`. With `max_trip` above 0 the loop ends after so
    many iterations at the latest.

    Gradient: needs `max_trip`. The loop becomes a scan of `max_trip` iterations that keep the
    carries once the condition has failed, and is differentiated as such.

    Constraints:
    - while_c1: both regions take the carries and the invariants as arguments.
    - while_c2: `condition` yields one scalar i1.
    - while_c3: `body` yields values of the carries' types, which are also the results' types.
    - while_c4: `max_trip` is not negative.
  }];
  let arguments = (ins Variadic<Dlc_Tensor>:$inits, Variadic<Dlc_Tensor>:$invariants,
                       DefaultValuedAttr<I64Attr, "0">:$max_trip);
  let regions = (region SizedRegion<1>:$condition, SizedRegion<1>:$body);
  let assemblyFormat = [{
    `inits` `(` $inits `)` `invariants` `(` $invariants `)` (`max_trip` $max_trip^)?
    attr-dict-with-keyword `:` functional-type(operands, $outputs) $condition `do` $body
  }];
  let extraClassDeclaration = [{
    /// Gives both empty regions their blocks, with arguments for carries and invariants.
    void addBodies();
  }];
}

def Dlc_CustomGradientOp : Dlc_ControlOp<"custom_gradient", [Dlc_GradientMarker]> {
  let summary = "A piece of the graph with a derivative of the user's own";
  let description = [{
    Computes what `forward` yields. Where a gradient crosses it, `backward` is asked instead of
    the ops of `forward`: it takes the operands, the results and the cotangents of the results
    (zeros for one that nothing depends on), and yields one gradient for each float operand, in
    order. `--dlc-differentiate` puts `forward` in the op's place when all gradients are
    expanded.

    Gradient: `backward`, which is made of dlc ops and differentiates again.

    Constraints:
    - custom_gradient_c1: `forward` takes the operands and yields the results.
    - custom_gradient_c2: `backward` takes operands, results and cotangents of the results.
    - custom_gradient_c3: `backward` yields a value of each float operand's type.
  }];
  let arguments = (ins Variadic<Dlc_Tensor>:$inputs);
  let results = (outs Variadic<Dlc_FloatTensor>:$outputs);
  let regions = (region SizedRegion<1>:$forward, SizedRegion<1>:$backward);
  let assemblyFormat = [{
    `(` $inputs `)` attr-dict-with-keyword `:` functional-type(operands, $outputs)
    `forward` $forward `backward` $backward
  }];
  let extraClassDeclaration = [{
    /// Gives both empty regions their blocks, with the arguments that they take.
    void addBodies();
  }];
}

#endif // DLC_OPS_CONTROL_TD
