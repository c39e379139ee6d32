{
  # The sources and their flags, listed once for both builds: binding.gyp includes this file, CMakeLists.txt reads it.
  'variables': {
    'addon_sources': [
      'native/addon.cc',
      'native/arguments.cc',
      'native/step.cc',
    ],
    'addon_defines': [
      'NAPI_VERSION=8',
      'NAPI_DISABLE_CPP_EXCEPTIONS',
      'NODE_ADDON_API_DISABLE_DEPRECATED',
      # A worker that is being terminated cannot be thrown at: that must not end the process.
      'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      # Electron has no external array buffers.
      'NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED',
    ],
    'core_sources': [
      'native/cpu.cc',
      'native/dispatch.cc',
      'native/self-test.cc',
      'native/threads/pool.cc',
    ],
    # -ffp-contract: Note [No contraction] in native/targets/table.h.
    'float_flags': ['-ffp-contract=off', '-fno-math-errno'],
    'compile_flags': [
      '-std=c++17', '-O3', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden',
      '-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-cast-function-type',
    ],
    # The helper threads outlive every environment: the library must never be unloaded. The C++ library's part of it is
    # what is used, and nobody else's business: the whole of it would need a newer system, and be exported.
    'linux_link_flags': ['-Wl,-z,nodelete', '-static-libstdc++', '-Wl,--gc-sections', '-Wl,--exclude-libs,ALL'],
    'avx2_flags': ['-mavx2', '-mfma'],
    'avx512_flags': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx512cd', '-mfma'],
    # GCC 12 takes the undefined operand of its own _mm512_sqrt_ps for a mistake.
    'avx512_gcc_flags': ['-Wno-maybe-uninitialized', '-Wno-uninitialized'],
  },
}
