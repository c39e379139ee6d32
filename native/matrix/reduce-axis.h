#pragma once
// Reduces the middle axis of an array [outer, count, inner], in chunks that each give a partial result. The order depends on
// the shape alone:
// - inner = 1, rows: chunks of 4,096 elements, each over 64 lanes (simd/reduce.h). The partial results are joined in
//   neighbouring pairs, then those of the pairs, and so on; an odd one out waits for the next round;
// - inner > 1, columns: chunks of `chunkRows(inner)` rows, each in the order of its rows. The partial results are joined in
//   the order of the chunks.
// Mirror: src/backend/typescript/reduce-axis.ts.

#include "../chunks.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "../simd/widen.h"
#include "../sizes.h"
#include "tasks.h"

namespace lockstep {
namespace {

// The rows of a chunk: some 16,384 elements, and no fewer than 16 rows.
inline size_t chunkRows(size_t inner) {
  const size_t rows = rowGrain(inner);
  return rows < 16 ? 16 : rows;
}

// Columns to a block: their partial results stay in the first-level cache while the rows go by.
constexpr size_t kWideBlock = 1024;

// Memory for the partial results of all chunks, or null: then nothing may be written.
template <class A>
inline A* chunkPartials(const Parallel& parallel, size_t chunks, size_t width) {
  return static_cast<A*>(parallel.scratch(parallel, area(area(chunks, width), sizeof(A))));
}

// Joins partials[0 .. count) in pairs, in place.
template <class Operation, class A>
inline A joinPairs(A* partials, size_t count) {
  for (; count > 1; count = (count + 1) / 2) {
    for (size_t i = 0; i < count / 2; ++i) {
      partials[i] = Operation::join(Lane<A>(partials[2 * i]), Lane<A>(partials[2 * i + 1])).v;
    }
    if (count % 2 == 1) partials[count / 2] = partials[count - 1];
  }
  return partials[0];
}

// finish(o, result) with the reduction of term(tag, i) over the elements i of row o.
template <class T, class Operation, class A, class Term, class Finish>
inline void reduceRows(const Parallel& parallel, size_t outer, size_t count, const Term& term, const Finish& finish) {
  const size_t chunks = quotientUp(count, kReductionChunk);
  if (chunks <= 1) {
    return forRanges(parallel, outer, rowGrain(count), [&](size_t begin, size_t end) {
      for (size_t o = begin; o < end; ++o) {
        finish(o, reduceLanes<T, Operation, A>(o * count, o * count + count, term));
      }
    });
  }
  A* const partials = chunkPartials<A>(parallel, outer, chunks);
  if (partials == nullptr) return;
  forRanges(parallel, outer * chunks, kStepChunk / kReductionChunk, [&](size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t row = unit / chunks * count, first = row + unit % chunks * kReductionChunk;
      const size_t last = least(row + count, first + kReductionChunk);
      partials[unit] = reduceLanes<T, Operation, A>(first, last, term);
    }
  });
  for (size_t o = 0; o < outer; ++o) finish(o, joinPairs<Operation>(partials + o * chunks, chunks));
}

// Joins kRows rows of a block of columns, whose first element is `start`, in column `first`, to partials[c]. With two sums,
// the partial results of the second are `apart` from those of the first.
template <size_t kRows, size_t kSums, class T, class Operation, class A, class Term>
inline void joinRows(size_t start, size_t first, size_t width, size_t inner, A* partials, size_t apart,
                     const Term& term) {
  forLanes<T>(0, width, [&](auto tag, size_t c) {
    using V = typename decltype(tag)::Type;
    using W = WideOf<V, A>;
    constexpr size_t kParts = V::kLanes / W::kLanes;
    const auto at = [=](size_t k) { return partials + k / kParts * apart + c + k % kParts * W::kLanes; };
    W sums[kSums * kParts];
#pragma GCC unroll 4
    for (size_t k = 0; k < kSums * kParts; ++k) sums[k] = W::load(at(k));
#pragma GCC unroll 8
    for (size_t r = 0; r < kRows; ++r) {
      W wide[kSums * kParts];
      widen(term(tag, start + r * inner + c, first + c), wide);
      for (size_t k = 0; k < kSums * kParts; ++k) sums[k] = Gathering<Operation>::join(sums[k], wide[k]);
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < kSums * kParts; ++k) sums[k].store(at(k));
  });
}

// Reduces `count` rows from this one on of a block of columns, to own[c] and, with two sums, own[apart + c].
template <size_t kSums, class T, class Operation, class A, class Term>
inline void reduceBlock(size_t row, size_t count, size_t first, size_t width, size_t inner, A* own, size_t apart,
                        const Term& term) {
  for (size_t sum = 0; sum < kSums; ++sum) {
    for (size_t c = 0; c < width; ++c) own[sum * apart + c] = static_cast<A>(Operation::kNeutral);
  }
  constexpr size_t kAtOnce = kSums == 1 ? 8 : 4;
  size_t start = row * inner + first, left = count;
  for (; left >= kAtOnce; left -= kAtOnce, start += kAtOnce * inner) {
    joinRows<kAtOnce, kSums, T, Operation>(start, first, width, inner, own, apart, term);
  }
  for (; left > 0; --left, start += inner) {
    joinRows<1, kSums, T, Operation>(start, first, width, inner, own, apart, term);
  }
}

// Joins the chunks of every column: finish(o, first, width, results) for columns [first, first + width) of matrix o.
template <class Operation, class A, class Finish>
inline void joinChunks(const Parallel& parallel, size_t outer, size_t chunks, size_t inner, A* partials,
                       const Finish& finish) {
  const size_t blocks = quotientUp(inner, kWideBlock);
  forRanges(parallel, outer * blocks, rowGrain(chunks * kWideBlock), [&](size_t begin, size_t end) {
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t o = unit / blocks, first = unit % blocks * kWideBlock;
      const size_t width = least(inner - first, kWideBlock);
      A* results = partials + o * chunks * inner + first;
      for (size_t chunk = 1; chunk < chunks; ++chunk) {
        const A* more = results + chunk * inner;
        forLanes<A>(0, width, [&](auto tag, size_t c) {
          using V = typename decltype(tag)::Type;
          Operation::join(V::load(results + c), V::load(more + c)).store(results + c);
        });
      }
      finish(o, first, width, results);
    }
  });
}

// How columns are cut into chunks, and memory for their partial results, `all` to a chunk: `inner` for each of kSums sums. It
// may serve one reduction after the other.
template <class A, size_t kSums = 1>
struct ColumnChunks {
  size_t outer, count, inner, rows, chunks, all;
  A* partials;

  ColumnChunks(const Parallel& parallel, size_t outerSize, size_t lines, size_t columns)
      : outer(outerSize),
        count(lines),
        inner(columns),
        rows(chunkRows(columns)),
        chunks(lines == 0 ? 1 : quotientUp(lines, rows)),
        all(area(kSums, columns)),
        partials(chunks == 1 ? nullptr : chunkPartials<A>(parallel, area(outerSize, chunks), all)) {}

  // False where there was no memory.
  bool ready() const { return chunks == 1 || partials != nullptr; }
};

// finish(o, first, width, results) with the reductions of term(tag, i, c) over the elements i of columns c of matrix o. Where
// terms are Both, of two sums, the second has columns [inner, 2 inner).
template <class T, class Operation, class A, size_t kSums, class Term, class Finish>
inline void reduceColumns(const Parallel& parallel, const ColumnChunks<A, kSums>& cut, const Term& term,
                          const Finish& finish) {
  const size_t outer = cut.outer, count = cut.count, inner = cut.inner;
  const size_t rows = cut.rows, chunks = cut.chunks, all = cut.all, blocks = quotientUp(inner, kWideBlock);
  A* const partials = cut.partials;
  const size_t grain = rowGrain(least(count, rows) * least(inner, kWideBlock));
  forRanges(parallel, outer * chunks * blocks, grain, [&](size_t begin, size_t end) {
    A local[kSums * kWideBlock];
    const size_t apart = chunks == 1 ? kWideBlock : inner;
    for (size_t unit = begin; unit < end; ++unit) {
      const size_t o = unit / blocks / chunks, chunk = unit / blocks % chunks, first = unit % blocks * kWideBlock;
      const size_t width = least(inner - first, kWideBlock);
      const size_t row = chunk * rows;
      A* own = chunks == 1 ? local : partials + (o * chunks + chunk) * all + first;
      reduceBlock<kSums, T, Operation>(o * count + row, least(count - row, rows), first, width, inner, own, apart,
                                       term);
      for (size_t sum = 0; chunks == 1 && sum < kSums; ++sum) {
        finish(o, sum * inner + first, width, own + sum * apart);
      }
    }
  });
  if (chunks > 1) joinChunks<Operation>(parallel, outer, chunks, all, partials, finish);
}

}  // namespace
}  // namespace lockstep
