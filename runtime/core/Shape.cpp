#include "runtime/core/Shape.h"

namespace dlc::runtime::core {

static long long ll(int64_t value) { return value; }

void Symbols::assign(const Symbols &other) {
  if (values.size() == 0)
    return;
  memcpy(values.data(), other.values.data(), values.size() * sizeof(int64_t));
  memcpy(bound.data(), other.bound.data(), bound.size());
}

bool Symbols::equals(const Symbols &other) const {
  for (size_t i = 0; i < values.size(); ++i)
    if (bound[i] != other.bound[i] || (bound[i] && values[i] != other.values[i]))
      return false;
  return true;
}

Status Symbols::bind(const dlc_artifact &artifact, uint32_t i, int64_t value, const char *who) {
  const dlc_symbol &symbol = artifact.symbols[i];
  const char *name = artifact.symbolName(i);
  if (bound[i] && values[i] != value)
    return fail(DLC_INVALID_ARGUMENT, "%s%s = %lld, but it is already %lld", who, name, ll(value),
                ll(values[i]));
  if (value < symbol.min)
    return fail(DLC_INVALID_ARGUMENT, "%s%s = %lld is below its minimum %lld", who, name,
                ll(value), ll(symbol.min));
  if (value > symbol.max)
    return fail(DLC_INVALID_ARGUMENT, "%s%s = %lld is above its maximum %lld", who, name,
                ll(value), ll(symbol.max));
  if (value % symbol.divisor != 0)
    return fail(DLC_INVALID_ARGUMENT, "%s%s = %lld is not a multiple of %lld", who, name,
                ll(value), ll(symbol.divisor));
  values[i] = value;
  bound[i] = 1;
  return Status();
}

Status Symbols::bindAll(const dlc_artifact &artifact, const dlc_size *sizes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    uint32_t symbol;
    DLC_TRY(findSymbol(artifact, sizes[i].symbol, &symbol));
    DLC_TRY(bind(artifact, symbol, sizes[i].value, ""));
  }
  return Status();
}

static const char *symbolNameOf(const void *context, uint32_t symbol) {
  return static_cast<const dlc_artifact *>(context)->symbolName(symbol);
}

Status evaluateSize(const dlc_artifact &artifact, Expr expr, const Symbols &symbols,
                    const char *who, int64_t *value) {
  EvalResult result = evaluate(expr, symbols.view());
  if (result.ok() && result.value >= 0) {
    *value = result.value;
    return Status();
  }
  if (result.error == EvalError::Unbound)
    return fail(DLC_INVALID_ARGUMENT,
                "%s: the size %s has no value; no bound input tells it, so it must be given", who,
                artifact.symbolName(result.symbol));
  Text text;
  print(text, expr, symbolNameOf, &artifact);
  const char *why = result.ok()                                   ? "is negative"
                    : result.error == EvalError::DivisionByZero ? "divides by zero"
                                                                  : "overflows 64 bits";
  return fail(DLC_INVALID_ARGUMENT, "%s: the size %s %s", who, text.str(), why);
}

Status evaluateDims(const dlc_artifact &artifact, const dlc_ref &exprs, const Symbols &symbols,
                    const char *who, int64_t *dims) {
  List<dlc_expr> list(exprs);
  for (uint32_t i = 0; i < list.size(); ++i)
    DLC_TRY(evaluateSize(artifact, Expr(list[i]), symbols, who, &dims[i]));
  return Status();
}

Status tensorBytes(uint32_t dtype, const int64_t *dims, uint32_t rank, const char *who,
                   int64_t *bytes) {
  int64_t total = dlc_dtype_bytes(dtype);
  bool empty = false;
  for (uint32_t i = 0; i < rank; ++i)
    empty |= dims[i] == 0;
  for (uint32_t i = 0; i < rank && !empty; ++i)
    if (dims[i] < 0 || __builtin_mul_overflow(total, dims[i], &total))
      return fail(DLC_INVALID_ARGUMENT, "%s: its size in bytes overflows 64 bits", who);
  *bytes = empty ? 0 : total;
  return Status();
}

void describe(Text &text, const dlc_artifact &artifact, uint32_t dtype, const dlc_ref &dims) {
  List<dlc_expr> list(dims);
  text.add("%s[", dlc_dtype_name(dtype));
  for (uint32_t i = 0; i < list.size(); ++i) {
    if (i)
      text.add(",");
    print(text, Expr(list[i]), symbolNameOf, &artifact);
  }
  text.add("]");
}

void describe(Text &text, uint32_t dtype, const int64_t *dims, uint32_t rank) {
  text.add("%s[", dlc_dtype_name(dtype));
  for (uint32_t i = 0; i < rank; ++i)
    text.add("%s%lld", i ? "," : "", ll(dims[i]));
  text.add("]");
}

// `input "x": expected f32[B,784], got f32[32,783]; ` and the reason.
static Status mismatch(const dlc_artifact &artifact, const dlc_port &port, uint32_t dtype,
                       const int64_t *dims, uint32_t rank, const char *why) {
  Text expected, got;
  describe(expected, artifact, port.dtype, port.dims);
  describe(got, dtype, dims, rank);
  return fail(DLC_INVALID_ARGUMENT, "input \"%s\": expected %s, got %s; %s",
              text(port.name), expected.str(), got.str(), why);
}

Status checkInput(const dlc_artifact &artifact, const dlc_port &port, uint32_t dtype,
                  const int64_t *dims, uint32_t rank) {
  Text why;
  if (dtype >= DLC_DTYPE_COUNT || rank > DLC_MAX_RANK)
    return fail(DLC_INVALID_ARGUMENT, "input \"%s\": type %u of rank %u does not exist",
                text(port.name), dtype, rank);
  if (dtype != port.dtype)
    why.add("the artifact was compiled for %s", dlc_dtype_name(port.dtype));
  else if (rank != port.dims.count)
    why.add("its rank is %u, not %u", port.dims.count, rank);
  List<dlc_expr> list(port.dims);
  for (uint32_t i = 0; i < rank && !*why.str(); ++i) {
    if (dims[i] < 0)
      why.add("dimension %u is negative", i);
    else if (isConstant(Expr(list[i])) && evaluate(Expr(list[i]), {}).value != dims[i])
      why.add("dimension %u is %lld", i, ll(evaluate(Expr(list[i]), {}).value));
  }
  return *why.str() ? mismatch(artifact, port, dtype, dims, rank, why.str()) : Status();
}

Status inferSymbols(const dlc_artifact &artifact, const dlc_port &port, const int64_t *dims,
                    bool onlyMissing, Symbols &symbols) {
  List<dlc_expr> list(port.dims);
  Text who;
  who.add("input \"%s\": ", text(port.name));
  for (uint32_t i = 0; i < list.size(); ++i) {
    uint32_t symbol = bareSymbol(Expr(list[i]));
    if (symbol == DLC_NONE || (onlyMissing && symbols.isBound(symbol)))
      continue;
    if (symbols.isBound(symbol) && symbols.value(symbol) != dims[i])
      continue; // checkDims reports it, with both shapes
    DLC_TRY(symbols.bind(artifact, symbol, dims[i], who.str()));
  }
  return Status();
}

Status checkDims(const dlc_artifact &artifact, const dlc_port &port, const int64_t *dims,
                 const Symbols &symbols) {
  List<dlc_expr> list(port.dims);
  for (uint32_t i = 0; i < list.size(); ++i) {
    Text who, why;
    who.add("input \"%s\"", text(port.name));
    int64_t expected;
    DLC_TRY(evaluateSize(artifact, Expr(list[i]), symbols, who.str(), &expected));
    if (expected == dims[i])
      continue;
    print(why, Expr(list[i]), symbolNameOf, &artifact);
    why.add(" is %lld here", ll(expected));
    return mismatch(artifact, port, port.dtype, dims, list.size(), why.str());
  }
  return Status();
}

} // namespace dlc::runtime::core
