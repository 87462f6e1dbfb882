# processpool-config.cmake: for programs that are built with CMake.
#
#     find_package(processpool 1.0 REQUIRED)
#     target_link_libraries(program processpool::processpool)     # or processpool::static
include(CMakeFindDependencyMacro)
find_dependency(Threads)

get_filename_component(processpool_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET processpool::processpool)
    add_library(processpool::processpool SHARED IMPORTED)
    set_target_properties(processpool::processpool PROPERTIES
        IMPORTED_LOCATION "${processpool_prefix}/lib/libprocesspool.so.1"
        IMPORTED_SONAME libprocesspool.so.1)
    add_library(processpool::static STATIC IMPORTED)
    set_target_properties(processpool::static PROPERTIES
        IMPORTED_LOCATION "${processpool_prefix}/lib/libprocesspool.a"
        IMPORTED_LINK_INTERFACE_LANGUAGES C)
    foreach(library processpool::processpool processpool::static)
        set_target_properties(${library} PROPERTIES
            INTERFACE_INCLUDE_DIRECTORIES "${processpool_prefix}/include"
            INTERFACE_LINK_LIBRARIES Threads::Threads)
    endforeach()
endif()
