// The general product of two tensors: batch, free and reduced dimensions.
#ifndef DLC_OPS_CONTRACT_TD
#define DLC_OPS_CONTRACT_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "ir/DlcAttrs.td"
include "ir/DlcTypes.td"

def Dlc_ContractOp : Dlc_Op<"contract", "Contraction", [Pure, Dlc_Differentiable]> {
  let summary = "Sum of products over pairs of dimensions";
  let description = [{
    Dimension `a_reduce[i]` of `a` is multiplied and summed with `b_reduce[i]` of `b`;
    `a_batch[i]` and `b_batch[i]` run together. The result's dimensions are the batch
    dimensions, the free ones of `a`, the free ones of `b`, each in their order.

    `%x, %W reduce [1] x [0]` is a matrix product, `%q, %k batch [0, 1] x [0, 1] reduce
    [3] x [3]` scores of attention. f16, bf16 accumulate in f32 and round once; the result may
    be stated as f32. An empty reduction gives 0.

    Gradient: two contractions (and transposes where the order of free dimensions asks).

    Constraints:
    - contract_c1: `a_batch` and `a_reduce` together are distinct dimensions of `a`; same for `b`.
    - contract_c2: `a_batch` and `b_batch` pair equal sizes, and are equally many.
    - contract_c3: `a_reduce` and `b_reduce` pair equal sizes, and are equally many.
    - contract_c4: `a` and `b` have the same element type.
    - contract_c5: `y` has the sizes above and the element type of `a`, or f32 for f16 and bf16.
  }];
  let arguments = (ins Dlc_NumberTensor:$a, Dlc_NumberTensor:$b,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$a_batch,
      DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$b_batch,
      DenseI64ArrayAttr:$a_reduce, DenseI64ArrayAttr:$b_reduce);
  let results = (outs Dlc_NumberTensor:$y);
  let assemblyFormat = [{
    $a `,` $b (`batch` $a_batch^ `x` $b_batch)? `reduce` $a_reduce `x` $b_reduce attr-dict
    `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "mlir::Value":$a, "mlir::Value":$b,
      "llvm::ArrayRef<int64_t>":$aBatch, "llvm::ArrayRef<int64_t>":$bBatch,
      "llvm::ArrayRef<int64_t>":$aReduce, "llvm::ArrayRef<int64_t>":$bReduce,
      CArg<"mlir::Type", "{}">:$elementType)>];
  let extraClassDeclaration = [{
    /// The dimensions of each operand that are neither batch nor reduced, in order.
    llvm::SmallVector<int64_t> getAFree();
    llvm::SmallVector<int64_t> getBFree();
  }];
  let hasVerifier = 1;
}

#endif // DLC_OPS_CONTRACT_TD
