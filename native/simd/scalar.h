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

// The tile of C that gemm keeps in registers: rows, and vectors to a row.
constexpr size_t kTileRows = 4;
constexpr size_t kTileVectors = 4;
constexpr size_t kTileUnroll = 1;

}  // namespace
}  // namespace lockstep
