// Kernels of oneDNN (3.x) for the comparison, each behind the same handle.
//
// Activations are row-major and channels last, as on our side. Weights are in whatever form the
// primitive prefers; they are reordered once, before anything is timed. Results in such a form are
// reordered back when they are fetched, which is not timed either.
#include "dnnl.hpp"
#include "dnnl_version.h"
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using Dims = memory::dims;
using Type = memory::data_type;
using Desc = memory::desc;
using Tag = memory::format_tag;

namespace {

engine &cpu() {
  static engine instance(engine::kind::cpu, 0);
  return instance;
}
stream &queue() {
  static stream instance(cpu());
  return instance;
}

// One or more primitives that run after each other, and how to bring results home.
struct Kernel {
  struct Step {
    primitive work;
    std::unordered_map<int, memory> arguments;
  };
  std::vector<Step> steps, fetches;

  void add(const primitive &work, std::unordered_map<int, memory> arguments, const Desc &scratch) {
    if (scratch.get_size())
      arguments.insert({DNNL_ARG_SCRATCHPAD, memory(scratch, cpu())});
    steps.push_back({work, std::move(arguments)});
  }
  // The caller's memory as it is.
  static memory plain(const Desc &desc, void *data) { return memory(desc, cpu(), data); }
  // The caller's values in the form |wanted|, converted now.
  static memory prepared(const Desc &given, void *data, const Desc &wanted) {
    memory source = plain(given, data);
    if (given == wanted)
      return source;
    memory result(wanted, cpu());
    reorder(source, result).execute(queue(), source, result);
    queue().wait();
    return result;
  }
  // Memory of the form |made|, which fetching converts to the caller's form |wanted|.
  memory produced(const Desc &made, const Desc &wanted, void *data) {
    if (made == wanted)
      return plain(wanted, data);
    memory result(made, cpu()), home = plain(wanted, data);
    fetches.push_back({reorder(result, home), {{DNNL_ARG_FROM, result}, {DNNL_ARG_TO, home}}});
    return result;
  }
};

primitive_attr attributes() {
  primitive_attr attr;
  attr.set_scratchpad_mode(scratchpad_mode::user);
  return attr;
}

Type typeOf(int64_t isBf16) { return isBf16 ? Type::bf16 : Type::f32; }

// Row-major strides, innermost last.
Dims rowMajor(const Dims &sizes) {
  Dims strides(sizes.size(), 1);
  for (size_t i = sizes.size() - 1; i-- > 0;)
    strides[i] = strides[i + 1] * sizes[i + 1];
  return strides;
}

// An image [batch, spatial..., channels] described in oneDNN's order [batch, channels, spatial...].
Desc image(const Dims &sizes, Type type) {
  Dims strides = rowMajor(sizes), logical{sizes[0], sizes.back()}, moved{strides[0], 1};
  for (size_t i = 1; i + 1 < sizes.size(); ++i) {
    logical.push_back(sizes[i]);
    moved.push_back(strides[i]);
  }
  return Desc(logical, type, moved);
}

// A filter [window..., in / groups, out] in the order [groups,] out, in, window...
Desc filter(const Dims &sizes, int64_t groups, Type type) {
  size_t rank = sizes.size() - 2;
  Dims strides = rowMajor(sizes), logical, moved;
  if (groups > 1) {
    logical.push_back(groups);
    moved.push_back(sizes[rank + 1] / groups);
  }
  logical.insert(logical.end(), {sizes[rank + 1] / groups, sizes[rank]});
  moved.insert(moved.end(), {1, strides[rank]});
  for (size_t i = 0; i < rank; ++i) {
    logical.push_back(sizes[i]);
    moved.push_back(strides[i]);
  }
  return Desc(logical, type, moved);
}

Desc any(const Desc &desc) {
  return Desc(desc.get_dims(), desc.get_data_type(), Tag::any);
}

// |numbers|: batch, m, k, n, transpose a, transpose b, epilogue, bf16, any form for a and b.
// |pointers|: a, b, bias or null, c.
void matmulKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  int64_t batch = numbers[0], m = numbers[1], k = numbers[2], n = numbers[3];
  Type type = typeOf(numbers[7]);
  Desc a({batch, m, k}, type, numbers[4] ? Dims{m * k, 1, m} : Dims{m * k, k, 1});
  Desc b({batch, k, n}, type, numbers[5] ? Dims{k * n, 1, k} : Dims{k * n, n, 1});
  Desc c({batch, m, n}, type, Dims{m * n, n, 1}), bias({1, 1, n}, type, Dims{n, n, 1});
  primitive_attr attr = attributes();
  post_ops after;
  if (numbers[6])
    after.append_eltwise(numbers[6] == 1 ? algorithm::eltwise_relu : algorithm::eltwise_gelu_erf, 0,
                         0);
  attr.set_post_ops(after);
  Desc weights = numbers[8] ? any(b) : b;
  matmul::primitive_desc desc =
      pointers[2] ? matmul::primitive_desc(cpu(), a, weights, bias, c, attr)
                  : matmul::primitive_desc(cpu(), a, weights, c, attr);
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, Kernel::plain(a, pointers[0])},
      {DNNL_ARG_WEIGHTS, Kernel::prepared(b, pointers[1], desc.weights_desc())},
      {DNNL_ARG_DST, Kernel::plain(c, pointers[3])}};
  if (pointers[2])
    arguments.insert({DNNL_ARG_BIAS, Kernel::plain(bias, pointers[2])});
  kernel.add(matmul(desc), arguments, desc.scratchpad_desc());
}

// |numbers|: m, k, n, bf16. |pointers|: x, dy, dw, db. The backward pass of an inner product.
void denseWeightGradient(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  int64_t m = numbers[0], k = numbers[1], n = numbers[2];
  Type type = typeOf(numbers[3]);
  Desc x({m, k}, type, Tag::ab), dy({m, n}, type, Tag::ab), dw({n, k}, type, Tag::ba),
      db({n}, type, Tag::a);
  inner_product_forward::primitive_desc forward(cpu(), prop_kind::forward_training, x, any(dw), db,
                                                dy, attributes());
  inner_product_backward_weights::primitive_desc desc(cpu(), x, any(dw), db, dy, forward,
                                                      attributes());
  kernel.add(inner_product_backward_weights(desc),
             {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
              {DNNL_ARG_DIFF_DST, Kernel::plain(dy, pointers[1])},
              {DNNL_ARG_DIFF_WEIGHTS,
               kernel.produced(desc.diff_weights_desc(), dw, pointers[2])},
              {DNNL_ARG_DIFF_BIAS, Kernel::plain(db, pointers[3])}},
             desc.scratchpad_desc());
}

// |numbers|: kind (0 forward, 1 dX, 2 dW), rank, stride, low, high, dilation, groups, bf16, then
// the sizes of x, w and y. |pointers|: x, w, y.
void convolutionKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  int64_t rank = numbers[1], groups = numbers[6];
  Type type = typeOf(numbers[7]);
  const int64_t *sizes = numbers + 8;
  auto next = [&](int64_t count) {
    sizes += count;
    return Dims(sizes - count, sizes);
  };
  Desc x = image(next(rank + 2), type), w = filter(next(rank + 2), groups, type),
       y = image(next(rank + 2), type);
  Dims strides(rank, numbers[2]), low(rank, numbers[3]), high(rank, numbers[4]),
      dilation(rank, numbers[5] - 1);
  auto kind = numbers[0] ? prop_kind::forward_training : prop_kind::forward_inference;
  convolution_forward::primitive_desc forward(cpu(), kind, algorithm::convolution_direct, x, any(w),
                                              y, strides, dilation, low, high, attributes());
  if (numbers[0] == 0) {
    kernel.add(convolution_forward(forward),
               {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
                {DNNL_ARG_WEIGHTS, Kernel::prepared(w, pointers[1], forward.weights_desc())},
                {DNNL_ARG_DST, Kernel::plain(y, pointers[2])}},
               forward.scratchpad_desc());
  } else if (numbers[0] == 1) {
    convolution_backward_data::primitive_desc desc(cpu(), algorithm::convolution_direct, x, any(w),
                                                   y, strides, dilation, low, high, forward,
                                                   attributes());
    kernel.add(convolution_backward_data(desc),
               {{DNNL_ARG_DIFF_DST, Kernel::plain(y, pointers[2])},
                {DNNL_ARG_WEIGHTS, Kernel::prepared(w, pointers[1], desc.weights_desc())},
                {DNNL_ARG_DIFF_SRC, Kernel::plain(x, pointers[0])}},
               desc.scratchpad_desc());
  } else {
    convolution_backward_weights::primitive_desc desc(cpu(), algorithm::convolution_direct, x,
                                                      any(w), y, strides, dilation, low, high,
                                                      forward, attributes());
    kernel.add(convolution_backward_weights(desc),
               {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
                {DNNL_ARG_DIFF_DST, Kernel::plain(y, pointers[2])},
                {DNNL_ARG_DIFF_WEIGHTS,
                 kernel.produced(desc.diff_weights_desc(), w, pointers[1])}},
               desc.scratchpad_desc());
  }
}

// |numbers|: rows, columns, backward. |pointers|: x, y or y, dy, dx.
void softmaxKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  Desc x({numbers[0], numbers[1]}, Type::f32, Tag::ab);
  softmax_forward::primitive_desc forward(cpu(), prop_kind::forward_training,
                                          algorithm::softmax_accurate, x, x, 1, attributes());
  if (!numbers[2])
    return kernel.add(softmax_forward(forward),
                      {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
                       {DNNL_ARG_DST, Kernel::plain(x, pointers[1])}},
                      forward.scratchpad_desc());
  softmax_backward::primitive_desc desc(cpu(), algorithm::softmax_accurate, x, x, x, 1, forward,
                                        attributes());
  kernel.add(softmax_backward(desc),
             {{DNNL_ARG_DST, Kernel::plain(x, pointers[0])},
              {DNNL_ARG_DIFF_DST, Kernel::plain(x, pointers[1])},
              {DNNL_ARG_DIFF_SRC, Kernel::plain(x, pointers[2])}},
             desc.scratchpad_desc());
}

// Layer, batch and group norm differ in their descriptors only.
template <typename Forward, typename Backward, typename MakeForward, typename MakeBackward>
void normalisation(Kernel &kernel, bool both, const Desc &x, int64_t channels, MakeForward forward,
                   MakeBackward backward, void *const *pointers) {
  Desc c({channels}, Type::f32, Tag::a);
  auto desc = forward();
  memory mean(desc.mean_desc(), cpu()), variance(desc.variance_desc(), cpu());
  memory source = Kernel::plain(x, pointers[0]), scale = Kernel::plain(c, pointers[1]);
  kernel.add(Forward(desc),
             {{DNNL_ARG_SRC, source},
              {DNNL_ARG_SCALE, scale},
              {DNNL_ARG_SHIFT, Kernel::plain(c, pointers[2])},
              {DNNL_ARG_MEAN, mean},
              {DNNL_ARG_VARIANCE, variance},
              {DNNL_ARG_DST, Kernel::plain(x, pointers[3])}},
             desc.scratchpad_desc());
  if (!both)
    return;
  auto back = backward(desc);
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, source},
      {DNNL_ARG_SCALE, scale},
      {DNNL_ARG_MEAN, mean},
      {DNNL_ARG_VARIANCE, variance},
      {DNNL_ARG_DIFF_DST, Kernel::plain(x, pointers[4])},
      {DNNL_ARG_DIFF_SRC, Kernel::plain(x, pointers[5])},
      {DNNL_ARG_DIFF_SCALE, Kernel::plain(c, pointers[6])},
      {DNNL_ARG_DIFF_SHIFT, Kernel::plain(c, pointers[7])}};
  // Its number of inputs is checked, and differs.
  if (std::is_same_v<Backward, layer_normalization_backward>)
    arguments.insert({DNNL_ARG_SHIFT, Kernel::plain(c, pointers[2])});
  kernel.add(Backward(back), arguments, back.scratchpad_desc());
}

// |numbers|: kind (0 layer, 1 batch, 2 group), backward, groups, rank, the sizes of x.
// |pointers|: x, scale, offset, y, dy, dx, dscale, doffset.
void normalisationKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  Dims sizes(numbers + 4, numbers + 4 + numbers[3]);
  bool both = numbers[1];
  auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
  auto training = prop_kind::forward_training, backward = prop_kind::backward;
  float epsilon = 1e-3f;
  primitive_attr attr = attributes();
  if (numbers[0] == 0) {
    Desc x(sizes, Type::f32, rowMajor(sizes));
    using F = layer_normalization_forward;
    using B = layer_normalization_backward;
    normalisation<F, B>(
        kernel, both, x, sizes.back(),
        [&] { return F::primitive_desc(cpu(), training, x, x, epsilon, flags, attr); },
        [&](auto &desc) {
          return B::primitive_desc(cpu(), backward, x, x, x, epsilon, flags, desc, attr);
        },
        pointers);
  } else if (numbers[0] == 1) {
    Desc x = image(sizes, Type::f32);
    using F = batch_normalization_forward;
    using B = batch_normalization_backward;
    normalisation<F, B>(
        kernel, both, x, sizes.back(),
        [&] { return F::primitive_desc(cpu(), training, x, x, epsilon, flags, attr); },
        [&](auto &desc) {
          return B::primitive_desc(cpu(), backward, x, x, x, epsilon, flags, desc, attr);
        },
        pointers);
  } else {
#if DNNL_VERSION_MAJOR > 3 || DNNL_VERSION_MINOR >= 3
    Desc x = image(sizes, Type::f32);
    using F = group_normalization_forward;
    using B = group_normalization_backward;
    normalisation<F, B>(
        kernel, both, x, sizes.back(),
        [&] { return F::primitive_desc(cpu(), training, x, x, numbers[2], epsilon, flags, attr); },
        [&](auto &desc) {
          return B::primitive_desc(cpu(), backward, x, x, x, numbers[2], epsilon, flags, desc,
                                   attr);
        },
        pointers);
#else
    throw std::runtime_error("group normalisation came with oneDNN 3.3");
#endif
  }
}

// |numbers|: elements, backward. |pointers|: x, y or x, dy, dx.
void geluKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  Desc x({numbers[0]}, Type::f32, Tag::a);
  auto gelu = algorithm::eltwise_gelu_erf;
  eltwise_forward::primitive_desc forward(cpu(), prop_kind::forward_training, gelu, x, x, 0, 0,
                                          attributes());
  if (!numbers[1])
    return kernel.add(eltwise_forward(forward),
                      {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
                       {DNNL_ARG_DST, Kernel::plain(x, pointers[1])}},
                      forward.scratchpad_desc());
  eltwise_backward::primitive_desc desc(cpu(), gelu, x, x, x, 0, 0, forward, attributes());
  kernel.add(eltwise_backward(desc),
             {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
              {DNNL_ARG_DIFF_DST, Kernel::plain(x, pointers[1])},
              {DNNL_ARG_DIFF_SRC, Kernel::plain(x, pointers[2])}},
             desc.scratchpad_desc());
}

// |numbers|: average, backward, window, stride, low, high, the sizes of x and y.
// |pointers|: x, y, dy, dx.
void poolKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  Desc x = image(Dims(numbers + 6, numbers + 10), Type::f32);
  Desc y = image(Dims(numbers + 10, numbers + 14), Type::f32);
  auto kind = numbers[0] ? algorithm::pooling_avg_exclude_padding : algorithm::pooling_max;
  Dims window(2, numbers[2]), stride(2, numbers[3]), low(2, numbers[4]), high(2, numbers[5]);
  auto prop = numbers[1] ? prop_kind::forward_training : prop_kind::forward_inference;
  pooling_forward::primitive_desc forward(cpu(), prop, kind, x, y, stride, window, {0, 0}, low,
                                          high, attributes());
  memory workspace(forward.workspace_desc(), cpu());
  kernel.add(pooling_forward(forward),
             {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
              {DNNL_ARG_DST, Kernel::plain(y, pointers[1])},
              {DNNL_ARG_WORKSPACE, workspace}},
             forward.scratchpad_desc());
  if (!numbers[1])
    return;
  pooling_backward::primitive_desc desc(cpu(), kind, x, y, stride, window, {0, 0}, low, high,
                                        forward, attributes());
  kernel.add(pooling_backward(desc),
             {{DNNL_ARG_DIFF_DST, Kernel::plain(y, pointers[2])},
              {DNNL_ARG_DIFF_SRC, Kernel::plain(x, pointers[3])},
              {DNNL_ARG_WORKSPACE, workspace}},
             desc.scratchpad_desc());
}

// |numbers|: rank, sizes of x, then the strides with which x reads as the result.
// |pointers|: x, y.
void transposeKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  int64_t rank = numbers[0];
  Dims result(numbers + 1, numbers + 1 + rank), strides(numbers + 1 + rank, numbers + 1 + 2 * rank);
  memory from = Kernel::plain(Desc(result, Type::f32, strides), pointers[0]);
  memory to = Kernel::plain(Desc(result, Type::f32, rowMajor(result)), pointers[1]);
  reorder::primitive_desc desc(from, to, attributes());
  kernel.add(reorder(desc), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, desc.scratchpad_desc());
}

// |numbers|: rank, axis, sizes of x. |pointers|: x, y.
void sumKernel(Kernel &kernel, const int64_t *numbers, void *const *pointers) {
  Dims sizes(numbers + 2, numbers + 2 + numbers[0]), reduced = sizes;
  reduced[numbers[1]] = 1;
  Desc x(sizes, Type::f32, rowMajor(sizes)), y(reduced, Type::f32, rowMajor(reduced));
  reduction::primitive_desc desc(cpu(), algorithm::reduction_sum, x, y, 0, 0, attributes());
  kernel.add(reduction(desc),
             {{DNNL_ARG_SRC, Kernel::plain(x, pointers[0])},
              {DNNL_ARG_DST, Kernel::plain(y, pointers[1])}},
             desc.scratchpad_desc());
}

const std::unordered_map<std::string,
                         std::function<void(Kernel &, const int64_t *, void *const *)>>
    kMakers{{"matmul", matmulKernel},         {"dense_dw", denseWeightGradient},
            {"conv", convolutionKernel},      {"softmax", softmaxKernel},
            {"norm", normalisationKernel},    {"gelu", geluKernel},
            {"pool", poolKernel},             {"transpose", transposeKernel},
            {"sum", sumKernel}};

thread_local std::string message;

} // namespace

extern "C" {

// Null on failure; the reason is given by onednn_message.
void *onednn_make(const char *kind, const int64_t *numbers, void *const *pointers) {
  auto *kernel = new Kernel;
  try {
    kMakers.at(kind)(*kernel, numbers, pointers);
    return kernel;
  } catch (const std::exception &failure) {
    message = failure.what();
  }
  delete kernel;
  return nullptr;
}

const char *onednn_message() { return message.c_str(); }

// False on failure; the reason is given by onednn_message.
bool onednn_run(void *handle, int64_t count) {
  auto *kernel = static_cast<Kernel *>(handle);
  try {
    for (int64_t i = 0; i < count; ++i)
      for (Kernel::Step &step : kernel->steps)
        step.work.execute(queue(), step.arguments);
    queue().wait();
    return true;
  } catch (const std::exception &failure) {
    message = failure.what();
    return false;
  }
}

void onednn_fetch(void *handle) {
  for (Kernel::Step &step : static_cast<Kernel *>(handle)->fetches)
    step.work.execute(queue(), step.arguments);
  queue().wait();
}

void onednn_free(void *handle) { delete static_cast<Kernel *>(handle); }

const char *onednn_version() {
  static std::string text = std::to_string(version()->major) + "." +
                            std::to_string(version()->minor) + "." +
                            std::to_string(version()->patch);
  return text.c_str();
}
}
