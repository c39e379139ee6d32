#pragma once
// inDouble, addTo and addProductTo of scalar.h for the vector types.

template <class F>
inline Vec<float> inDouble(Vec<float> x, Vec<float> y, const F& f) {
  return narrow(f(lowerHalf(x), lowerHalf(y)), f(upperHalf(x), upperHalf(y)));
}

inline void addTo(double* sums, Vec<double> a) { (Vec<double>::load(sums) + a).store(sums); }
inline void addTo(double* sums, Vec<float> a) {
  addTo(sums, lowerHalf(a));
  addTo(sums + Vec<double>::kLanes, upperHalf(a));
}
inline void addProductTo(double* sums, Vec<double> a, Vec<double> b) { addTo(sums, a * b); }
inline void addProductTo(double* sums, Vec<float> a, Vec<float> b) {
  addTo(sums, lowerHalf(a) * lowerHalf(b));
  addTo(sums + Vec<double>::kLanes, upperHalf(a) * upperHalf(b));
}
