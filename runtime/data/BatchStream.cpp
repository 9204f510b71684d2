// Batches ahead of time: a ring of buffers between one background thread and the caller.
//
// The ring has one slot more than the batches prepared ahead, so that the caller may keep one while
// the others fill. All memory is taken when the stream is made. With prefetch 0 the same code runs
// on the caller's thread with one slot.
#include "dlc/data.h"
#include "runtime/data/Gather.h"

#include "absl/strings/str_cat.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <thread>

namespace dlc::runtime {

struct BatchStream::Impl {
  Impl(Dataset dataset, StreamOptions options)
      : dataset(std::move(dataset)), options(std::move(options)) {}

  ~Impl() { stop(); }

  bool allocate();
  void fill(int64_t step, Batch &batch);
  void produce(int64_t step, int64_t batches);
  void stop();

  const Dataset dataset;
  const StreamOptions options;
  int64_t perPass = 0;

  std::vector<Batch> ring;
  std::vector<Array> memory;
  std::vector<int64_t> order; // of the pass numbered orderPass; empty when not shuffled
  int64_t orderPass = -1;

  // Batch number s of a start() lies in slot s % ring.size(). Guarded by |mutex|: made, taken and
  // stopping; the rest is touched by one thread at a time.
  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  int64_t made = 0, taken = 0;
  bool stopping = false;

  int64_t firstStep = 0, wanted = 0;
};

bool BatchStream::Impl::allocate() {
  ring.resize(options.prefetch > 0 ? options.prefetch + 1 : 1);
  for (Batch &batch : ring)
    for (const Column &column : dataset.columns()) {
      std::vector<int64_t> dims = {options.batchSize};
      dims.insert(dims.end(), column.sampleDims.begin(), column.sampleDims.end());
      memory.push_back(Array::allocate(column.type, std::move(dims)));
      if (!memory.back())
        return false;
      batch.columns.push_back(memory.back().mutableData());
    }
  if (options.shuffle)
    order.resize(dataset.size());
  return true;
}

void BatchStream::Impl::fill(int64_t step, Batch &batch) {
  batch.pass = step / perPass;
  batch.index = step % perPass;
  int64_t first = batch.index * options.batchSize;
  batch.rows = std::min(options.batchSize, dataset.size() - first);
  if (options.shuffle && orderPass != batch.pass) {
    permutation(options.seed, static_cast<uint64_t>(batch.pass), order);
    orderPass = batch.pass;
  }
  for (size_t c = 0; c < batch.columns.size(); ++c)
    for (int64_t i = 0; i < batch.rows; ++i) {
      int64_t sample = options.shuffle ? order[first + i] : first + i;
      data::gatherSample(dataset.columns()[c], dataset.sourceRow(sample), i, batch.columns[c]);
    }
  if (options.map)
    options.map(batch);
}

void BatchStream::Impl::produce(int64_t step, int64_t batches) {
  for (int64_t i = 0; i < batches; ++i) {
    {
      // The slot is free once the batch that was in it is neither waiting nor in the caller's
      // hands: the caller holds the one that it took last.
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [&] {
        return stopping || i - std::max<int64_t>(taken - 1, 0) < static_cast<int64_t>(ring.size());
      });
      if (stopping)
        return;
    }
    fill(step + i, ring[i % ring.size()]);
    {
      std::lock_guard<std::mutex> lock(mutex);
      made = i + 1;
    }
    changed.notify_all();
  }
}

void BatchStream::Impl::stop() {
  if (!thread.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
  }
  changed.notify_all();
  thread.join();
  stopping = false;
}

BatchStream::BatchStream(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
BatchStream::~BatchStream() = default;

Result<std::unique_ptr<BatchStream>> BatchStream::create(Dataset dataset, StreamOptions options) {
  if (dataset.size() == 0)
    return Error{DLC_INVALID_ARGUMENT, "the data set has no samples"};
  if (options.batchSize < 1)
    return Error{DLC_INVALID_ARGUMENT,
                 absl::StrCat("expected a batch size of at least 1, got ", options.batchSize)};
  options.batchSize = std::min(options.batchSize, dataset.size());
  auto impl = std::make_unique<Impl>(std::move(dataset), std::move(options));
  impl->perPass = (impl->dataset.size() + impl->options.batchSize - 1) / impl->options.batchSize;
  if (!impl->allocate())
    return Error{DLC_RESOURCE_EXHAUSTED, absl::StrCat("not enough memory for batches of ",
                                                      impl->options.batchSize, " samples")};
  return std::unique_ptr<BatchStream>(new BatchStream(std::move(impl)));
}

int64_t BatchStream::batchesPerPass() const { return impl->perPass; }

void BatchStream::start(int64_t step, int64_t batches) {
  impl->stop();
  impl->made = impl->taken = 0;
  impl->firstStep = step;
  impl->wanted = batches;
  if (impl->options.prefetch > 0 && batches > 0)
    impl->thread = std::thread([this, step, batches] { impl->produce(step, batches); });
}

const Batch *BatchStream::next() {
  Impl &s = *impl;
  if (s.taken == s.wanted)
    return nullptr;
  if (s.options.prefetch == 0) {
    s.fill(s.firstStep + s.taken++, s.ring[0]);
    return &s.ring[0];
  }
  int64_t mine = s.taken;
  {
    std::unique_lock<std::mutex> lock(s.mutex);
    // Taking the next one gives the one before back.
    s.taken = mine + 1;
    s.changed.notify_all();
    s.changed.wait(lock, [&] { return s.made > mine; });
  }
  return &s.ring[mine % s.ring.size()];
}

} // namespace dlc::runtime
