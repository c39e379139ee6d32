#pragma once
// Work over the threads. What a task computes must not depend on how the work is split.

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

// Rows to a piece such that a piece has some 16,384 elements: 10 us of work or so.
inline size_t rowGrain(size_t columns) {
  const size_t rows = 16384 / (columns == 0 ? 1 : columns);
  return rows == 0 ? 1 : rows;
}

// For work that may be too small to share.
template <class F>
inline void forTasksUnless(bool alone, const Parallel& parallel, size_t tasks, const F& f) {
  if (!alone) return forTasks(parallel, tasks, f);
  for (size_t index = 0; index < tasks; ++index) f(index);
}

}  // namespace
}  // namespace lockstep
