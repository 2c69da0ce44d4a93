package io.pleat.bench;

import static io.pleat.format.Preconditions.checkArgument;

import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;

/**
 * A tree as people have them who train on images, of any number of files. Eight tenths lie in {@code train/n01440764/n01440764_10026.JPEG},
 * about 1,000 to a directory; a tenth below {@code crawl/part-00017}, about 10^5 to a directory, under 32 hexadecimal digits in no
 * order; a tenth deep, below {@code camera/2021/03/14/cam-02/09}, about 60 to a directory.
 */
final class ImageTree {
  static final long MAX_FILES = 1_000_000_000;

  private static final int CAMERAS = 4;
  private static final int HOURS = 24;
  private static final LocalDate FIRST_DAY = LocalDate.of(2012, 1, 1);
  private static final long FIRST_CHANGE = 1_300_000_000;
  private static final int YEARS_OF_CHANGES = 300_000_000;

  private final long seed;
  private final int length;
  private final int spread;
  private final Sizes camera;
  private final Sizes crawl;
  private final Sizes train;

  /**
   * @param files in all
   * @param length mean of a file's bytes, which are 1 to twice that, less one
   * @param spread seconds over which the files of one directory were changed; 1 is all at once
   * @param seed of names, sizes, times and bytes
   */
  ImageTree(long files, int length, int spread, long seed) {
    checkArgument(files >= 1 && files <= MAX_FILES, "%s files, allowed are 1 to 10^9", files);
    checkArgument(length >= 1 && length <= 1 << 20, "mean length of %s bytes", length);
    checkArgument(spread >= 1, "a spread of %s seconds", spread);
    this.seed = seed;
    this.length = length;
    this.spread = spread;
    this.camera = new Sizes(files / 10, 60, 40, seed + 1);
    this.crawl = new Sizes(files / 10, 100_000, 20_000, seed + 2);
    this.train = new Sizes(files - files / 10 * 2, 1000, 400, seed + 3);
  }

  SyntheticDirectory root() {
    return SyntheticDirectory.of(
        List.of("camera", "crawl", "train"), List.of(new Years(), new Parts(), new Classes()));
  }

  /** Files in all. */
  long files() {
    return camera.files() + crawl.files() + train.files();
  }

  /** The path of the file of that number. */
  String path(long file) {
    if (file < camera.files()) {
      int leaf = camera.directoryOf(file);
      Hour hour = new Hour(leaf);
      return "camera/" + hour.path() + "/" + hour.name((int) (file - camera.start(leaf)));
    }
    long inCrawl = file - camera.files();
    if (inCrawl < crawl.files()) {
      int part = crawl.directoryOf(inCrawl);
      return "crawl/" + new Parts().name(part) + "/"
          + new Part(part).name((int) (inCrawl - crawl.start(part)));
    }
    long inTrain = inCrawl - crawl.files();
    int number = train.directoryOf(inTrain);
    ImageClass directory = new ImageClass(number);
    return "train/" + directory.word + "/" + directory.name((int) (inTrain - train.start(number)));
  }

  /** Files below {@code crawl}. */
  long crawlFiles() {
    return crawl.files();
  }

  /** A directory of files. */
  private abstract class Files extends SyntheticDirectory {
    private final long id;
    private final int size;

    Files(int section, int directory, Sizes sizes) {
      this.id = Rule.mix(seed + section) + ((long) directory << 32);
      this.size = sizes.size(directory);
    }

    @Override
    int size() {
      return size;
    }

    /** The number that a name speaks of, if it is one of ours: to be proven. */
    abstract long numberIn(String name);

    @Override
    int find(String name) {
      long number = numberIn(name);
      return number >= 0 && number < size && name((int) number).equals(name) ? (int) number : -1;
    }

    @Override
    int length(int number) {
      return 1 + Rule.below(2 * length - 1, id + 1, number);
    }

    @Override
    long content(int number) {
      return Rule.mix(id + number);
    }

    @Override
    long mtime() {
      return FIRST_CHANGE + Rule.below(YEARS_OF_CHANGES, seed, id);
    }

    @Override
    long mtimeOf(int number) {
      return mtime() + (spread == 1 ? 0 : Rule.below(spread, id + 2, number));
    }

    @Override
    String owner() {
      return Rule.below(16, seed, id + 1) == 0 ? "labels" : "ingest";
    }

    @Override
    boolean isGroupWritable() {
      return Rule.below(32, seed, id + 2) == 0;
    }
  }

  /* train */

  private static final int FIRST_CLASS = 1_440_000;
  private static final int CLASS_STEP = 100;
  private static final int IMAGE_STEP = 7;

  private final class Classes extends SyntheticDirectory {
    @Override
    int size() {
      return train.directories();
    }

    @Override
    String name(int number) {
      long noise = Rule.below(CLASS_STEP, seed + 4, number);
      return Rule.numbered("n", FIRST_CLASS + (long) number * CLASS_STEP + noise, 8, "");
    }

    @Override
    int find(String name) {
      long number = (Rule.numberIn("n", name, "") - FIRST_CLASS) / CLASS_STEP;
      return number >= 0 && number < size() && name((int) number).equals(name) ? (int) number : -1;
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new ImageClass(number);
    }
  }

  private final class ImageClass extends Files {
    private final String word;

    ImageClass(int directory) {
      super(0, directory, train);
      this.word = new Classes().name(directory);
    }

    @Override
    String name(int number) {
      long noise = Rule.below(IMAGE_STEP, seed + 5, number);
      return Rule.numbered(word + "_", (long) number * IMAGE_STEP + noise, 1, ".JPEG");
    }

    @Override
    long numberIn(String name) {
      long found = Rule.numberIn(word + "_", name, ".JPEG");
      return found < 0 ? -1 : found / IMAGE_STEP;
    }
  }

  /* crawl */

  private final class Parts extends SyntheticDirectory.Numbered {
    Parts() {
      super("part-", 5, 0, crawl.directories());
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new Part(number);
    }
  }

  private final class Part extends Files {
    private static final int HALF = 16;

    private final int directory;

    Part(int directory) {
      super(1, directory, crawl);
      this.directory = directory;
    }

    @Override
    String name(int number) {
      long first = Rule.mix((((long) directory << 32) + number) ^ seed);
      HexFormat hex = HexFormat.of();
      return hex.toHexDigits(first) + hex.toHexDigits(Rule.mix(first + seed)) + ".jpg";
    }

    @Override
    long numberIn(String name) {
      try {
        long first = HexFormat.fromHexDigitsToLong(name, 0, Math.min(HALF, name.length()));
        return (Rule.unmix(first) ^ seed) - ((long) directory << 32);
      } catch (IllegalArgumentException e) {
        return -1;
      }
    }
  }

  /* camera: directory numbers count hours within cameras within days */

  private int days() {
    int aDay = CAMERAS * HOURS;
    return (camera.directories() + aDay - 1) / aDay;
  }

  private LocalDate lastDay() {
    return FIRST_DAY.plusDays(days() - 1L);
  }

  private final class Years extends SyntheticDirectory.Numbered {
    Years() {
      super(
          "",
          4,
          FIRST_DAY.getYear(),
          days() == 0 ? 0 : lastDay().getYear() - FIRST_DAY.getYear() + 1);
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new Months(FIRST_DAY.getYear() + number);
    }
  }

  private final class Months extends SyntheticDirectory.Numbered {
    private final int year;

    Months(int year) {
      super("", 2, 1, lastDay().getYear() == year ? lastDay().getMonthValue() : 12);
      this.year = year;
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new Days(YearMonth.of(year, number + 1));
    }
  }

  private final class Days extends SyntheticDirectory.Numbered {
    private final YearMonth month;

    Days(YearMonth month) {
      super(
          "",
          2,
          1,
          YearMonth.from(lastDay()).equals(month)
              ? lastDay().getDayOfMonth()
              : month.lengthOfMonth());
      this.month = month;
    }

    @Override
    SyntheticDirectory descend(int number) {
      long day = month.atDay(number + 1).toEpochDay() - FIRST_DAY.toEpochDay();
      return new Cameras(Math.toIntExact(day * CAMERAS * HOURS));
    }
  }

  private final class Cameras extends SyntheticDirectory.Numbered {
    private final int first;

    Cameras(int first) {
      super("cam-", 2, 1, Math.min(CAMERAS, (camera.directories() - first + HOURS - 1) / HOURS));
      this.first = first;
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new Hours(first + number * HOURS);
    }
  }

  private final class Hours extends SyntheticDirectory.Numbered {
    private final int first;

    Hours(int first) {
      super("", 2, 0, Math.min(HOURS, camera.directories() - first));
      this.first = first;
    }

    @Override
    SyntheticDirectory descend(int number) {
      return new Hour(first + number);
    }
  }

  private final class Hour extends Files {
    private static final int SECONDS = 36;

    private final int leaf;
    private final LocalDate day;
    private final String word;

    Hour(int leaf) {
      super(2, leaf, camera);
      this.leaf = leaf;
      this.day = FIRST_DAY.plusDays(leaf / (CAMERAS * HOURS));
      this.word = Rule.numbered("IMG_", stamp() * 100 + leaf % HOURS, 10, "");
    }

    private long stamp() {
      return day.getYear() * 10_000L + day.getMonthValue() * 100L + day.getDayOfMonth();
    }

    String path() {
      long stamp = stamp();
      return Rule.numbered("", stamp / 10_000, 4, "/")
          + Rule.numbered("", stamp / 100 % 100, 2, "/")
          + Rule.numbered("", stamp % 100, 2, "/cam-")
          + Rule.numbered("", leaf / HOURS % CAMERAS + 1L, 2, "/")
          + Rule.numbered("", leaf % HOURS, 2, "");
    }

    @Override
    String name(int number) {
      long second = number * (long) SECONDS + Rule.below(SECONDS, seed + leaf, number);
      return Rule.numbered(word, second / 60 * 100 + second % 60, 4, ".jpg");
    }

    @Override
    long numberIn(String name) {
      long found = Rule.numberIn(word, name, ".jpg");
      return found < 0 ? -1 : (found / 100 * 60 + found % 100) / SECONDS;
    }

    @Override
    long mtime() {
      return day.atStartOfDay().toEpochSecond(ZoneOffset.UTC) + leaf % HOURS * 3600L;
    }
  }
}
