#include "codegen/artifact/TableReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MathExtras.h"

namespace dlc::codegen {

std::optional<int64_t>
evaluateCode(llvm::ArrayRef<int64_t> code,
             llvm::function_ref<std::optional<int64_t>(int64_t symbol)> value) {
  llvm::SmallVector<int64_t> stack;
  if (code.empty())
    return 0;
  for (size_t i = 0; i < code.size(); ++i) {
    int64_t word = code[i];
    if (word == DLC_EXPR_CONST) {
      stack.push_back(code[++i]);
      continue;
    }
    if (word == DLC_EXPR_SYM) {
      std::optional<int64_t> known = value(code[++i]);
      if (!known)
        return std::nullopt;
      stack.push_back(*known);
      continue;
    }
    if (word == DLC_EXPR_NEG) {
      stack.back() = -stack.back();
      continue;
    }
    int64_t b = stack.pop_back_val(), a = stack.pop_back_val(), result = 0;
    bool overflows = false;
    if (word == DLC_EXPR_ADD)
      overflows = llvm::AddOverflow(a, b, result);
    else if (word == DLC_EXPR_MUL)
      overflows = llvm::MulOverflow(a, b, result);
    else if (word == DLC_EXPR_FLOORDIV && b > 0)
      result = llvm::divideFloorSigned(a, b);
    else if (word == DLC_EXPR_FLOORDIV)
      overflows = true;
    else
      result = word == DLC_EXPR_MIN ? std::min(a, b) : std::max(a, b);
    if (overflows)
      return std::nullopt;
    stack.push_back(result);
  }
  return stack.back();
}

llvm::StringRef TableReader::function(const dlc_rel &field) const {
  size_t offset = reinterpret_cast<const char *>(&field) - blob.bytes.data();
  auto found = llvm::find_if(blob.relocations,
                             [&](const auto &relocation) { return relocation.offset == offset; });
  return found->symbol;
}

} // namespace dlc::codegen
