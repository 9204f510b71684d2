/* The shared objects that are weighed hold archives alone; CMake wants a source. */
typedef int dlc_nothing;
