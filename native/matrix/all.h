#pragma once
#include "gemm.h"
#include "rows.h"
