#pragma once
// Sums over a row and over a whole array, in double. Mirror: src/backend/typescript/matrix/reductions.ts.

// The sum over the lanes of what f(sums, tag, i) adds for every i in [begin, end): `sums` is where its lane starts.
template <class T, class F>
inline double sumLanes(size_t begin, size_t end, const F& f) {
  LaneSums sums;
  forLanes<T>(begin, end, [&](auto tag, size_t i) { f(sums.lanes + (i - begin) % kReductionLanes, tag, i); });
  return sums.fold();
}

// The same over chunks, whose sums are added in neighbouring pairs, then the pairs, and so on; an odd one out waits for
// the next round. Returns false where there is no memory for the chunks' sums.
template <class T, class F>
inline bool sumChunks(const Parallel& parallel, size_t n, double& total, const F& f) {
  size_t count = (n + kReductionChunk - 1) / kReductionChunk;
  total = 0;
  if (count == 0) return true;
  double* partials = &total;
  if (count > 1) partials = static_cast<double*>(parallel.scratch(parallel, count * sizeof(double)));
  if (partials == nullptr) return false;
  forRanges(parallel, n, kStepChunk, [&](size_t begin, size_t end) {
    for (size_t chunk = begin; chunk < end; chunk += kReductionChunk) {
      const size_t stop = end - chunk < kReductionChunk ? end : chunk + kReductionChunk;
      partials[chunk / kReductionChunk] = sumLanes<T>(chunk, stop, f);
    }
  });
  for (; count > 1; count = (count + 1) / 2) {
    for (size_t i = 0; i < count / 2; ++i) partials[i] = partials[2 * i] + partials[2 * i + 1];
    if (count % 2 == 1) partials[count / 2] = partials[count - 1];
  }
  total = partials[0];
  return true;
}

template <class T>
void sum(const args::sum<T>& a, const Parallel& parallel) {
  double total;
  const bool done = sumChunks<T>(
      parallel, a.n, total, [&](double* sums, auto tag, size_t i) { addTo(sums, decltype(tag)::Type::load(a.x + i)); });
  if (done) a.out[0] = static_cast<T>(a.alpha * total);
}

template <class T>
void squaredDistance(const args::squaredDistance<T>& a, const Parallel& parallel) {
  double total;
  const bool done = sumChunks<T>(parallel, a.n, total, [&](double* sums, auto tag, size_t i) {
    using V = typename decltype(tag)::Type;
    const V difference = V::load(a.a + i) - V::load(a.b + i);
    addProductTo(sums, difference, difference);
  });
  if (done) a.out[0] = static_cast<T>(a.alpha * total);
}
