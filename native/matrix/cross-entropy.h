#pragma once
// Softmax and cross-entropy in one. Mirror: src/backend/typescript/matrix/cross-entropy.ts.

// The largest of `count` numbers, minus infinity where there is none; NaN is passed over. An order of comparisons makes
// no difference to the result.
template <class T>
inline T largest(const T* x, size_t count) {
  Vec<T> best(static_cast<T>(-__builtin_inf()));
  size_t i = 0;
  for (; i + Vec<T>::kLanes <= count; i += Vec<T>::kLanes) best = max(Vec<T>::load(x + i), best);
  T lanes[Vec<T>::kLanes];
  best.store(lanes);
  T result = lanes[0];
  for (size_t lane = 1; lane < Vec<T>::kLanes; ++lane) result = lanes[lane] > result ? lanes[lane] : result;
  for (; i < count; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

template <class T>
void crossEntropy(const args::crossEntropy<T>& a, const Parallel& parallel) {
  forRanges(parallel, a.rows, rowGrain(a.columns), [&](size_t begin, size_t end) {
    for (size_t r = begin; r < end; ++r) {
      const T* logits = a.logits + r * a.columns;
      T* gradient = a.gradient + r * a.columns;
      const T top = largest(logits, a.columns);
      const double total = sumLanes<T>(0, a.columns, [&](double* sums, auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        const V e = exp(V::load(logits + c) - V(top));
        e.store(gradient + c);
        addTo(sums, e);
      });
      const T share = static_cast<T>(1 / total);
      forLanes<T>(0, a.columns, [&](auto tag, size_t c) {
        using V = typename decltype(tag)::Type;
        (V(share) * V::load(gradient + c)).store(gradient + c);
      });
      // Checked before, but another thread may write to labels in a SharedArrayBuffer.
      const size_t label = static_cast<size_t>(a.labels[r]);
      if (label >= a.columns) continue;
      a.losses[r] = static_cast<T>(log(Lane<double>(total)).v - static_cast<double>(logits[label] - top));
      gradient[label] -= 1;
    }
  });
}
