#pragma once
// What becomes of the elements of two ranks.

#include <cstddef>

#include "program.h"

namespace lockstep::mpi {

// Operations that follow each other and have the same number of bytes; an element of each before the next element of any.
void combineAll(const Operation* first, size_t count);

// How many of them there are, from the first on, which is one.
size_t combinationsFrom(const Operation* operations, size_t count);

size_t bytesOf(Type type);

}  // namespace lockstep::mpi
