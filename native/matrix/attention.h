#pragma once
// softmax(scale q k^T) v for each head, in blocks of queries and keys: the scores are never there as a whole. Forward keeps,
// for each query, the largest score so far and the sum of the exponentials below it, and scales what it has added up when a
// larger score comes (Rabe & Staats 2021, https://arxiv.org/abs/2112.05682). Backward computes the scores again, from the
// logarithm of each query's sum (Dao et al. 2022, https://arxiv.org/abs/2205.14135, appendix B).
// Mirror: src/backend/typescript/matrix/attention.ts.

#include <cfloat>

#include "../math/log.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "../sizes.h"
#include "attention-arguments.h"
#include "attention-heads.h"
#include "gemm-pack.h"
#include "softmax.h"

namespace lockstep {
namespace {

template <class T>
struct Lowest;
template <>
struct Lowest<float> {
  static constexpr float kValue = -FLT_MAX;
};
template <>
struct Lowest<double> {
  static constexpr double kValue = -DBL_MAX;
};

// Of each query, with the keys of a block added: top = the largest score, sum = the sum of exp(score - top), and factor =
// exp(the top before - top), by which what has been added up is to be scaled. The scores become exp(score - top).
template <class T>
inline void exponentiate(const ScoreBlock& s, const AttentionMemory<T>& memory) {
  const size_t stride = memory.stride;
  forLanes<T>(0, s.rows, [&](auto tag, size_t c) {
    using V = typename decltype(tag)::Type;
    T* const column = memory.scores + c;
    const V before = V::load(memory.top + c);
    V top = before;
    for (size_t j = 0; j < s.count; ++j) top = max(V::load(column + j * stride), top);
    const V factor = expBelow(before - top);
    WideSum<V> sum(memory.sum + c);
    sum.scale(factor);
    for (size_t j = 0; j < s.count; ++j) {
      const V e = expBelow(V::load(column + j * stride) - top);
      e.store(column + j * stride);
      sum.add(e);
    }
    top.store(memory.top + c);
    factor.store(memory.factor + c);
    sum.store(memory.sum + c);
  });
}

template <class T>
void attentionForward(const args::AttentionForward<T>& g, const Parallel& parallel) {
  const Heads<T> heads(g);
  const size_t blocks = heads.queries.count;
  heads.share(parallel, heads.items * blocks, [&](size_t task, const AttentionMemory<T>& memory) {
    const size_t item = task / blocks, block = task % blocks, first = heads.queries.start(block);
    const size_t rows = heads.queries.size(block);
    T* const out = heads.at(g.out, g.queries, item, first);
    for (size_t r = 0; r < rows; ++r) {
      // Finite: a mask may leave a whole block of keys minus infinity.
      memory.top[r] = Lowest<T>::kValue;
      memory.sum[r] = 0;
    }
    heads.forKeys(item, block, [&](const ScoreBlock& s) {
      heads.multiplyRows(s, memory, heads.at(g.k, g.keys, item, s.key), heads.at(g.q, g.queries, item, first),
                         heads.scale, memory.scores);
      heads.addMask(s, memory, memory.slopes);
      heads.mask(s, memory);
      exponentiate(s, memory);
      heads.drawKept(s, memory);
      heads.drop(s, memory, memory.scores);
      for (size_t r = 0; r < rows && s.key > 0; ++r) scaleRow(out + r * heads.step, g.size, memory.factor[r]);
      heads.sumOverKeys(s, memory, memory.scores, heads.at(g.v, g.keys, item, s.key), out);
    });
    for (size_t r = 0; r < rows; ++r) {
      scaleRow(out + r * heads.step, g.size, static_cast<T>(1 / memory.sum[r]));
      g.logSums[item * g.queries + first + r] = static_cast<T>(memory.top[r] + log(Lane<double>(memory.sum[r])).v);
    }
  });
}

// top = the sum of out dOut over each row of a block of queries, which the gradient of softmax subtracts from the gradient by
// each weight: D of the paper. The rows are transposed, so that a vector of queries is added up at a time.
template <class T>
inline void sumProducts(const Heads<T>& heads, const AttentionMemory<T>& memory, size_t rows, size_t readable,
                        const T* out, const T* dOut) {
  for (size_t r = 0; r < rows; ++r) memory.sum[r] = 0;
  for (size_t i = 0; i < heads.size; i += kKeys) {
    const size_t count = least(heads.size - i, kKeys);
    packPanel(heads.alongRows(out + i), rows, readable, memory.stride, count, memory.scores);
    packPanel(heads.alongRows(dOut + i), rows, readable, memory.stride, count, memory.slopes);
    forLanes<T>(0, rows, [&](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      WideSum<V> sum(memory.sum + c);
      for (size_t j = 0; j < count; ++j) {
        sum.add(Times{V::load(memory.scores + j * memory.stride + c), V::load(memory.slopes + j * memory.stride + c)});
      }
      sum.store(memory.sum + c);
    });
  }
  for (size_t r = 0; r < rows; ++r) memory.top[r] = static_cast<T>(memory.sum[r]);
}

// From scores to weights, exp(score - logSum), and from the gradients by the weights to those by the products q k^T:
// scale weight (gradient - top).
template <class T>
inline void findSlopes(const ScoreBlock& s, const AttentionMemory<T>& memory, const T* logSums, T scale) {
  for (size_t j = 0; j < s.count; ++j) {
    T *const weight = memory.scores + j * memory.stride, *const slope = memory.slopes + j * memory.stride;
    forVectors<T>(0, s.rows, [&](auto tag, size_t c) {
      using V = typename decltype(tag)::Type;
      // Above 0 by rounding alone.
      const V x = tag.load(weight + c) - tag.load(logSums + c);
      const V w = expBelow(selectGreater(x, V(T(0)), V(T(0)), x));
      tag.store(weight + c, w);
      tag.store(slope + c, V(scale) * (w * (tag.load(slope + c) - tag.load(memory.top + c))));
    });
  }
}

template <class T>
void attentionBackward(const args::AttentionBackward<T>& g, const Parallel& parallel) {
  const Heads<T> heads(g);
  heads.share(parallel, heads.items, [&](size_t item, const AttentionMemory<T>& memory) {
    for (size_t row = 0; row < g.keys; ++row) {
      clearAll(heads.at(g.dk, g.keys, item, row), g.size);
      clearAll(heads.at(g.dv, g.keys, item, row), g.size);
    }
    for (size_t block = 0; block < heads.queries.count; ++block) {
      const size_t first = heads.queries.start(block);
      const T *const q = heads.at(g.q, g.queries, item, first), *const dOut = heads.at(g.dOut, g.queries, item, first);
      sumProducts(heads, memory, heads.queries.size(block), g.queries - first, heads.at(g.out, g.queries, item, first),
                  dOut);
      heads.forKeys(item, block, [&](const ScoreBlock& s) {
        const T *const k = heads.at(g.k, g.keys, item, s.key), *const v = heads.at(g.v, g.keys, item, s.key);
        heads.multiplyRows(s, memory, k, q, heads.scale, memory.scores);
        heads.addMask(s, memory, memory.slopes);
        heads.multiplyRows(s, memory, v, dOut, T(1), memory.slopes);
        heads.mask(s, memory);
        heads.drawKept(s, memory);
        heads.drop(s, memory, memory.slopes);
        findSlopes(s, memory, g.logSums + item * g.queries + first, heads.scale);
        heads.drop(s, memory, memory.scores);
        heads.sumOverQueries(s, memory, memory.scores, dOut, heads.at(g.dv, g.keys, item, s.key));
        heads.sumOverKeys(s, memory, memory.slopes, k, heads.at(g.dq, g.queries, item, first));
        heads.sumOverQueries(s, memory, memory.slopes, q, heads.at(g.dk, g.keys, item, s.key));
      });
    }
  });
}

}  // namespace
}  // namespace lockstep
