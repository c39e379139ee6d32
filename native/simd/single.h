#pragma once
// The scalar target: a vector is one lane.

template <class T>
using Vec = Lane<T>;

constexpr size_t kTileRows = 4;
constexpr size_t kTileVectors = 4;
constexpr size_t kTileUnroll = 1;
