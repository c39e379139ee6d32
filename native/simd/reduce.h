#pragma once
// Sums in double over 64 virtual lanes: element i goes to lane i mod 64, the lanes are folded in halves.
// Mirror: src/backend/typescript/reduce.ts.

struct LaneSums {
  double lanes[kReductionLanes] = {};

  double fold() {
    for (size_t half = kReductionLanes / 2; half > 0; half /= 2) {
      for (size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
    }
    return lanes[0];
  }
};
