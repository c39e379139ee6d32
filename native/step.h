#pragma once
#include <node_api.h>

namespace lockstep {

// step(batches, isKept): one optimizer step over any number of tensors. A batch is { rule, scalars, operands, dots }: the name
// of a rule, a Float64Array, an array with the operands of every tensor one after the other, and a Float64Array for
// the rule's dot products per chunk (or null). Either all is done or, on an exception, nothing. Returns, if it is to be kept
// and can be, repeat(isOver): it takes the same step again, over the same arrays with what is in them then, and returns true;
// or, where one of the buffers or the target in use is not what it was, or when it is over, does nothing from then on and
// returns false. Else undefined.
napi_value step(napi_env env, napi_callback_info info);

}  // namespace lockstep
