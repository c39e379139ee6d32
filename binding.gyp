{
  # The shipped build: one static library per target with its own flags, one addon that links them.
  # gyp ignores cflags on macOS, so every flag is repeated for Xcode; MSVC has spellings of its own.
  'includes': ['native/sources.gypi'],
  'target_defaults': {
    'default_configuration': 'Release',
    'cflags!': ['-fno-omit-frame-pointer'],
    'cflags_cc!': ['-std=gnu++17', '-fno-exceptions'],
    'cflags_cc': [
      '-std=c++17', '-O3', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', '-Wno-cast-function-type',
      '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-fno-math-errno', '-ffp-contract=off',
    ],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
      'GCC_ENABLE_CPP_RTTI': 'NO',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'OTHER_CPLUSPLUSFLAGS': ['-fno-math-errno', '-ffp-contract=off'],
    },
    'msvs_settings': {
      'VCCLCompilerTool': { 'FloatingPointModel': '0', 'AdditionalOptions': ['/std:c++17', '/fp:precise'] },
    },
  },
  'targets': [
    {
      'target_name': 'scalar',
      'type': 'static_library',
      'sources': ['native/targets/scalar.cc'],
    },
    {
      'target_name': 'lockstep',
      'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
      'defines': [
        'NAPI_VERSION=8', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED',
        # Electron has no external array buffers.
        'NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED',
      ],
      'sources': ['<@(addon_sources)', '<@(core_sources)'],
      'dependencies': ['scalar'],
      'conditions': [
        ['target_arch=="x64"', { 'dependencies': ['avx2', 'avx512'] }],
        ['target_arch=="arm64"', { 'dependencies': ['neon'] }],
        # The helper threads outlive every environment: the library must never be unloaded.
        ['OS=="linux"', { 'ldflags': ['-Wl,-z,nodelete', '-static-libstdc++', '-static-libgcc'] }],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'avx2',
          'type': 'static_library',
          'sources': ['native/targets/avx2.cc'],
          'cflags_cc': ['-mavx2', '-mfma'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['-mavx2', '-mfma'] },
          'msvs_settings': { 'VCCLCompilerTool': { 'EnableEnhancedInstructionSet': '5' } },
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': ['native/targets/avx512.cc'],
          # GCC 12 takes the undefined operand of its own _mm512_sqrt_ps for a mistake.
          'cflags_cc': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx512cd', '-mfma', '-Wno-maybe-uninitialized'],
          'xcode_settings': {
            'OTHER_CPLUSPLUSFLAGS': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx512cd', '-mfma'],
          },
          'msvs_settings': { 'VCCLCompilerTool': { 'EnableEnhancedInstructionSet': '6' } },
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'neon',
          'type': 'static_library',
          'sources': ['native/targets/neon.cc'],
        },
      ],
    }],
  ],
}
