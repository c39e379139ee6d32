#pragma once
// Panels of A and B: kWidth elements of every term next to each other, so that a tile reads them in order.

// Where the elements of a panel are: `step` from one to the next, `depth` from one term to the next.
template <class T>
struct Side {
  const T* start;
  size_t step, depth;
};

// panel[p * width + i] = element i of term p, for i below `count`; zero from there to `width`.
template <class T>
inline void packPanel(Side<T> from, size_t count, size_t width, size_t terms, T* panel) {
  if (from.step == 1) {
    for (size_t p = 0; p < terms; ++p) {
      const T* source = from.start + p * from.depth;
      T* target = panel + p * width;
      forLanes<T>(0, count, [&](auto tag, size_t i) { decltype(tag)::Type::load(source + i).store(target + i); });
      for (size_t i = count; i < width; ++i) target[i] = 0;
    }
    return;
  }
  // Terms are neighbours in memory: square blocks of them are turned in registers.
  constexpr size_t kLanes = Vec<T>::kLanes;
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const T* source = from.start + i * from.step;
    size_t p = 0;
    for (; p + kLanes <= terms; p += kLanes) transpose(source + p, from.step, panel + p * width + i, width);
    for (; p < terms; ++p) {
      for (size_t lane = 0; lane < kLanes; ++lane) panel[p * width + i + lane] = source[lane * from.step + p];
    }
  }
  for (; i < width; ++i) {
    const T* source = from.start + i * from.step;
    for (size_t p = 0; p < terms; ++p) panel[p * width + i] = i < count ? source[p] : T(0);
  }
}
