#pragma once
// glibc 2.34 and 2.32 gave these functions a new version, for they moved from one of its libraries to another. The old
// version is the same function there, and the only one on older systems: 2.17 is the first release for arm64. musl has no
// versions. scripts/check-binaries.mjs fails where a function is missing here.

#ifdef __linux__
#include <features.h>
#endif

#ifdef __GLIBC__
#ifdef __x86_64__
#define LOCKSTEP_GLIBC "GLIBC_2.2.5"
#else
#define LOCKSTEP_GLIBC "GLIBC_2.17"
#endif
#define LOCKSTEP_OLD(name) __asm__(".symver " #name "," #name "@" LOCKSTEP_GLIBC)
LOCKSTEP_OLD(pthread_attr_setstacksize);
LOCKSTEP_OLD(pthread_create);
LOCKSTEP_OLD(pthread_sigmask);
#ifdef LOCKSTEP_OPENS_LIBRARIES
LOCKSTEP_OLD(dladdr);
LOCKSTEP_OLD(dlerror);
LOCKSTEP_OLD(dlopen);
LOCKSTEP_OLD(dlsym);
#endif
#undef LOCKSTEP_OLD
#undef LOCKSTEP_GLIBC
#endif
