# `cmake --install build`: two components that stand alone.
#
#   runtime    the C and C++ API, static libraries, dlc-run; needs no LLVM and no compiler
#   compiler   dlc, dlc-opt, libdlc.so and the headers in which models are declared
#
# Both are laid out as the build tree is (bin/, lib/, include/), since dlc finds the headers and
# the library that a model file needs beside itself. Other projects use them by find_package(dlc),
# see dlcConfig.cmake.in.
include(CMakePackageConfigHelpers)

set(package lib/cmake/dlc)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/dlcConfig.cmake.in
  ${PROJECT_BINARY_DIR}/dlcConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dlcConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dlcConfig.cmake ${PROJECT_BINARY_DIR}/dlcConfigVersion.cmake
  DESTINATION ${package} COMPONENT runtime)

set(headers runtime.h runtime.hpp result.h data.h train.h)
list(TRANSFORM headers PREPEND ${PROJECT_SOURCE_DIR}/runtime/include/dlc/)
install(FILES ${headers} DESTINATION include/dlc COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/runtime/abi/dtype.h DESTINATION include/dlc/abi COMPONENT runtime)
install(TARGETS dlcRuntimeCore dlcRuntimeData dlcRuntimeTrain dlcManifest dlcEvents
  ARCHIVE DESTINATION lib COMPONENT runtime)
install(TARGETS dlc-run RUNTIME DESTINATION bin COMPONENT runtime)

if(DLC_BUILD_COMPILER)
  set_target_properties(dlc dlc-opt dlc-define dlcLibrary PROPERTIES
    INSTALL_RPATH "$ORIGIN/../lib" INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS dlc dlc-opt dlc-define dlcLibrary
    RUNTIME DESTINATION bin COMPONENT compiler
    LIBRARY DESTINATION lib COMPONENT compiler)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/frontend/include/dlc
    ${PROJECT_BINARY_DIR}/frontend/include/dlc
    DESTINATION include COMPONENT compiler FILES_MATCHING PATTERN "*.h" PATTERN "*.inc")
endif()
