#pragma once
// The kernels of convolutions: as matrix products, or each channel by itself.

#include "../parallel.h"
#include "convolution-weight.h"
#include "convolution.h"
#include "depthwise.h"
#include "window-arguments.h"

namespace lockstep {
namespace {

template <class T>
void conv2dForward(const args::Conv2dForward<T>& g, const Parallel& parallel) {
  if (g.batch > 0) isDepthwise(g) ? convolveDepthwise(g, parallel) : convolve(inLongRows(g), parallel);
}

template <class T>
void conv2dBackwardInput(const args::Conv2dBackwardInput<T>& g, const Parallel& parallel) {
  if (g.batch > 0) isDepthwise(g) ? convolveDepthwiseBack(g, parallel) : convolveBack(inLongRows(g), parallel);
}

template <class T>
void conv2dBackwardWeight(const args::Conv2dBackwardWeight<T>& g, const Parallel& parallel) {
  if (g.batch > 0)
    return isDepthwise(g) ? convolveDepthwiseWeight(g, parallel) : convolveWeight(inLongRows(g), parallel);
  const size_t size = g.accumulate ? 0 : g.groups * g.outChannels * patchOf(g);
  for (size_t i = 0; i < size; ++i) g.dWeight[i] = 0;
}

}  // namespace
}  // namespace lockstep
