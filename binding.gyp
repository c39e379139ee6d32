{
  # The shipped build: one static library per target with its own flags, one addon that links them.
  # gyp ignores cflags on macOS, so every flag is repeated for Xcode; MSVC has spellings of its own.
  'includes': ['native/sources.gypi'],
  'target_defaults': {
    'default_configuration': 'Release',
    'cflags!': ['-fno-omit-frame-pointer'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'cflags_cc': ['<@(compile_flags)', '<@(float_flags)'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
      'GCC_ENABLE_CPP_RTTI': 'NO',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'OTHER_CPLUSPLUSFLAGS': ['<@(float_flags)'],
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
      'defines': ['<@(addon_defines)'],
      'sources': ['<@(addon_sources)', '<@(core_sources)'],
      'dependencies': ['scalar'],
      'conditions': [
        ['target_arch=="x64"', { 'dependencies': ['avx2', 'avx512'] }],
        ['target_arch=="arm64"', { 'dependencies': ['neon'] }],
        ['OS=="linux"', { 'ldflags': ['<@(linux_link_flags)'], 'libraries': ['<@(linux_libraries)'] }],
        ['OS=="linux" and target_arch=="arm64"', { 'cflags_cc': ['<@(linux_arm64_flags)'] }],
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
          'cflags_cc': ['<@(avx2_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx2_flags)'] },
          'msvs_settings': { 'VCCLCompilerTool': { 'EnableEnhancedInstructionSet': '5' } },
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': ['native/targets/avx512.cc'],
          'cflags_cc': ['<@(avx512_flags)', '<@(avx512_gcc_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx512_flags)'] },
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
