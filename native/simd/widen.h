#pragma once
// widen, narrow, inDouble, addTo and addProductTo of lane.h for the vectors of the target.

#include "lane.h"
#include "simd.h"

namespace lockstep {
namespace {

// A vector of numbers of its own or of half their size.
template <class V>
inline void loadWide(const typename V::Element* p, V& a) {
  a = V::load(p);
}
inline void loadWide(const float* p, Lane<double>& a) { a = Lane<double>(static_cast<double>(*p)); }

#ifndef LOCKSTEP_SCALAR  // whose vectors are lanes

inline void loadWide(const float* p, Vec<double>& a) { a = wideFrom(p); }

inline void widen(Vec<float> a, Vec<float>* wide) { wide[0] = a; }
inline void widen(Vec<double> a, Vec<double>* wide) { wide[0] = a; }
inline void widen(Vec<float> a, Vec<double>* wide) {
  wide[0] = lowerHalf(a);
  wide[1] = upperHalf(a);
}

inline void narrow(const Vec<double>* wide, Vec<double>& a) { a = wide[0]; }
inline void narrow(const Vec<double>* wide, Vec<float>& a) { a = narrow(wide[0], wide[1]); }

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
// The product of two floats is exact in double: fused with the addition, it gives the bits of the two operations.
inline void addProductTo(double* sums, Vec<float> a, Vec<float> b) {
  double* const upper = sums + Vec<double>::kLanes;
  fma(lowerHalf(a), lowerHalf(b), Vec<double>::load(sums)).store(sums);
  fma(upperHalf(a), upperHalf(b), Vec<double>::load(upper)).store(upper);
}

#endif

}  // namespace
}  // namespace lockstep
