#pragma once
// Operands that are repeated to fill a result [outer, rows, columns]: what the layouts of kernels.h say.
// Mirror: src/backend/typescript/matrix/broadcast.ts.

template <class T, size_t N>
struct Repeated {
  size_t sizes[3];
  const T* operands[N];
  size_t steps[N][3];  // elements from one index of a dimension to the next, 0 where the operand is repeated

  Repeated(size_t layout, size_t outer, size_t rows, size_t columns, const T* const (&arrays)[N])
      : sizes{outer, rows, columns} {
    for (size_t k = 0; k < N; ++k) {
      operands[k] = arrays[k];
      size_t step = 1;
      for (size_t d = 3; d-- > 0;) {
        steps[k][d] = isRepeated(layout, k, d) ? 0 : step;
        if (steps[k][d] != 0) step *= sizes[d];
      }
    }
  }
};

// One vector of operand k; kFixed has its bit set where the operand has one element for the whole row.
template <bool kFixed, class V>
inline V operandAt(const typename V::Element* row, size_t c) {
  if constexpr (kFixed) {
    return V(*row);
  } else {
    return V::load(row + c);
  }
}

template <size_t kFixed, class V, class T, class F, size_t... K>
inline V applyAt(const F& f, const T* const* rows, size_t c, Indices<K...>) {
  return f(operandAt<(kFixed >> K & 1) != 0, V>(rows[K], c)...);
}

// Elements [begin, end) of the result: part of a row, then as many whole rows as have the same `outer`, and so on.
template <size_t kFixed, class T, size_t N, class F>
inline void broadcastRange(const Repeated<T, N>& a, size_t begin, size_t end, T* out, const F& f) {
  const size_t columns = a.sizes[2];
  while (begin < end) {
    const size_t row = begin / columns, first = begin % columns;
    const size_t o = row / a.sizes[1], r = row % a.sizes[1];
    const T* rows[N];
    size_t steps[N];
    for (size_t k = 0; k < N; ++k) {
      rows[k] = a.operands[k] + o * a.steps[k][0] + r * a.steps[k][1] + first * a.steps[k][2];
      steps[k] = a.steps[k][1];
    }
    const size_t left = end - begin, whole = left / columns;
    const bool isPart = first != 0 || whole == 0;
    const size_t count = !isPart ? columns : left < columns - first ? left : columns - first;
    size_t n = isPart ? 1 : whole < a.sizes[1] - r ? whole : a.sizes[1] - r;
    T* to = out + begin;
    begin += n * count;
    for (; n > 0; --n, to += count) {
      forLanes<T>(0, count, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        applyAt<kFixed, V>(f, rows, c, typename MakeIndices<N>::Type()).store(to + c);
      });
      for (size_t k = 0; k < N; ++k) rows[k] += steps[k];
    }
  }
}

// out = f(operands...), with one loop for each set of operands that have one element for a row.
template <size_t kFixed = 0, class T, size_t N, class F>
inline void broadcast(const Parallel& parallel, const Repeated<T, N>& a, T* out, const F& f) {
  size_t fixed = 0;
  for (size_t k = 0; k < N; ++k) fixed |= static_cast<size_t>(a.steps[k][2] == 0) << k;
  if (fixed == kFixed) {
    const size_t n = a.sizes[0] * a.sizes[1] * a.sizes[2];
    forRanges(parallel, n, kElementGrain,
              [&](size_t begin, size_t end) { broadcastRange<kFixed>(a, begin, end, out, f); });
  } else if constexpr (kFixed + 1 < size_t{1} << N) {
    broadcast<kFixed + 1>(parallel, a, out, f);
  }
}

template <class T>
void where(const args::where<T>& a, const Parallel& parallel) {
  const Repeated<T, 3> operands(a.layout, a.outer, a.rows, a.columns, {a.condition, a.a, a.b});
  broadcast(parallel, operands, a.out,
            [](auto condition, auto x, auto y) { return selectEqual(condition, decltype(x)(T(0)), y, x); });
}

// The rows that are added to one row of `out` in their order, each column in double; where columns are added too, each
// row first over its lanes.
template <class T>
void sumRepeats(const args::sumRepeats<T>& a, const Parallel& parallel) {
  const Repeated<T, 1> out(a.layout, a.outer, a.rows, a.columns, {a.out});
  const auto [outerStep, rowStep, columnStep] = out.steps[0];
  const size_t keptRows = rowStep == 0 ? 1 : a.rows, kept = (outerStep == 0 ? 1 : a.outer) * keptRows;
  const size_t addedOuter = outerStep == 0 ? a.outer : 1, addedRows = rowStep == 0 ? a.rows : 1;
  // f(row) for the rows of x that row `index` of `out` is the sum of.
  const auto forRows = [&](size_t index, const auto& f) {
    const size_t start = index / keptRows * a.rows + index % keptRows;
    for (size_t o = 0; o < addedOuter; ++o) {
      for (size_t r = 0; r < addedRows; ++r) f(a.x + (start + o * a.rows + r) * a.columns);
    }
  };
  const auto put = [&](size_t index, double sum) {
    const double before = a.accumulate ? static_cast<double>(a.out[index]) : 0;
    a.out[index] = static_cast<T>(before + sum);
  };
  if (columnStep == 0) {
    forRanges(parallel, kept, rowGrain(addedOuter * addedRows * a.columns), [&](size_t begin, size_t end) {
      for (size_t index = begin; index < end; ++index) {
        double total = 0;
        forRows(index, [&](const T* x) {
          total += sumLanes<T>(
              0, a.columns, [&](double* sums, auto tag, size_t c) { addTo(sums, decltype(tag)::Type::load(x + c)); });
        });
        put(index, total);
      }
    });
    return;
  }
  const size_t blocks = (a.columns + kColumnBlock - 1) / kColumnBlock;
  forRanges(parallel, kept * blocks, rowGrain(addedOuter * addedRows * kColumnBlock), [&](size_t begin, size_t end) {
    for (size_t block = begin; block < end; ++block) {
      const size_t index = block / blocks, first = block % blocks * kColumnBlock;
      const size_t width = a.columns - first < kColumnBlock ? a.columns - first : kColumnBlock;
      ColumnSums sums;
      forRows(index, [&](const T* x) {
        forLanes<T>(0, width,
                    [&](auto tag, size_t c) { addTo(sums.sums + c, decltype(tag)::Type::load(x + first + c)); });
      });
      for (size_t c = 0; c < width; ++c) put(index * a.columns + first + c, sums.sums[c]);
    }
  });
}
