// Data for training and inference: arrays, data sets and streams of batches.
//
// A `Dataset` is a set of named columns with one row per sample, held in memory. Loaders make it
// from files (IDX, CSV, NPY, NPZ, text; each also gzip-compressed) or from a program's own memory.
// Selecting rows and changing element types are descriptions, not copies: they are carried out
// when a `BatchStream` gathers a batch.
//
//   auto digits = loadDataset("x=digits.csv.gz:0-63*0.0625,y=digits.csv.gz:64,?except=5");
//   auto stream = BatchStream::create(*digits, {.batchSize = 32, .shuffle = true, .seed = 7});
//   (*stream)->start(0, (*stream)->batchesPerPass());
//   while (const Batch *batch = (*stream)->next()) ...
//
// Everything here is deterministic: the order of samples is a pure function of (seed, pass).
// Objects may be used by one thread at a time; copies of arrays and data sets share their elements,
// which are never changed once shared.
#ifndef DLC_DATA_H
#define DLC_DATA_H

#include "dlc/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dlc::runtime {

/// Element types; the numbers are those of the C API.
enum class DType : uint32_t {
  F32 = DLC_F32,
  F64 = DLC_F64,
  F16 = DLC_F16,
  BF16 = DLC_BF16,
  I64 = DLC_I64,
  I32 = DLC_I32,
  I8 = DLC_I8,
  U8 = DLC_U8,
  I1 = DLC_I1
};
/// Bytes of one element.
inline int64_t dtypeBytes(DType type) { return dlc_dtype_bytes(static_cast<uint32_t>(type)); }
/// "f32".
inline const char *dtypeName(DType type) { return dlc_dtype_name(static_cast<uint32_t>(type)); }

/// Dense, row-major elements with a type and dimensions. Copies share the elements.
class Array {
public:
  Array() = default;

  /// Zeros, 64-byte aligned. Empty (see operator bool) when a dimension is negative, the size in
  /// bytes overflows int64, or memory is short.
  static Array allocate(DType type, std::vector<int64_t> dims);

  /// Memory of the caller, which must outlive the array and all copies of it.
  static Array view(DType type, std::vector<int64_t> dims, const void *elements);

  /// A copy of |values|; dims default to one dimension. Empty when the sizes disagree.
  template <typename T>
  static Array of(const std::vector<T> &values, std::vector<int64_t> dims = {});

  /// False for an array that was never given elements.
  explicit operator bool() const { return start != nullptr; }

  DType type() const { return elementType; }
  const std::vector<int64_t> &dims() const { return shape; }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  /// The product of the dimensions; 1 for a scalar.
  int64_t elements() const;
  int64_t bytes() const;

  const void *data() const { return start; }
  /// To fill an array just allocated; do not write once copies were handed out.
  void *mutableData() { return const_cast<void *>(start); }
  template <typename T> const T *as() const { return static_cast<const T *>(start); }

  /// The same elements under other dimensions; empty when the number of elements differs.
  Array reshaped(std::vector<int64_t> dims) const;
  /// The elements as another type, as dlc.cast converts: float to integer truncates toward zero and
  /// saturates, NaN becomes 0.
  Array converted(DType type) const;

private:
  std::shared_ptr<void> owner;
  const void *start = nullptr;
  DType elementType = DType::F32;
  std::vector<int64_t> shape;
};

struct NamedArray {
  std::string name;
  Array array;
};

/// "f32[?,8,8,1]": how messages write a type; -1 is a size that is not fixed.
std::string describeShape(DType type, const std::vector<int64_t> &dims);

/// What an entry wants under a name; dims[0] counts samples, -1 is a size that is not fixed.
struct InputSpec {
  std::string name;
  DType type = DType::F32;
  std::vector<int64_t> dims;
};

/// One named part of a data set, and how its elements become the values that a model sees:
/// `value = element * scale + offset`, computed in f64 and rounded once to `type`.
struct Column {
  std::string name;
  Array source;                    ///< [rows of the file, ...]
  DType type = DType::F32;         ///< of the values
  std::vector<int64_t> sampleDims; ///< of one sample's values
  double scale = 1;
  double offset = 0;
};

/// Named columns over a common choice of rows. Cheap to copy.
class Dataset {
public:
  Dataset() = default;

  /// Fails when names repeat, an array is a scalar, or the arrays differ in their first dimension.
  static Result<Dataset> fromArrays(const std::vector<NamedArray> &arrays);

  /// The number of samples.
  int64_t size() const { return count; }
  const std::vector<Column> &columns() const { return parts; }
  /// The column called |name|, or null.
  const Column *find(const std::string &name) const;
  /// The row of the sources that sample |index| stands in.
  int64_t sourceRow(int64_t index) const { return rows ? (*rows)[first + index] : first + index; }

  /// Samples [begin, end), clamped to what is there.
  Dataset slice(int64_t begin, int64_t end) const;
  Dataset take(int64_t samples) const { return slice(0, samples); }
  Dataset skip(int64_t samples) const { return slice(samples, count); }
  /// The samples whose index leaves |remainder| when divided by |divisor| (at least 1).
  Dataset every(int64_t divisor, int64_t remainder = 0) const;
  /// The samples that every(divisor, remainder) would not take.
  Dataset except(int64_t divisor, int64_t remainder = 0) const;

  /// Splits off the last n - floor(n * (1 - fraction)) samples, in file order and before any
  /// shuffling: {training, validation}.
  std::pair<Dataset, Dataset> splitTail(double fraction) const;

  /// value * scale + offset for one column, on top of what was asked before. An integer column
  /// becomes f32. Fails when there is no such column.
  Result<Dataset> scaled(const std::string &name, double scale, double offset = 0) const;

  /// Fits the data set to the inputs of an entry: picks the columns that |inputs| names, in that
  /// order, converts their types, and reshapes samples of equal size ([64] to [8, 8, 1]). Fails,
  /// with both shapes and a hint, when a column is missing, sizes differ, or values would not
  /// survive (2.5 for i32).
  Result<Dataset> conform(const std::vector<InputSpec> &inputs) const;

  /// The values of one column for all samples, in order: [size(), sampleDims...].
  Result<Array> values(const std::string &name) const;

private:
  Dataset selectRows(const std::function<bool(int64_t)> &keep) const;

  std::vector<Column> parts;
  std::shared_ptr<const std::vector<int64_t>> rows; // null: all rows of the sources, in order
  int64_t first = 0, count = 0;

  friend class BatchStream;
};

/// Loads what a data specification names, as on the command lines of dlc.
///
///   SPEC    = PART {"," PART}
///   PART    = NAME "=" FILE {":" [SELECT] {"*" NUMBER | "+" NUMBER}} {"?" OPTION}
///           | "?" OPTION {"?" OPTION}                 (for every input of the specification)
///   SELECT  = an element type: f32 f64 f16 bf16 i64 i32 i8 u8 i1
///           | a member of an .npz archive (needed when it holds several)
///           | columns: "64", "0-63", "0-3/7/9-12", or names of a header: "age/income"
///   NUMBER  = a decimal number or a quotient, "0.0625", "1/255"; values are multiplied (*) or
///             increased (+; "+-0.5" decreases) from left to right
///   OPTION  = every=N[/R]    rows whose index leaves R (0) when divided by N
///           | except=N[/R]   all rows but those
///           | skip=N | take=N
///           | labels         a text column: its distinct values, sorted, become 0, 1, 2...
///           | onehot=K       integers become K values, 1 at the integer's place, else 0
///           | window=N[/S]   rows become runs of N along the file, S (N) apart; with
///           | shift=0|1      each run moved by one: the targets of a next-element model
///           | header=yes|no  for CSV, when the guess is wrong
///
/// Columns count from 0 and are elements of a flattened row, in every format. A backslash takes the
/// character after it literally, for names that hold one of `,:?=\` (or `*+/-` in columns). Values
/// have the type that the model wants, whatever the file holds; asking for one checks that the
/// file's values survive in it. Integers that are scaled become f32. Row options apply in the order
/// written, after all others.
///
/// The format is told by content (gzip, NPY, NPZ, IDX) and else by suffix (.csv, .tsv, .txt), with
/// or without .gz. Text files are u8, one row per byte.
///
///   x=digits.csv.gz:0-63*0.0625,y=digits.csv.gz:64:i32,?except=5
///   x=train-images-idx3-ubyte.gz:*1/255,y=train-labels-idx1-ubyte.gz
///   x=shakespeare.txt?window=64,y=shakespeare.txt?window=64?shift=1
Result<Dataset> loadDataset(const std::string &specification);

/// Loads one array from FILE{:SELECT}..., the part of a specification behind "NAME=".
Result<Array> loadArray(const std::string &fileAndSelect);

/// The members of an .npz archive, in the archive's order.
Result<std::vector<NamedArray>> loadNpz(const std::string &path);

/// Writes |array| as an .npy file, in place of one that is there, atomically. bf16, which the
/// format lacks, is written as f32.
Outcome writeNpy(const std::string &path, const Array &array);

/// One-hot rows, f32[n, classes], of integer labels. |classes| 0 takes the largest label + 1. Fails
/// for labels that are no integers, negative, or not below |classes|.
Result<Array> toCategorical(const Array &labels, int64_t classes = 0);

/// Fills |order| with a permutation of 0 .. order.size() - 1 that depends on (seed, pass) alone:
/// Fisher-Yates driven by SplitMix64, without modulo bias.
void permutation(uint64_t seed, uint64_t pass, std::vector<int64_t> &order);

/// How different the label distributions of two data sets are: half the sum of |share difference|
/// over labels, 0 (equal) to 1 (disjoint). -1 when |name| is no integer column of one value a row,
/// or has more than one label per ten samples.
double labelDistance(const Dataset &a, const Dataset &b, const std::string &name);

/// Samples that a stream handed out.
struct Batch {
  int64_t rows = 0;  ///< samples in it; the last batch of a pass may be smaller
  int64_t pass = 0;  ///< how often the data set had been gone through before
  int64_t index = 0; ///< of the batch in its pass
  /// One dense array [rows, sampleDims...] per column, 64-byte aligned.
  std::vector<void *> columns;
};

struct StreamOptions {
  int64_t batchSize = 32;
  bool shuffle = false;
  uint64_t seed = 0;
  /// Batches that a background thread prepares ahead; 0 prepares them in next().
  int prefetch = 2;
  /// Called with every batch when it has been gathered, before it is handed out, on the thread that
  /// prepares batches: for augmentation in place. Pass and index identify a batch for its random
  /// numbers. Empty: nothing.
  std::function<void(Batch &)> map = {};
};

/// An endless sequence of batches over a data set: pass after pass, reshuffled for each, the last
/// partial batch of a pass kept. Batch number s is batch s mod batchesPerPass() of pass
/// s / batchesPerPass(), whatever was read before, so training can resume anywhere.
///
/// Memory is taken by create() and start(); next() allocates nothing.
class BatchStream {
public:
  /// Fails for an empty data set or a batch size below 1.
  static Result<std::unique_ptr<BatchStream>> create(Dataset dataset, StreamOptions options);
  /// Waits for the background thread.
  ~BatchStream();

  int64_t batchesPerPass() const;

  /// Makes batch number |step| the next one and hands out |batches| from there.
  void start(int64_t step, int64_t batches);

  /// The next batch, valid until the next call; null when those asked for have been handed out.
  const Batch *next();

private:
  struct Impl;
  explicit BatchStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

template <typename T> struct DTypeOf;
template <> struct DTypeOf<float> {
  static constexpr DType value = DType::F32;
};
template <> struct DTypeOf<double> {
  static constexpr DType value = DType::F64;
};
template <> struct DTypeOf<int64_t> {
  static constexpr DType value = DType::I64;
};
template <> struct DTypeOf<int32_t> {
  static constexpr DType value = DType::I32;
};
template <> struct DTypeOf<int8_t> {
  static constexpr DType value = DType::I8;
};
template <> struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::U8;
};

template <typename T> Array Array::of(const std::vector<T> &values, std::vector<int64_t> dims) {
  if (dims.empty())
    dims = {static_cast<int64_t>(values.size())};
  Array array = allocate(DTypeOf<T>::value, std::move(dims));
  if (!array || array.elements() != static_cast<int64_t>(values.size()))
    return Array();
  for (size_t i = 0; i < values.size(); ++i)
    static_cast<T *>(array.mutableData())[i] = values[i];
  return array;
}

} // namespace dlc::runtime

#endif
