#pragma once
// Dimensions in another order. Mirror: src/backend/typescript/matrix/permute.ts.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/simd.h"
#include "../simd/transpose.h"
#include "../sizes.h"
#include "shape-arguments.h"
#include "streaming.h"
#include "tasks.h"

namespace lockstep {
namespace {

// The four dimensions of the result: their lengths, and elements from one index to the next in the input and the result.
struct Permuted {
  size_t sizes[4], from[4], to[4];
  size_t unit;  // the dimension whose neighbours are neighbours in the input

  // `order` counts the orders of 0, 1, 2, 3 as a dictionary does.
  Permuted(size_t order, const size_t (&lengths)[4]) {
    const size_t choices[] = {order / 6, order % 6 / 2, order % 2, 0};
    size_t left[] = {0, 1, 2, 3}, steps[4] = {0, 0, 0, 1};
    for (size_t d = 3; d-- > 0;) steps[d] = steps[d + 1] * lengths[d + 1];
    for (size_t d = 0; d < 4; ++d) {
      const size_t source = left[choices[d]];
      for (size_t i = choices[d]; i < 3; ++i) left[i] = left[i + 1];
      sizes[d] = lengths[source];
      from[d] = steps[source];
      if (source == 3) unit = d;
    }
    to[3] = 1;
    for (size_t d = 3; d-- > 0;) to[d] = to[d + 1] * sizes[d + 1];
  }
};

// Lanes of the blocks that are transposed in registers.
template <class T>
constexpr size_t kTransposed = Vec<T>::kLanes;
template <>
constexpr size_t kTransposed<uint8_t> = 1;

// The elements may be of another type than T, of the same size: their bits are moved.
template <class T>
inline void move(T* to, const T* from) {
  __builtin_memcpy(to, from, sizeof(T));
}

// to[i * toStep + j] = from[j * fromStep + i] for i below `rows` and j below `columns`.
template <class T>
inline void transposeBlock(const T* from, size_t fromStep, size_t rows, size_t columns, T* to, size_t toStep) {
  constexpr size_t kLanes = kTransposed<T>;
  size_t j = 0;
  for (; kLanes > 1 && j + kLanes <= columns; j += kLanes) {
    size_t i = 0;
    if constexpr (kLanes > 1) {
      for (; i + kLanes <= rows; i += kLanes) {
        transpose(from + j * fromStep + i, fromStep, to + i * toStep + j, toStep);
      }
    }
    for (; i < rows; ++i) {
      for (size_t lane = j; lane < j + kLanes; ++lane) move(to + i * toStep + lane, from + lane * fromStep + i);
    }
  }
  for (; j < columns; ++j) {
    for (size_t i = 0; i < rows; ++i) move(to + i * toStep + j, from + j * fromStep + i);
  }
}

// Rows of the result to a block: their lines are in the first-level cache while they are filled.
constexpr size_t kPermuteBlock = 32;

// The same past the caches, in tiles of some whole lines on both sides: one is turned in a buffer, whose rows are then stored.
// Meanwhile the lines beside it are fetched, of which the processor does not know: `isFollowed` by another block of rows.
constexpr size_t kStreamedBlock = 64;

// Columns of the result that go through all blocks of a task before others: what is fetched is then in pages that were just read.
constexpr size_t kStreamedStrip = 512;

template <class T>
inline void streamBlock(const T* from, size_t fromStep, size_t rows, size_t columns, bool isFollowed, T* to,
                        size_t toStep) {
  constexpr size_t kLine = kLineBytes / sizeof(T), kWidth = 8 * kLine;
  // A line more, or all rows of the buffer would begin in a few sets of the cache.
  constexpr size_t kStep = kWidth + kLine;
  alignas(kLineBytes) T tile[kStreamedBlock * kStep];
  for (size_t j = 0; j < columns;) {
    const size_t width = least(columns - j, kWidth - bytesPastLine(to + j) / sizeof(T));
    for (size_t first = 0; first < width; first += kLine) {
      const size_t count = least(kLine, width - first);
      const T* const source = from + (j + first) * fromStep;
      for (size_t c = 0; isFollowed && c < count; ++c) {
        for (size_t i = 0; i < kStreamedBlock; i += kLine) prefetch(source + c * fromStep + kStreamedBlock + i);
      }
      transposeBlock(source, fromStep, rows, count, tile + first, kStep);
    }
    for (size_t i = 0; i < rows; ++i) streamBytes(tile + i * kStep, to + i * toStep + j, width * sizeof(T));
    j += width;
  }
}

template <class T>
void permuteBits(const args::Permute<T>& a, const Parallel& parallel) {
  const Permuted p(a.order, {a.n0, a.n1, a.n2, a.n3});
  const size_t rowBytes = p.sizes[3] * sizeof(T);
  const bool isStreamed = rowBytes >= kStreamedRun && p.sizes[0] * p.to[0] >= kStreamedBytes / sizeof(T);
  if (p.unit == 3) {
    const size_t columns = p.sizes[3];
    forRanges(parallel, p.sizes[0] * p.sizes[1] * p.sizes[2], rowGrain(columns), [&](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) {
        const size_t i2 = row % p.sizes[2], rest = row / p.sizes[2];
        const T* from = a.x + rest / p.sizes[1] * p.from[0] + rest % p.sizes[1] * p.from[1] + i2 * p.from[2];
        T* to = a.out + row * columns;
        if (isStreamed) {
          streamBytes(from, to, rowBytes);
        } else {
          copyAll(from, to, columns);
        }
      }
      if (isStreamed) finishStreaming();
    });
    return;
  }
  // The other two dimensions count matrices, in which `unit` and the last dimension change places.
  const size_t outer = p.unit == 0 ? 1 : 0, inner = 3 - p.unit - outer;
  const size_t height = p.sizes[p.unit], width = p.sizes[3];
  if (width == 0) return;
  // A task is some rows of a strip of columns of a matrix.
  const size_t most = isStreamed ? 4 * kStreamedBlock : kPermuteBlock, widest = isStreamed ? kStreamedStrip : width;
  const size_t bands = quotientUp(height, most), strips = quotientUp(width, widest);
  const size_t count = p.sizes[outer] * p.sizes[inner] * bands * strips;
  forRanges(parallel, count, rowGrain(most * widest), [&](size_t begin, size_t end) {
    for (size_t task = begin; task < end; ++task) {
      const size_t band = task % bands, strip = task / bands % strips, matrix = task / bands / strips;
      const size_t first = band * most, rows = least(height - first, most);
      const size_t left = strip * widest, columns = least(width - left, widest);
      const size_t o = matrix / p.sizes[inner], i = matrix % p.sizes[inner];
      const T* from = a.x + o * p.from[outer] + i * p.from[inner] + left * p.from[3] + first;
      T* to = a.out + o * p.to[outer] + i * p.to[inner] + first * p.to[p.unit] + left;
      if (!isStreamed) {
        transposeBlock(from, p.from[3], rows, columns, to, p.to[p.unit]);
        continue;
      }
      for (size_t row = 0; row < rows; row += kStreamedBlock) {
        const size_t block = least(rows - row, kStreamedBlock);
        const bool isFollowed = row + 2 * kStreamedBlock <= rows;
        streamBlock(from + row, p.from[3], block, columns, isFollowed, to + row * p.to[p.unit], p.to[p.unit]);
      }
    }
    if (isStreamed) finishStreaming();
  });
}

template <class T>
void permute(const args::Permute<T>& a, const Parallel& parallel) {
  if constexpr (kIsFloat<T> || sizeof(T) != sizeof(float)) {
    permuteBits(a, parallel);
  } else {
    permuteBits<float>(
        {a.order, a.n0, a.n1, a.n2, a.n3, reinterpret_cast<const float*>(a.x), reinterpret_cast<float*>(a.out)},
        parallel);
  }
}

}  // namespace
}  // namespace lockstep
