#pragma once
// The handlers of signals that Node.js has, kept through what a library does to them: without some of them a WebAssembly trap
// ends the process.

namespace lockstep::mpi {

void saveSignals();

// Puts back those that were saved, but where Node.js has set another one meanwhile, for a listener in JavaScript.
void restoreSignals();

}  // namespace lockstep::mpi
