#pragma once
// Transcendental functions: one formula each, over the vector types of every target, so that all of them give the same
// bits. Only + - * / sqrt fma, selection and whole numbers in exponents; constants are exact or the nearest of their
// type. float32 is evaluated in double, without compensation, where that was measured to be faster than in two floats.
// Bounds of the error: test/math/bounds.json; coefficients: minimax.py.
#include "polynomial.h"
#include "exp.h"
#include "log.h"
#include "hyperbolic.h"
#include "erf.h"
#include "trigonometry.h"
#include "pow.h"
