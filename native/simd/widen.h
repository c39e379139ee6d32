#pragma once
// widen, inDouble, addTo and addProductTo of scalar.h for the vector types.

inline void widen(Vec<float> a, Vec<float>* wide) { wide[0] = a; }
inline void widen(Vec<double> a, Vec<double>* wide) { wide[0] = a; }
inline void widen(Vec<float> a, Vec<double>* wide) {
  wide[0] = lowerHalf(a);
  wide[1] = upperHalf(a);
}

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
