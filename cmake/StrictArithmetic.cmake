# Options after the user's own that undo those of them under which a compiler may compute something else than what the
# source says, such as -ffast-math in CMAKE_C_FLAGS: the same bits everywhere are the promise of this library.
# clfit_strict_arithmetic(TARGET) gives an INTERFACE library those that the compiler knows.
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)

function(clfit_strict_arithmetic target)
  check_c_source_compiles("#if !defined __i386__ && !defined __x86_64__\n#error\n#endif\nint main(void) { return 0; }"
                          CLFIT_X86)
  check_c_source_compiles("#ifndef __s390__\n#error\n#endif\nint main(void) { return 0; }" CLFIT_S390)
  # -fno-math-errno lets compilers inline sqrt and fma.
  set(flags -fno-fast-math -fno-unsafe-math-optimizations -fno-associative-math -fno-reciprocal-math
      -fno-finite-math-only -fsigned-zeros -fno-single-precision-constant -fno-math-errno)
  if(CLFIT_X86) # x87 instructions compute in 80 bits
    list(APPEND flags -msse2 -mfpmath=sse)
  endif()
  if(CLFIT_S390) # where ISO C's rules, for an old definition of float_t, ask for sums of floats in double
    list(APPEND flags -fexcess-precision=fast)
  else()
    list(APPEND flags -fexcess-precision=standard)
  endif()
  foreach(flag ${flags})
    string(MAKE_C_IDENTIFIER "CLFIT_HAS${flag}" known)
    check_c_compiler_flag(${flag} ${known})
    if(${known})
      target_compile_options(${target} INTERFACE ${flag})
    endif()
  endforeach()
  # A product and a sum must never become an fma behind our back: the strict arithmetic says where there is one. It
  # comes last, because in clang -fno-fast-math permits contraction.
  target_compile_options(${target} INTERFACE -ffp-contract=off)
  # These would link crtfastmath.o, which makes a program flush denormal numbers; so would -Ofast, unless another level
  # follows. Where a shared library is linked CMake puts the user's flags behind those of the target.
  set(flags -O2 -fno-fast-math -fno-unsafe-math-optimizations)
  target_link_options(${target} INTERFACE ${flags})
  list(JOIN flags " " flags)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" configuration)
  foreach(variable CMAKE_SHARED_LINKER_FLAGS CMAKE_SHARED_LINKER_FLAGS_${configuration})
    set(${variable} "${${variable}} ${flags}" PARENT_SCOPE)
  endforeach()
endfunction()
