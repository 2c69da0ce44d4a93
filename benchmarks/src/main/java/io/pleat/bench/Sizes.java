package io.pleat.bench;

/**
 * Cuts files into directories of uneven size: two neighbours share {@code 2 * mean} files unevenly, so that the first file of any
 * directory is known without counting.
 *
 * @param files in all
 * @param mean files of a directory
 * @param swing most files that a directory has more or less than that
 * @param seed of the sizes
 */
record Sizes(long files, int mean, int swing, long seed) {
  int directories() {
    long rest = files % (2L * mean);
    return Math.toIntExact(files / (2L * mean) * 2 + (rest == 0 ? 0 : rest > mean ? 2 : 1));
  }

  /** Files before the directory. */
  long start(int directory) {
    long pair = directory / 2L * 2 * mean;
    return directory % 2 == 0 ? pair : pair + size(directory - 1);
  }

  int size(int directory) {
    long pair = directory / 2;
    if ((pair + 1) * 2 * mean > files) {
      return (int) Math.min(mean, files - directory * (long) mean);
    }
    int more = Rule.below(2 * swing + 1, seed, pair) - swing;
    return directory % 2 == 0 ? mean + more : mean - more;
  }

  /** The directory that holds the file of that number. */
  int directoryOf(long file) {
    int first = Math.toIntExact(file / (2L * mean)) * 2;
    return file - start(first) < size(first) ? first : first + 1;
  }
}
