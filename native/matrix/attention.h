#pragma once
// softmax(scale q k^T) v for each head, in blocks of queries and keys: the scores are never there as a whole (Rabe & Staats
// 2021, https://arxiv.org/abs/2112.05682). Going back they are computed again, from the logarithm of each query's sum (Dao et
// al. 2022, https://arxiv.org/abs/2205.14135, appendix B). Mirror: src/backend/typescript/matrix/attention.ts.
//
// The scores of a block have keys as rows and queries as columns: what is summed over keys goes down, a vector of queries at
// a time, in the order of the keys on every target.

#include "../math/log.h"
#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/lane.h"
#include "../simd/reduce.h"
#include "../simd/simd.h"
#include "../simd/widen.h"
#include "../sizes.h"
#include "attention-arguments.h"
#include "gemm-pack.h"
#include "gemm.h"
#include "philox.h"
#include "random.h"
#include "softmax.h"
#include "tasks.h"

namespace lockstep {
namespace {

using args::Attention;

// The most queries and keys of a block: its scores stay in the second-level cache. Blocks of keys start at the same keys
// whatever follows, and are one block of terms: where `causal` and nothing is dropped, finite numbers behind a query do not
// change its bits.
constexpr size_t kQueries = 32;
constexpr size_t kKeys = kBlockTerms;

// A block of scores: those of queries [query, query + rows) of head `item` for keys [key, key + count).
struct Scores {
  size_t item, query, rows, key, count;
};

// What a thread works in: parts of its memory, one after the other.
template <class T>
struct AttentionMemory {
  size_t stride;  // from the scores of a key to those of the next
  T *scores, *slopes, *kept, *top, *factor;
  double* sum;
  T* workspace;  // of products
  uintptr_t end;

  AttentionMemory(void* start, const Attention<T>& g, size_t workspaceBytes)
      : stride(roundUp(least(g.queries, kQueries), Vec<T>::kLanes)), end(reinterpret_cast<uintptr_t>(start)) {
    // One row more than there are: a packed panel ends with part of a vector.
    const size_t block = (least(kKeys, g.keys > g.size ? g.keys : g.size) + 1) * stride;
    take(scores, block);
    take(slopes, block);
    take(kept, g.probability > 0 ? block : 0);
    take(top, stride);
    take(factor, stride);
    take(sum, stride);
    take(workspace, workspaceBytes / sizeof(T));
  }

 private:
  template <class U>
  void take(U*& part, size_t count) {
    part = reinterpret_cast<U*>(end);
    end += roundUp(count * sizeof(U), kAlignment);
  }
};

// A sum in double of what comes in vectors of T.
template <class V>
struct WideSum {
  using W = WideOf<V, double>;
  static constexpr size_t kParts = V::kLanes / W::kLanes;
  W parts[kParts];

  explicit WideSum(const double* from) {
    for (size_t p = 0; p < kParts; ++p) parts[p] = W::load(from + p * W::kLanes);
  }
  template <class X>
  void add(X x) {
    W wide[kParts];
    widen(x, wide);
    for (size_t p = 0; p < kParts; ++p) parts[p] = parts[p] + wide[p];
  }
  void scale(V factor) {
    W wide[kParts];
    widen(factor, wide);
    for (size_t p = 0; p < kParts; ++p) parts[p] = parts[p] * wide[p];
  }
  void store(double* to) const {
    for (size_t p = 0; p < kParts; ++p) parts[p].store(to + p * W::kLanes);
  }
};

// What both directions have in common. A head is rows of `size` numbers, `step` apart.
template <class T>
struct Heads {
  const Attention<T>& g;
  size_t size, step, items;
  Parts queries;
  T scale;

  explicit Heads(const Attention<T>& arguments)
      : g(arguments),
        size(g.size),
        step(g.heads * g.size),
        items(g.batch * g.heads),
        queries(g.queries, kQueries),
        scale(static_cast<T>(g.scale)) {}

  // Row `row` of head `item` in x [batch, rows, heads, size].
  template <class U>
  U* at(U* x, size_t rows, size_t item, size_t row) const {
    return x + (item / g.heads * rows + row) * step + item % g.heads * size;
  }
  Side<T> alongRows(const T* x) const { return {x, step, 1}; }
  Side<T> downRows(const T* x) const { return {x, 1, step}; }

  // f(scores) for the blocks of keys that a block of queries sees.
  template <class F>
  void forKeys(size_t item, size_t block, const F& f) const {
    const size_t first = queries.start(block), rows = queries.size(block);
    const size_t seen = g.causal ? least(g.keys, first + rows) : g.keys;
    for (size_t key = 0; key < seen; key += kKeys) f(Scores{item, first, rows, key, least(seen - key, kKeys)});
  }

  // f(task, memory) for every task, over the threads.
  template <class F>
  void share(const Parallel& parallel, size_t tasks, const F& f) const {
    const size_t workers = least(tasks, mostTasks(area(area(g.sums(), g.keys), 2 * size), parallel));
    const size_t spaceBytes = workspaceBytes();
    const size_t bytes = AttentionMemory<T>(nullptr, g, spaceBytes).end;
    char* const memory = static_cast<char*>(parallel.scratch(parallel, area(workers, bytes)));
    if (memory == nullptr) return;
    forTasksUnless(workers == 1, parallel, workers, [&](size_t worker) {
      const AttentionMemory<T> own(memory + worker * bytes, g, spaceBytes);
      for (size_t task = worker; task < tasks; task += workers) f(task, own);
    });
  }

  // scores = alpha k q^T, of rows that start at k and q.
  void multiplyHeads(const Scores& s, const AttentionMemory<T>& memory, const T* k, const T* q, T alpha,
                     T* scores) const {
    multiplyBlock(memory, {s.count, s.rows, size, alongRows(k), alongRows(q), scores, memory.stride, alpha, T(0), {}});
  }

  // by queries: c [rows, size] = scores^T x + beta c
  void multiplyByKeys(const Scores& s, const AttentionMemory<T>& memory, const T* scores, const T* x, T* c) const {
    multiplyBlock(
        memory,
        {s.rows, size, s.count, {scores, 1, memory.stride}, downRows(x), c, step, T(1), T(s.key == 0 ? 0 : 1), {}});
  }

  // by keys: c [count, size] += scores x
  void multiplyByQueries(const Scores& s, const AttentionMemory<T>& memory, const T* scores, const T* x, T* c) const {
    multiplyBlock(memory, {s.count, size, s.rows, {scores, memory.stride, 1}, downRows(x), c, step, T(1), T(1), {}});
  }

  // Where `causal`: minus infinity for the keys behind a query.
  void mask(const Scores& s, const AttentionMemory<T>& memory) const {
    if (!g.causal) return;
    for (size_t j = s.key < s.query ? least(s.query - s.key, s.count) : 0; j < s.count; ++j) {
      const size_t unseen = least(s.key + j > s.query ? s.key + j - s.query : 0, s.rows);
      for (size_t c = 0; c < unseen; ++c) memory.scores[j * memory.stride + c] = static_cast<T>(-__builtin_inf());
    }
  }

  // The factors of the weights: 0 where they are dropped.
  void drawKept(const Scores& s, const AttentionMemory<T>& memory) const {
    if (!(g.probability > 0)) return;
    const Choice<T> choice = dropoutFactors<T>(g.probability);
    // The words of a block follow each other, key by key.
    const size_t first = (s.item * g.queries + s.query) * g.keys + s.key * s.rows;
    forWords<1>(g.seed, g.offset, first, first + s.count * s.rows, [&](const uint32_t* words, size_t at, size_t count) {
      choice.choose(words, count, memory.kept + (at - first));
    });
  }

  void drop(const Scores& s, const AttentionMemory<T>& memory, T* scores) const {
    if (!(g.probability > 0)) return;
    for (size_t j = 0; j < s.count; ++j) {
      T *const row = scores + j * memory.stride, *const kept = memory.kept + j * s.rows;
      forVectors<T>(0, s.rows, [&](auto tag, size_t c) { tag.store(row + c, tag.load(row + c) * tag.load(kept + c)); });
    }
  }

 private:
  // On the calling thread.
  static void multiplyBlock(const AttentionMemory<T>& memory, const Product<T>& product) {
    const Grid<T> grid(product, 1);
    for (size_t task = 0; task < grid.tasks(); ++task) grid.run(product, task, memory.workspace);
  }

  // Enough for every product of a block: none needs more with fewer queries or keys, for keys are one block of terms.
  size_t workspaceBytes() const {
    const size_t rows = least(g.queries, kQueries), count = least(g.keys, kKeys);
    const Side<T> across{nullptr, step, 1}, down{nullptr, 1, step};
    const auto bytes = [](size_t m, size_t n, size_t k, Side<T> a, Side<T> b) {
      return Grid<T>(Product<T>{m, n, k, a, b, nullptr, n, T(1), T(0), {}}, 1).bytes();
    };
    return bytes(count, rows, size, across, across) + bytes(rows, size, count, down, down) +
           bytes(count, size, rows, across, down);
  }
};

// The largest score of each query, the sum of the exponentials below it, and by what a larger one than before scales what
// has been summed. Leaves the exponentials.
template <class T>
inline void exponentiate(const Scores& s, const AttentionMemory<T>& memory) {
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
      memory.top[r] = static_cast<T>(-__builtin_inf());
      memory.sum[r] = 0;
    }
    heads.forKeys(item, block, [&](const Scores& s) {
      heads.multiplyHeads(s, memory, heads.at(g.k, g.keys, item, s.key), heads.at(g.q, g.queries, item, first),
                          heads.scale, memory.scores);
      heads.mask(s, memory);
      exponentiate(s, memory);
      heads.drawKept(s, memory);
      heads.drop(s, memory, memory.scores);
      for (size_t r = 0; r < rows && s.key > 0; ++r) scaleRow(out + r * heads.step, g.size, memory.factor[r]);
      heads.multiplyByKeys(s, memory, memory.scores, heads.at(g.v, g.keys, item, s.key), out);
    });
    for (size_t r = 0; r < rows; ++r) {
      scaleRow(out + r * heads.step, g.size, static_cast<T>(1 / memory.sum[r]));
      g.logSums[item * g.queries + first + r] = static_cast<T>(memory.top[r] + log(Lane<double>(memory.sum[r])).v);
    }
  });
}

// top = the sum of out dOut over each of a block's rows: by so much all slopes of a query are lowered. Turned, rows are added
// up a vector of queries at a time.
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

// From scores to weights, and from the gradients by the weights to those by the products of q and k.
template <class T>
inline void findSlopes(const Scores& s, const AttentionMemory<T>& memory, const T* logSums, T scale) {
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
      heads.forKeys(item, block, [&](const Scores& s) {
        const T *const k = heads.at(g.k, g.keys, item, s.key), *const v = heads.at(g.v, g.keys, item, s.key);
        heads.multiplyHeads(s, memory, k, q, heads.scale, memory.scores);
        heads.multiplyHeads(s, memory, v, dOut, T(1), memory.slopes);
        heads.mask(s, memory);
        heads.drawKept(s, memory);
        heads.drop(s, memory, memory.slopes);
        findSlopes(s, memory, g.logSums + item * g.queries + first, heads.scale);
        heads.drop(s, memory, memory.scores);
        heads.multiplyByQueries(s, memory, memory.scores, dOut, heads.at(g.dv, g.keys, item, s.key));
        heads.multiplyByKeys(s, memory, memory.slopes, k, heads.at(g.dq, g.queries, item, first));
        heads.multiplyByQueries(s, memory, memory.slopes, q, heads.at(g.dk, g.keys, item, s.key));
      });
    }
  });
}

}  // namespace
}  // namespace lockstep
