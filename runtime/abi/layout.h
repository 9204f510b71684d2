/* How an entry is called: as a number that programs compare, and as text for people.
 *
 * The number depends on what a caller relies on and on nothing else: the entry's name; of each
 * input and each output, in order, name, element type (hence alignment) and sizes, with names and
 * ranges of the symbols in them; whether variables are read or assigned. So it is the same for
 * every processor and after every compilation, whatever the code, the other entries or the weights
 * are.
 *
 * The compiler writes both into headers, the runtime computes them from the table that it has
 * opened: one code for both, over tables that were checked. C99.
 */
#ifndef DLC_RUNTIME_ABI_LAYOUT_H
#define DLC_RUNTIME_ABI_LAYOUT_H

#include "runtime/abi/dtype.h"
#include "runtime/abi/program.h"

#include <stdio.h>

/* ---- Reading the table ----------------------------------------------------------------------- */

static inline const void *dlc_followed(const dlc_rel *rel) { return (const char *)rel + *rel; }
static inline const char *dlc_text_at(const dlc_rel *rel) {
  return (const char *)dlc_followed(rel);
}

/* Element |i| of an array of structs, which has one. */
static inline const void *dlc_element_at(const dlc_ref *list, uint32_t i) {
  const char *first = (const char *)dlc_followed(&list->rel);
  return first + (size_t)i * *(const uint32_t *)first;
}
static inline const dlc_symbol *dlc_symbol_at(const dlc_program *program, int64_t i) {
  return (const dlc_symbol *)dlc_element_at(&program->symbols, (uint32_t)i);
}
static inline const dlc_expr *dlc_dim_at(const dlc_port *port, uint32_t i) {
  return (const dlc_expr *)dlc_followed(&port->dims.rel) + i;
}
static inline const int64_t *dlc_code_of(const dlc_expr *expr) {
  return (const int64_t *)dlc_followed(&expr->rel);
}

/* ---- The number ------------------------------------------------------------------------------ */

/* FNV-1a over the bytes of a number, the lowest first. */
static inline uint64_t dlc_mix_number(uint64_t hash, uint64_t number) {
  int k;
  for (k = 0; k < 64; k += 8)
    hash = (hash ^ (number >> k & 0xff)) * UINT64_C(1099511628211);
  return hash;
}

/* The NUL, too, so that no two texts run into each other. */
static inline uint64_t dlc_mix_text(uint64_t hash, const char *text) {
  do
    hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
  while (*text++);
  return hash;
}

/* Symbols count by name and range: their numbers depend on the other entries. */
static inline uint64_t dlc_mix_size(uint64_t hash, const dlc_program *program,
                                    const dlc_expr *expr) {
  const int64_t *code = dlc_code_of(expr);
  uint32_t i;
  hash = dlc_mix_number(hash, expr->count);
  for (i = 0; i < expr->count; ++i) {
    hash = dlc_mix_number(hash, (uint64_t)code[i]);
    if (code[i] == DLC_EXPR_SYM) {
      const dlc_symbol *symbol = dlc_symbol_at(program, code[++i]);
      hash = dlc_mix_text(hash, dlc_text_at(&symbol->name));
      hash = dlc_mix_number(hash, (uint64_t)symbol->min);
      hash = dlc_mix_number(hash, (uint64_t)symbol->max);
      hash = dlc_mix_number(hash, (uint64_t)symbol->divisor);
    } else if (code[i] == DLC_EXPR_CONST) {
      hash = dlc_mix_number(hash, (uint64_t)code[++i]);
    }
  }
  return hash;
}

static inline uint64_t dlc_mix_ports(uint64_t hash, const dlc_program *program,
                                     const dlc_ref *ports) {
  uint32_t i, k;
  hash = dlc_mix_number(hash, ports->count);
  for (i = 0; i < ports->count; ++i) {
    const dlc_port *port = (const dlc_port *)dlc_element_at(ports, i);
    hash = dlc_mix_text(hash, dlc_text_at(&port->name));
    hash = dlc_mix_number(hash, port->dtype);
    hash = dlc_mix_number(hash, port->dims.count);
    for (k = 0; k < port->dims.count; ++k)
      hash = dlc_mix_size(hash, program, dlc_dim_at(port, k));
  }
  return hash;
}

/* The number of |entry|, which belongs to |program|. */
static inline uint64_t dlc_layout_of_entry(const dlc_program *program, const dlc_entry *entry) {
  uint64_t hash = dlc_mix_text(UINT64_C(14695981039346656037), dlc_text_at(&entry->name));
  hash = dlc_mix_ports(hash, program, &entry->inputs);
  hash = dlc_mix_ports(hash, program, &entry->outputs);
  hash = dlc_mix_number(hash, entry->reads.count > 0);
  return dlc_mix_number(hash, entry->writes.count > 0);
}

/* ---- The text -------------------------------------------------------------------------------- */

/* What does not fit is cut; there is room for the NUL. */
typedef struct dlc_line {
  char *text;
  size_t capacity, used;
} dlc_line;

static inline void dlc_put(dlc_line *line, const char *text) {
  while (*text && line->used + 1 < line->capacity)
    line->text[line->used++] = *text++;
  line->text[line->used] = 0;
}

static inline void dlc_put_number(dlc_line *line, int64_t number) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)number);
  dlc_put(line, digits);
}

/* A size expression in infix form, "2*B+1"; |name| gives the symbols' names. Infix text needs the
 * operands' texts, so each slot of the stack is one; long ones are cut. */
static inline void dlc_put_size(dlc_line *line, const int64_t *code, uint32_t count,
                                const char *(*name)(const void *context, uint32_t symbol),
                                const void *context) {
  struct {
    char text[96];
    int atom; /* needs no parentheses as a factor */
  } stack[DLC_EXPR_MAX_DEPTH + 1], made;
  uint32_t depth = 0, i;
  for (i = 0; i < count; ++i) {
    int64_t op = code[i];
    made.atom = op <= DLC_EXPR_SYM || op == DLC_EXPR_MIN || op == DLC_EXPR_MAX;
    if (op == DLC_EXPR_CONST) {
      snprintf(made.text, sizeof made.text, "%lld", (long long)code[++i]);
    } else if (op == DLC_EXPR_SYM) {
      snprintf(made.text, sizeof made.text, "%s", name(context, (uint32_t)code[++i]));
    } else if (op == DLC_EXPR_NEG) {
      snprintf(made.text, sizeof made.text, "-(%.90s)", stack[--depth].text);
    } else {
      const char *open = op == DLC_EXPR_MIN ? "min(" : op == DLC_EXPR_MAX ? "max(" : "";
      const char *sign = op == DLC_EXPR_ADD ? "+" : op == DLC_EXPR_MUL ? "*" : "//";
      int factors = op == DLC_EXPR_MUL || op == DLC_EXPR_FLOORDIV, wrap_a, wrap_b;
      depth -= 2;
      wrap_a = factors && !stack[depth].atom;
      wrap_b = factors && !stack[depth + 1].atom;
      snprintf(made.text, sizeof made.text, "%s%s%.42s%s%s%s%.42s%s%s", open, wrap_a ? "(" : "",
               stack[depth].text, wrap_a ? ")" : "", *open ? "," : sign, wrap_b ? "(" : "",
               stack[depth + 1].text, wrap_b ? ")" : "", *open ? ")" : "");
    }
    stack[depth++] = made;
  }
  dlc_put(line, count ? stack[0].text : "0");
}

static inline const char *dlc_name_of_symbol(const void *program, uint32_t i) {
  return dlc_text_at(&dlc_symbol_at((const dlc_program *)program, i)->name);
}

/* "x: f32[B,784], y: i32[B]". */
static inline void dlc_put_ports(dlc_line *line, const dlc_program *program, const dlc_ref *ports) {
  uint32_t i, k;
  for (i = 0; i < ports->count; ++i) {
    const dlc_port *port = (const dlc_port *)dlc_element_at(ports, i);
    dlc_put(line, i ? ", " : "");
    dlc_put(line, dlc_text_at(&port->name));
    dlc_put(line, ": ");
    dlc_put(line, dlc_dtype_name(port->dtype));
    for (k = 0; k < port->dims.count; ++k) {
      const dlc_expr *dim = dlc_dim_at(port, k);
      dlc_put(line, k ? "," : "[");
      dlc_put_size(line, dlc_code_of(dim), dim->count, dlc_name_of_symbol, program);
    }
    dlc_put(line, port->dims.count ? "]" : "[]");
  }
}

/* Whether a size of one of |ports| mentions a symbol. */
static inline int dlc_ports_mention(const dlc_ref *ports, uint32_t symbol) {
  uint32_t i, k, w;
  for (i = 0; i < ports->count; ++i) {
    const dlc_port *port = (const dlc_port *)dlc_element_at(ports, i);
    for (k = 0; k < port->dims.count; ++k) {
      const dlc_expr *dim = dlc_dim_at(port, k);
      const int64_t *code = dlc_code_of(dim);
      for (w = 0; w < dim->count; w += code[w] <= DLC_EXPR_SYM ? 2 : 1)
        if (code[w] == DLC_EXPR_SYM && code[w + 1] == (int64_t)symbol)
          return 1;
    }
  }
  return 0;
}

/* "; B in [1,1000], a multiple of 8", or "; B >= 1". */
static inline void dlc_put_range(dlc_line *line, const dlc_symbol *symbol) {
  int open = symbol->max == INT64_MAX;
  dlc_put(line, "; ");
  dlc_put(line, dlc_text_at(&symbol->name));
  dlc_put(line, open ? " >= " : " in [");
  dlc_put_number(line, symbol->min);
  if (!open) {
    dlc_put(line, ",");
    dlc_put_number(line, symbol->max);
    dlc_put(line, "]");
  }
  if (symbol->divisor != 1) {
    dlc_put(line, ", a multiple of ");
    dlc_put_number(line, symbol->divisor);
  }
}

/* Writes "predict(x: f32[B,784]) -> (y: f32[B,10]), reads variables; B >= 1" to |text|, cut to
 * |capacity| bytes with the NUL. */
static inline void dlc_describe_entry(const dlc_program *program, const dlc_entry *entry,
                                      char *text, size_t capacity) {
  static const char *const uses[] = {"", ", reads variables", ", assigns variables",
                                     ", reads and assigns variables"};
  dlc_line line;
  uint32_t i;
  if (!capacity)
    return;
  line.text = text;
  line.capacity = capacity;
  line.used = 0;
  dlc_put(&line, dlc_text_at(&entry->name));
  dlc_put(&line, "(");
  dlc_put_ports(&line, program, &entry->inputs);
  dlc_put(&line, ") -> (");
  dlc_put_ports(&line, program, &entry->outputs);
  dlc_put(&line, ")");
  dlc_put(&line, uses[(entry->reads.count > 0) + 2 * (entry->writes.count > 0)]);
  for (i = 0; i < program->symbols.count; ++i)
    if (dlc_ports_mention(&entry->inputs, i) || dlc_ports_mention(&entry->outputs, i))
      dlc_put_range(&line, dlc_symbol_at(program, i));
}

#endif
