// Builds program tables by hand, so that the runtime is tested without a compiler.
//
// Relative references reach 2 GB, so tables live in the test binary's own data, near its functions.
#ifndef DLC_TEST_RUNTIME_TABLEBUILDER_H
#define DLC_TEST_RUNTIME_TABLEBUILDER_H

#include "runtime/abi/kernel.h"
#include "runtime/abi/program.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <vector>

namespace dlc::test {

using Code = std::vector<int64_t>;

inline Code constant(int64_t value) { return {DLC_EXPR_CONST, value}; }
inline Code symbol(int64_t index) { return {DLC_EXPR_SYM, index}; }
inline Code binary(int64_t op, Code a, const Code &b) {
  a.insert(a.end(), b.begin(), b.end());
  a.push_back(op);
  return a;
}
inline Code operator*(const Code &a, const Code &b) { return binary(DLC_EXPR_MUL, a, b); }
inline Code operator*(int64_t a, const Code &b) { return constant(a) * b; }
inline Code operator+(const Code &a, const Code &b) { return binary(DLC_EXPR_ADD, a, b); }

class TableBuilder {
public:
  // |count| zeroed structs that know their size, or plain values.
  template <typename T> T *make(uint32_t count) {
    auto *made = static_cast<T *>(take(sizeof(T) * count, 8));
    if constexpr (requires { made->size; })
      for (uint32_t i = 0; i < count; ++i)
        made[i].size = sizeof(T);
    return made;
  }

  static void point(dlc_rel &field, const void *target) {
    field = dlc_rel(static_cast<const char *>(target) - reinterpret_cast<const char *>(&field));
  }
  template <typename R, typename... Args> static void point(dlc_rel &field, R (*fn)(Args...)) {
    point(field, reinterpret_cast<const void *>(fn));
  }

  void name(dlc_rel &field, const char *text) {
    char *copy = static_cast<char *>(take(strlen(text) + 1, 1));
    strcpy(copy, text);
    point(field, copy);
  }

  template <typename T> T *array(dlc_ref &ref, uint32_t count) {
    T *made = make<T>(count);
    point(ref.rel, made);
    ref.count = count;
    return made;
  }

  void expr(dlc_expr &field, const Code &code) {
    memcpy(array<int64_t>(field, uint32_t(code.size())), code.data(), code.size() * 8);
  }
  void exprs(dlc_ref &field, const std::vector<Code> &codes) {
    dlc_expr *list = array<dlc_expr>(field, uint32_t(codes.size()));
    for (size_t i = 0; i < codes.size(); ++i)
      expr(list[i], codes[i]);
  }
  void indices(dlc_ref &field, std::initializer_list<uint32_t> values) {
    memcpy(array<uint32_t>(field, uint32_t(values.size())), values.begin(), values.size() * 4);
  }

  void symbolAt(dlc_symbol &s, const char *text, int64_t min, int64_t max, int64_t divisor) {
    name(s.name, text);
    s.min = min;
    s.max = max;
    s.divisor = divisor;
  }
  void variable(dlc_variable &v, const char *text, uint32_t dtype, uint32_t role,
                const std::vector<Code> &dims) {
    name(v.name, text);
    v.dtype = dtype;
    v.role = role;
    exprs(v.dims, dims);
  }
  void port(dlc_port &p, const char *text, uint32_t dtype, const std::vector<Code> &dims) {
    name(p.name, text);
    p.dtype = dtype;
    exprs(p.dims, dims);
  }
  void storage(dlc_storage &s, const char *text, uint32_t variable, const Code &bytes) {
    name(s.name, text);
    s.variable = variable;
    expr(s.bytes, bytes);
    s.import_kernel = s.export_kernel = s.refresh_kernel = -1;
  }
  void buffer(dlc_buffer &b, uint32_t kind, uint32_t index, const Code &bytes, uint32_t first = 0,
              uint32_t last = 0) {
    b.kind = kind;
    b.index = index;
    b.first = first;
    b.last = last;
    b.alias = -1;
    expr(b.bytes, bytes);
  }
  // A kernel with one phase.
  void kernel(dlc_kernel &k, const char *text, uint32_t args, uint32_t sizes, dlc_phase_fn fn,
              const Code &tiles) {
    name(k.name, text);
    k.args = args;
    k.sizes = sizes;
    phase(*array<dlc_phase>(k.phases, 1), fn, tiles);
  }
  // What a kernel's last argument holds, for checked runs, and what it computes.
  void result(dlc_kernel &k, uint32_t dtype, const Code &elements, const char *where) {
    dlc_result &result = *array<dlc_result>(k.results, 1);
    result.dtype = dtype;
    expr(result.elements, elements);
    name(k.where, where);
  }
  void phase(dlc_phase &p, dlc_phase_fn fn, const Code &tiles) {
    point(p.fn, fn);
    expr(p.tiles, tiles);
  }

  dlc_program *program(const char *text) {
    auto *made = make<dlc_program>(1);
    made->abi = DLC_ABI_VERSION;
    made->magic = DLC_PROGRAM_MAGIC;
    name(made->name, text);
    return made;
  }

  void *take(size_t bytes, size_t alignment) {
    used = (used + alignment - 1) / alignment * alignment;
    if (used + bytes > sizeof memory)
      abort();
    void *start = memory + used;
    used += bytes;
    return start;
  }

private:
  alignas(64) static inline char memory[1 << 20];
  static inline size_t used = 0;
};

} // namespace dlc::test

#endif
