// The door to zlib (Debian: zlib1g-dev). Only Pipeline/GzipInflater.swift comes through it.
#include <zlib.h>
