#pragma once
// Operations between a matrix and one row. Mirror: src/backend/typescript/matrix/rows.ts.

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
