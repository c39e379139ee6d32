#pragma once
// Work over the threads, as tasks: what one computes must not depend on how many there are, nor on who runs it.

#include "../parallel.h"
#include "../sizes.h"

namespace lockstep {
namespace {

// f(index) for every index below `tasks`, in any order.
template <class F>
inline void forTasks(const Parallel& parallel, size_t tasks, const F& f) {
  parallel.run(
      parallel, tasks, [](void* context, size_t index) { (*static_cast<const F*>(context))(index); },
      const_cast<F*>(&f));
}

// f(begin, end) over [0, count), in pieces of `grain`.
template <class F>
inline void forRanges(const Parallel& parallel, size_t count, size_t grain, const F& f) {
  const size_t pieces = quotientUp(count, grain);
  forTasks(parallel, pieces, [&](size_t index) {
    const size_t begin = index * grain;
    f(begin, least(count, begin + grain));
  });
}

// Rows to a piece of some 16,384 elements: 10 us of work or so.
inline size_t rowGrain(size_t columns) {
  const size_t rows = 16384 / (columns == 0 ? 1 : columns);
  return rows == 0 ? 1 : rows;
}

// Multiply-adds below which waking the other threads costs more than it saves.
constexpr size_t kParallelWork = 1 << 20;

// Tasks to a thread: few, for each packs for itself, and more than one, for threads are not equally fast.
constexpr size_t kTasksPerThread = 2;

// Into how many tasks `work` multiply-adds may be dealt out.
inline size_t mostTasks(size_t work, const Parallel& parallel) {
  return parallel.threads == 1 || work < kParallelWork ? 1 : kTasksPerThread * parallel.threads;
}

// The same, or on the calling thread `alone`: for work that may be too small to share.
template <class F>
inline void forTasksUnless(bool alone, const Parallel& parallel, size_t tasks, const F& f) {
  if (!alone) return forTasks(parallel, tasks, f);
  for (size_t index = 0; index < tasks; ++index) f(index);
}

}  // namespace
}  // namespace lockstep
