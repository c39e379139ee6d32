#pragma once
// addTo and addProductTo of scalar.h for the vector types.

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
