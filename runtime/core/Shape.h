// Symbols get values, shapes get checked, and both get printed.
#ifndef DLC_RUNTIME_CORE_SHAPE_H
#define DLC_RUNTIME_CORE_SHAPE_H

#include "runtime/core/Artifact.h"

namespace dlc::runtime::core {

// Which of a program's symbols have a value, and which.
class Symbols {
public:
  // All unbound. False without memory.
  [[nodiscard]] bool allocate(uint32_t count) {
    return values.allocate(count) && bound.allocate(count);
  }
  // Copies the bindings of |other|, which has as many symbols. Allocates nothing.
  void assign(const Symbols &other);

  // Gives symbol |i| a value: checks minimum, maximum, divisor, and that an earlier value is the
  // same. |who| begins the message: `input "x": `.
  Status bind(const dlc_artifact &artifact, uint32_t i, int64_t value, const char *who);
  // The same for values that the API gives by name.
  Status bindAll(const dlc_artifact &artifact, const dlc_size *sizes, size_t count);

  Values view() const { return {values.data(), bound.data(), uint32_t(values.size())}; }
  bool isBound(uint32_t i) const { return bound[i]; }
  int64_t value(uint32_t i) const { return values[i]; }
  const int64_t *data() const { return values.data(); }
  // Same values for the same symbols.
  bool equals(const Symbols &other) const;

private:
  Array<int64_t> values;
  Array<uint8_t> bound;
};

// The value of a size expression that must not be negative. |who| names it in messages.
Status evaluateSize(const dlc_artifact &artifact, Expr expr, const Symbols &symbols,
                    const char *who, int64_t *value);

// Evaluates rank expressions to |dims|.
Status evaluateDims(const dlc_artifact &artifact, const dlc_ref &exprs, const Symbols &symbols,
                    const char *who, int64_t *dims);

// Bytes of a dense tensor; fails when they overflow.
Status tensorBytes(uint32_t dtype, const int64_t *dims, uint32_t rank, const char *who,
                   int64_t *bytes);

// "f32[B,784]" and "f32[32,784]".
void describe(Text &text, const dlc_artifact &artifact, uint32_t dtype, const dlc_ref &dims);
void describe(Text &text, uint32_t dtype, const int64_t *dims, uint32_t rank);

// Checks what an input was bound to: type, rank and constant sizes here, symbols by inferSymbols.
Status checkInput(const dlc_artifact &artifact, const dlc_port &port, uint32_t dtype,
                  const int64_t *dims, uint32_t rank);

// Binds the symbols that stand alone as a size of |port| to the sizes |dims|. With |onlyMissing|
// those that have a value keep it; otherwise a different one is an error.
Status inferSymbols(const dlc_artifact &artifact, const dlc_port &port, const int64_t *dims,
                    bool onlyMissing, Symbols &symbols);

// Checks every size of |port| against |dims| once all symbols are known.
Status checkDims(const dlc_artifact &artifact, const dlc_port &port, const int64_t *dims,
                 const Symbols &symbols);

} // namespace dlc::runtime::core

#endif
