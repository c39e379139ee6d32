#pragma once
// The scalar target: a vector is one lane.

#include "lane.h"

#ifndef LOCKSTEP_SCALAR
#define LOCKSTEP_SCALAR
#endif

namespace lockstep {
namespace {

template <class T>
using Vec = Lane<T>;

// The tile of matrix/gemm-tile.h: rows, vectors to a row, and terms to a round of its loop.
constexpr size_t kTileRows = 4;
constexpr size_t kTileVectors = 4;
constexpr size_t kTileUnroll = 1;

}  // namespace
}  // namespace lockstep
