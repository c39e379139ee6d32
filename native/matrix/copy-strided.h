#pragma once
// Elements moved to other places, bit for bit. Mirror: src/backend/typescript/matrix/copy-strided.ts.

#include "../parallel.h"
#include "../sizes.h"
#include "elementwise.h"
#include "plain-rows.h"
#include "shape-arguments.h"
#include "streaming.h"
#include "tasks.h"

namespace lockstep {
namespace {

// The dimensions that have more than one index, neighbours that are one in both arrays merged; the last is the run.
struct StridedRuns {
  size_t sizes[4], count = 0, elements = 1;
  ptrdiff_t from[4], to[4];

  explicit StridedRuns(const args::Strides& a) {
    for (size_t d = 0; d < 4; ++d) elements *= a.sizes[d];
    if (elements == 0) return;
    for (size_t d = 0; d < 4; ++d) {
      const ptrdiff_t size = static_cast<ptrdiff_t>(a.sizes[d]);
      if (size == 1 && (d < 3 || count > 0)) continue;
      const bool isOne = count > 0 && from[count - 1] == size * a.xSteps[d] && to[count - 1] == size * a.outSteps[d];
      if (!isOne) sizes[count++] = 1;
      sizes[count - 1] *= a.sizes[d];
      from[count - 1] = a.xSteps[d];
      to[count - 1] = a.outSteps[d];
    }
  }

  // Whether all is read at least four times.
  bool isRepeated() const {
    size_t distinct = 1;
    for (size_t d = 0; d < count; ++d) distinct *= from[d] == 0 ? 1 : sizes[d];
    return distinct <= elements / 4;
  }
};

template <size_t kBytes>
inline void copyRun(const typename Bits<kBytes>::Type* __restrict from, ptrdiff_t fromStep,
                    typename Bits<kBytes>::Type* __restrict to, ptrdiff_t toStep, ptrdiff_t count) {
  if (toStep == 1 && fromStep == 1) {
    __builtin_memcpy(to, from, static_cast<size_t>(count) * kBytes);
  } else if (toStep == 1 && fromStep == 0) {
    const auto element = *from;
    for (ptrdiff_t i = 0; i < count; ++i) to[i] = element;
  } else if (toStep == 1 && fromStep == -1) {
    for (ptrdiff_t i = 0; i < count; ++i) to[i] = from[-i];
  } else {
    for (ptrdiff_t i = 0; i < count; ++i) to[i * toStep] = from[i * fromStep];
  }
}

// The same past the caches, to neighbours: what does not come from neighbours goes through a buffer, so that lines are whole.
template <size_t kBytes>
inline void streamRun(const typename Bits<kBytes>::Type* from, ptrdiff_t fromStep, typename Bits<kBytes>::Type* to,
                      size_t count) {
  if (fromStep == 1) return streamBytes(from, to, count * kBytes);
  constexpr size_t kLength = 2048 / kBytes, kLine = kLineBytes / kBytes;
  alignas(kLineBytes) typename Bits<kBytes>::Type buffer[kLength];
  for (size_t i = 0; i < count;) {
    const size_t length = least(count - i, kLength - bytesPastLine(to + i) / kBytes);
    if (fromStep == -1) {
      // Falling addresses are foreseen less well than rising ones.
      const auto* const next = from - (i + length);
      for (size_t k = 0; k < kLength; k += kLine) prefetch(next - k);
    }
    copyRun<kBytes>(from + static_cast<ptrdiff_t>(i) * fromStep, fromStep, buffer, 1, static_cast<ptrdiff_t>(length));
    streamBytes(buffer, to + i, length * kBytes);
    i += length;
  }
}

template <size_t kBytes>
void copyBits(const args::Strides& a, const void* x, void* out, const Parallel& parallel) {
  using Element = typename Bits<kBytes>::Type;
  const StridedRuns runs(a);
  if (runs.elements == 0) return;
  const size_t last = runs.count - 1, length = runs.sizes[last];
  // One element again and again reads nothing.
  const size_t streamed = runs.isRepeated() ? kStreamedRepeats : kStreamedBytes;
  const bool isStreamed = runs.to[last] == 1 && runs.from[last] != 0 && length * kBytes >= kStreamedRun &&
                          runs.elements >= streamed / kBytes;
  forRanges(parallel, runs.elements, kElementGrain, [&](size_t begin, size_t end) {
    // The index of every dimension, and which elements it means.
    size_t index[4] = {}, rest = begin / length, first = begin % length;
    ptrdiff_t from = static_cast<ptrdiff_t>(a.xStart), to = static_cast<ptrdiff_t>(a.outStart);
    for (size_t d = last; d-- > 0; rest /= runs.sizes[d]) {
      index[d] = rest % runs.sizes[d];
      from += static_cast<ptrdiff_t>(index[d]) * runs.from[d];
      to += static_cast<ptrdiff_t>(index[d]) * runs.to[d];
    }
    while (begin < end) {
      const ptrdiff_t start = static_cast<ptrdiff_t>(first);
      const size_t count = least(length - first, end - begin);
      const Element* const source = static_cast<const Element*>(x) + from + start * runs.from[last];
      Element* const target = static_cast<Element*>(out) + to + start * runs.to[last];
      if (isStreamed) {
        streamRun<kBytes>(source, runs.from[last], target, count);
      } else {
        copyRun<kBytes>(source, runs.from[last], target, runs.to[last], static_cast<ptrdiff_t>(count));
      }
      begin += count;
      first = 0;
      for (size_t d = last; d-- > 0;) {
        from += runs.from[d];
        to += runs.to[d];
        if (++index[d] < runs.sizes[d]) break;
        from -= static_cast<ptrdiff_t>(runs.sizes[d]) * runs.from[d];
        to -= static_cast<ptrdiff_t>(runs.sizes[d]) * runs.to[d];
        index[d] = 0;
      }
    }
    if (isStreamed) finishStreaming();
  });
}

template <class T>
void copyStrided(const args::CopyStrided<T>& a, const Parallel& parallel) {
  copyBits<sizeof(T)>(a, a.x, a.out, parallel);
}

}  // namespace
}  // namespace lockstep
