#pragma once
// What both directions of attention (attention.h) have in common: the heads, the blocks they are cut into, the memory of a
// thread, and the products of a block.
//
// The scores of a block have a row for each key and a column for each query: sums over the keys go down the columns, a vector
// of queries at a time, in the order of the keys on every target.

#include "../parallel.h"
#include "../simd/for-lanes.h"
#include "../simd/reduce.h"
#include "../simd/simd.h"
#include "../simd/widen.h"
#include "../sizes.h"
#include "attention-arguments.h"
#include "gemm-pack.h"
#include "gemm.h"
#include "philox.h"
#include "random.h"
#include "tasks.h"

namespace lockstep {
namespace {

using args::Attention;

// The most queries and keys of a block: its scores stay in the second-level cache. A block of keys is one block of terms of
// gemm and starts at a multiple of kKeys, however many keys there are: under a causal mask and without dropout, finite
// numbers that a query does not see change none of its bits.
constexpr size_t kQueries = 32;
constexpr size_t kKeys = kBlockTerms;

// The scores of queries [query, query + rows) for keys [key, key + count). Heads are counted over the batch: `item` is one.
struct ScoreBlock {
  size_t item, query, rows, key, count;
};

// The memory of a thread, in parts that follow each other from `start` to `end`.
template <class T>
struct AttentionMemory {
  size_t stride;  // from the scores of a key to those of the next
  T* scores;      // of a block, and then its weights
  T* slopes;      // the gradients by these
  T* kept;        // by what dropout multiplies the weights
  T *top, *factor;
  double* sum;   // these three: a number for each query
  T* workspace;  // of gemm
  uintptr_t end;

  AttentionMemory(void* start, const Attention<T>& g, size_t workspaceBytes)
      : stride(roundUp(least(g.queries, kQueries), Vec<T>::kLanes)), end(reinterpret_cast<uintptr_t>(start)) {
    // One row more than a block has: packPanel, which sumProducts calls, writes up to a vector beyond the end.
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

// Sums in double of vectors V of T, lane by lane: as many vectors of double as their lanes fill.
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

// A head is a matrix with rows of `size` numbers, `step` apart. Queries are cut into blocks of about one size.
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

  // f(score block) for each block of keys that one of a block of queries sees.
  template <class F>
  void forKeys(size_t item, size_t block, const F& f) const {
    const size_t first = queries.start(block), rows = queries.size(block);
    const size_t seen = g.causal ? least(g.keys, first + rows) : g.keys;
    for (size_t key = 0; key < seen; key += kKeys) f(ScoreBlock{item, first, rows, key, least(seen - key, kKeys)});
  }

  // f(task, memory) for every task, over the threads, each with memory of its own.
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

  // scores[j][c] = alpha times the dot product of row j from k on and row c from q on.
  void multiplyRows(const ScoreBlock& s, const AttentionMemory<T>& memory, const T* k, const T* q, T alpha,
                    T* scores) const {
    multiplyBlock(memory, {s.count, s.rows, size, alongRows(k), alongRows(q), scores, memory.stride, alpha, T(0), {}});
  }

  // c [rows, size] = scores^T x, of a row of x for each key: a sum over the keys. Added to c but for the first block of keys.
  void sumOverKeys(const ScoreBlock& s, const AttentionMemory<T>& memory, const T* scores, const T* x, T* c) const {
    multiplyBlock(
        memory,
        {s.rows, size, s.count, {scores, 1, memory.stride}, downRows(x), c, step, T(1), T(s.key == 0 ? 0 : 1), {}});
  }

  // c [count, size] += scores x, of a row of x for each query: a sum over the queries.
  void sumOverQueries(const ScoreBlock& s, const AttentionMemory<T>& memory, const T* scores, const T* x, T* c) const {
    multiplyBlock(memory, {s.count, size, s.rows, {scores, memory.stride, 1}, downRows(x), c, step, T(1), T(1), {}});
  }

  // Adds the mask, where there is one. `turned` has room for a block.
  void addMask(const ScoreBlock& s, const AttentionMemory<T>& memory, T* turned) const {
    if (g.masked == args::kNoMask) return;
    const T* const mask = g.mask + s.item / g.heads * g.maskSequence() + s.item % g.heads * g.maskHead() + s.key;
    const size_t step = g.maskRow();
    if (step > 0) packPanel({mask + s.query * step, step, 1}, s.rows, s.rows, memory.stride, s.count, turned);
    for (size_t j = 0; j < s.count; ++j) {
      T *const row = memory.scores + j * memory.stride, *const terms = turned + j * memory.stride;
      const T each = mask[step > 0 ? 0 : j];
      forVectors<T>(0, s.rows, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        tag.store(row + c, tag.load(row + c) + (step > 0 ? tag.load(terms + c) : V(each)));
      });
    }
  }

  // Where `causal`: minus infinity for the keys behind a query. Rows of keys that all queries see are left alone.
  void mask(const ScoreBlock& s, const AttentionMemory<T>& memory) const {
    if (!g.causal) return;
    for (size_t j = s.key < s.query ? least(s.query - s.key, s.count) : 0; j < s.count; ++j) {
      const size_t unseen = least(s.key + j > s.query ? s.key + j - s.query : 0, s.rows);
      for (size_t c = 0; c < unseen; ++c) memory.scores[j * memory.stride + c] = static_cast<T>(-__builtin_inf());
    }
  }

  // The factors of the block's weights, 0 where they are dropped, by one word of the seed's stream each.
  void drawKept(const ScoreBlock& s, const AttentionMemory<T>& memory) const {
    if (!(g.probability > 0)) return;
    const Choice<T> choice = dropoutFactors<T>(g.probability);
    // Those of a block follow each other, key by key.
    const size_t first = (s.item * g.queries + s.query) * g.keys + s.key * s.rows;
    forWords<1>(g.seed, g.offset, first, first + s.count * s.rows, [&](const uint32_t* words, size_t at, size_t count) {
      choice.choose(words, count, memory.kept + (at - first));
    });
  }

  // Multiplies a block by them.
  void drop(const ScoreBlock& s, const AttentionMemory<T>& memory, T* scores) const {
    if (!(g.probability > 0)) return;
    for (size_t j = 0; j < s.count; ++j) {
      T *const row = scores + j * memory.stride, *const kept = memory.kept + j * s.rows;
      forVectors<T>(0, s.rows, [&](auto tag, size_t c) { tag.store(row + c, tag.load(row + c) * tag.load(kept + c)); });
    }
  }

 private:
  // On the calling thread: threads have heads or blocks of queries of their own.
  static void multiplyBlock(const AttentionMemory<T>& memory, const Product<T>& product) {
    const Grid<T> grid(product, 1);
    for (size_t task = 0; task < grid.tasks(); ++task) grid.taskOf(product, task, memory.workspace).run();
  }

  // Enough for each product of a block. The largest block needs most, for its keys are one block of terms.
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

}  // namespace
}  // namespace lockstep
