// Type constraints shared by the op families.
#ifndef DLC_TYPES_TD
#define DLC_TYPES_TD

include "mlir/IR/OpBase.td"
include "ir/DlcBase.td"

def Dlc_Float : AnyTypeOf<[F32, F64, F16, BF16], "f32, f64, f16 or bf16">;
def Dlc_Integer : AnyTypeOf<[I64, I32, I8, UI8], "i64, i32, i8 or ui8">;
def Dlc_Number : AnyTypeOf<[F32, F64, F16, BF16, I64, I32, I8, UI8], "a number">;
def Dlc_IndexElement : AnyTypeOf<[I64, I32], "i64 or i32">;
def Dlc_Element : AnyTypeOf<[F32, F64, F16, BF16, I64, I32, I8, UI8, I1], "an element type of dlc">;

// A ranked tensor whose every dynamic size has an expression.
class Dlc_TensorOf<Type element, string what>
    : Type<And<[CPred<"::dlc::ir::isSizedTensor($_self)">,
                SubstLeaves<"$_self", "::llvm::cast<::mlir::RankedTensorType>($_self).getElementType()",
                            element.predicate>]>,
           "ranked tensor of " # what # " with known or symbolic sizes",
           "::mlir::RankedTensorType">;
def Dlc_Tensor : Dlc_TensorOf<Dlc_Element, "any element type">;
def Dlc_FloatTensor : Dlc_TensorOf<Dlc_Float, Dlc_Float.summary>;
def Dlc_IntegerTensor : Dlc_TensorOf<Dlc_Integer, Dlc_Integer.summary>;
def Dlc_NumberTensor : Dlc_TensorOf<Dlc_Number, "numbers">;
def Dlc_IndexTensor : Dlc_TensorOf<Dlc_IndexElement, "i64 or i32">;
def Dlc_BoolTensor : Dlc_TensorOf<I1, "i1">;
def Dlc_KeyTensor : Type<CPred<"::dlc::ir::isKeyTensor($_self)">, "random key tensor<2xi64>",
                         "::mlir::RankedTensorType">;

class Dlc_ScalarOf<Type tensor>
    : Type<And<[tensor.predicate,
                CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getRank() == 0">]>,
           "scalar (rank 0) " # tensor.summary, "::mlir::RankedTensorType">;

#endif // DLC_TYPES_TD
