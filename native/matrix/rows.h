#pragma once
// Between a matrix and one row, and whole rows of a matrix. Mirror: src/backend/typescript/matrix/rows.ts.

template <class T>
void addRow(const args::addRow<T>& a, const Parallel& parallel) {
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* x = a.x + r * a.columns;
      T* y = a.y + r * a.columns;
      forLanes<T>(0, a.columns, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        (V::load(x + c) + V::load(a.row + c)).store(y + c);
      });
    }
  });
}

template <class T>
void sumRows(const args::sumRows<T>& a, const Parallel& parallel) {
  const T* x = a.x;
  reduceColumns<T, Addition, double>(
      parallel, 1, a.rows, a.columns, [=](auto tag, size_t i) { return decltype(tag)::Type::load(x + i); },
      [&](size_t, size_t first, size_t width, const double* sums) {
        T* out = a.out + first;
        for (size_t c = 0; c < width; ++c) {
          out[c] = static_cast<T>((a.accumulate ? static_cast<double>(out[c]) : 0) + sums[c]);
        }
      });
}

template <class T>
void gatherRows(const args::gatherRows<T>& a, const Parallel& parallel) {
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* from = a.source + static_cast<size_t>(a.indices[r]) * a.columns;
      T* to = a.out + r * a.columns;
      forLanes<T>(0, a.columns, [&](auto tag, size_t c) { decltype(tag)::Type::load(from + c).store(to + c); });
    }
  });
}
