package io.pleat.bench.index;

/** Where a file's bytes are and what their checksum is; a lookup fills it. */
final class Location {
  long offset;
  int size;
  int crc;
}
