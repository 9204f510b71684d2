// Sizes, element types, places and the text of errors.
#include "Graph.h"
#include "llvm/ADT/StringExtras.h"

namespace dlc {

using namespace detail;

const char *name(DType type) {
  static const char *const names[] = {"f32", "f64", "f16", "bf16", "i64", "i32", "i8", "u8", "i1"};
  return names[static_cast<size_t>(type)];
}

bool isFloat(DType type) { return type <= DType::BF16; }

Dim::Dim(std::string name) : node(new Node{'$', std::move(name), {}}) {}

Dim Dim::make(char op, const Dim &a, const Dim &b) {
  Dim dim(0);
  dim.node.reset(new Node{op, "", {a, b}});
  return dim;
}

Dim operator+(const Dim &a, const Dim &b) {
  return a.isConstant() && b.isConstant() ? Dim(a.constant + b.constant) : Dim::make('+', a, b);
}
Dim operator-(const Dim &a, const Dim &b) { return a + Dim(-1) * b; }
Dim operator*(const Dim &a, const Dim &b) {
  return a.isConstant() && b.isConstant() ? Dim(a.constant * b.constant) : Dim::make('*', a, b);
}
Dim floorDiv(const Dim &a, const Dim &b) { return Dim::make('/', a, b); }
Dim min(const Dim &a, const Dim &b) { return Dim::make('<', a, b); }
Dim max(const Dim &a, const Dim &b) { return Dim::make('>', a, b); }

// Normal forms need a context; a short-lived one is cheap enough for text.
static std::string print(const Shape &shape, bool isShape) {
  auto program = std::make_shared<ProgramState>("text");
  ir::Shape sizes;
  for (const Dim &dim : shape)
    sizes.push_back(program->toSize(dim));
  return isShape ? ir::sizesToString(sizes) : ir::sizeToString(sizes.front());
}

std::string Dim::str() const { return node ? print({*this}, false) : std::to_string(constant); }
std::string str(const Shape &shape) { return print(shape, true); }

std::string Error::str() const {
  std::string text = "error: " + subject + ": " + message;
  if (!producer.empty())
    text += "\n  produced by " + producer;
  if (!hint.empty())
    text += "\n  hint: " + hint;
  return text;
}

namespace detail {

std::string fileOf(const Site &site) {
  llvm::StringRef file = site.file_name();
  return file.substr(file.find_last_of('/') + 1).str();
}

std::string placeOf(const Site &site) { return fileOf(site) + ":" + std::to_string(site.line()); }

mlir::Type toType(mlir::MLIRContext *context, DType type) {
  switch (type) {
  case DType::F32:
    return mlir::Float32Type::get(context);
  case DType::F64:
    return mlir::Float64Type::get(context);
  case DType::F16:
    return mlir::Float16Type::get(context);
  case DType::BF16:
    return mlir::BFloat16Type::get(context);
  case DType::I64:
    return mlir::IntegerType::get(context, 64);
  case DType::I32:
    return mlir::IntegerType::get(context, 32);
  case DType::I8:
    return mlir::IntegerType::get(context, 8);
  case DType::U8:
    return mlir::IntegerType::get(context, 8, mlir::IntegerType::Unsigned);
  case DType::Bool:
    return mlir::IntegerType::get(context, 1);
  }
  return {};
}

DType fromType(mlir::Type type) {
  for (int i = 0; i <= static_cast<int>(DType::Bool); ++i)
    if (toType(type.getContext(), static_cast<DType>(i)) == type)
      return static_cast<DType>(i);
  return DType::F32;
}

Dim fromSize(ir::SizeAttr size) {
  if (size.isConstant())
    return Dim(size.getValue());
  if (size.isSymbol())
    return Dim(size.getSymbol().str());
  Dim result = fromSize(size.getOperands().front());
  for (ir::SizeAttr operand : size.getOperands().drop_front()) {
    Dim next = fromSize(operand);
    switch (size.getKind()) {
    case ir::SizeKind::Mul:
      result = result * next;
      break;
    case ir::SizeKind::Add:
      result = result + next;
      break;
    case ir::SizeKind::FloorDiv:
      result = floorDiv(result, next);
      break;
    case ir::SizeKind::Min:
      result = min(result, next);
      break;
    default:
      result = max(result, next);
    }
  }
  return result;
}

ir::SizeAttr ProgramState::toSize(const Dim &dim) {
  if (dim.isConstant())
    return ir::sizeConstant(&context, dim.value());
  const Dim::Node &node = *dim.expression();
  if (node.op == '$') {
    if (!symbols.count(node.symbol))
      symbols[node.symbol] = ir::SymbolAttr::get(
          &context, mlir::StringAttr::get(&context, node.symbol), 1, std::nullopt, 1);
    return ir::sizeSymbol(&context, node.symbol);
  }
  ir::SizeAttr a = toSize(node.operands[0]), b = toSize(node.operands[1]);
  switch (node.op) {
  case '+':
    return ir::sizeAdd(a, b);
  case '*':
    return ir::sizeMul(a, b);
  case '/':
    return ir::sizeFloorDiv(a, b);
  case '<':
    return ir::sizeMin(a, b);
  default:
    return ir::sizeMax(a, b);
  }
}

static bool isSymbolName(llvm::StringRef name) {
  return !name.empty() && llvm::isAlpha(name.front()) &&
         llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

static const std::string *findBadSymbol(const Dim &dim) {
  if (dim.isConstant())
    return nullptr;
  const Dim::Node &node = *dim.expression();
  if (node.op == '$')
    return isSymbolName(node.symbol) ? nullptr : &node.symbol;
  for (const Dim &operand : node.operands)
    if (const std::string *bad = findBadSymbol(operand))
      return bad;
  return nullptr;
}

mlir::RankedTensorType ProgramState::toTensor(const Shape &shape, DType type,
                                              const std::string &what, const Site &site) {
  ir::Shape sizes;
  for (const auto &[i, dim] : llvm::enumerate(shape)) {
    if (const std::string *bad = findBadSymbol(dim)) {
      fail(what, site, "size '" + *bad + "' is not the name of a symbol",
           "names are a letter followed by letters, digits or '_'");
      return {};
    }
    sizes.push_back(toSize(dim));
    if (sizes.back().isConstant() && sizes.back().getValue() < 0) {
      fail(what, site,
           "size " + std::to_string(sizes.back().getValue()) + " of dimension " +
               std::to_string(i) + " is negative");
      return {};
    }
  }
  return ir::tensorType(&context, sizes, toType(&context, type));
}

} // namespace detail
} // namespace dlc
