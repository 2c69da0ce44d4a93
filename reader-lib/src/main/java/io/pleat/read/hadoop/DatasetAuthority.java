package io.pleat.read.hadoop;

import static io.pleat.format.Preconditions.checkArgument;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A dataset's location as the authority of a {@code pleat://} URI, and back: {@code hdfs://nn:8020/folded/images} is {@code
 * hdfs--nn-c8020--folded--images}.
 */
public final class DatasetAuthority {
  /*
   * java.net.URI insists on a legal host name in some of its constructors, Hadoop's FileContext uses one of those, and Hadoop's cache of
   * file systems ignores the case of authorities. So the result has lower-case letters, digits, '-' and '.' only; no label of it
   * starts or ends with '-', and the last starts with a letter.
   *
   *   a-z 0-9   themselves
   *   .         itself before a letter and not after '/', else -d
   *   /         --          (and "://" after the scheme, too)
   *   :         -c
   *   -         -h
   *   _         -u
   *   others    -x and two hexadecimal digits for each byte of UTF-8
   *
   * A hyphen begins each escape and a letter or digit ends it, except '--', which is always followed by something.
   */
  private static final String SEPARATOR = "--";

  private static final String SCHEME = "[A-Za-z][A-Za-z0-9+.-]*";
  private static final int HEX = 16;

  private DatasetAuthority() {}

  /**
   * The authority that stands for {@code location}: a local path, absolute or relative to the working directory, or a URI of any Hadoop
   * file system. Spellings of one location that differ by slashes at the end have one authority.
   *
   * @throws IllegalArgumentException if it is no location, or the root of a file system
   */
  public static String of(String location) {
    int colon = location.indexOf(':');
    boolean hierarchical = colon > 0
        && location.startsWith("/", colon + 1)
        && location.substring(0, colon).matches(SCHEME);
    String scheme = hierarchical ? location.substring(0, colon).toLowerCase(Locale.ROOT) : "file";
    String rest;
    if (!hierarchical) {
      rest = Path.of(location).toAbsolutePath().normalize().toString();
    } else if (scheme.equals("file")) {
      rest = Path.of(URI.create(location).getPath()).normalize().toString();
    } else {
      rest = location.substring(colon + 1);
      String authority = "";
      if (rest.startsWith("//")) {
        int slash = rest.indexOf('/', 2);
        authority = slash < 0 ? rest.substring(2) : rest.substring(2, slash);
        rest = slash < 0 ? "" : rest.substring(slash);
      }
      rest = authority + rest.replaceAll("/+", "/").replaceAll("/$", "");
    }
    checkArgument(
        !rest.isEmpty() && !rest.endsWith("/"), "the root of a file system: %s", location);
    checkArgument(
        !scheme.equals(PleatFileSystem.SCHEME), "a dataset is not within another: %s", location);
    return encode(scheme) + SEPARATOR + encode(rest);
  }

  /** Whether {@code authority} is the result of {@link #of}, rather than a configured name. */
  static boolean isEncoded(String authority) {
    return authority.indexOf(SEPARATOR) > 0;
  }

  /**
   * The location that {@code authority} stands for; a local one as a bare path.
   *
   * @throws IllegalArgumentException if it is not what {@link #of} gives for any location; the message says why
   */
  public static String locationOf(String authority) {
    int separator = authority.indexOf(SEPARATOR);
    checkArgument(separator > 0, "no '%s' after a scheme: '%s'", SEPARATOR, authority);
    String scheme = decode(authority.substring(0, separator), authority);
    String rest = decode(authority.substring(separator + SEPARATOR.length()), authority);
    String location = scheme.equals("file") ? rest : scheme + "://" + rest;
    checkArgument(of(location).equals(authority), "'%s' would be '%s'", authority, of(location));
    return location;
  }

  private static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + SEPARATOR.length());
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < utf8.length; i++) {
      char c = (char) (utf8[i] & 0xFF);
      if (isLetter(c) || c >= '0' && c <= '9') {
        encoded.append(c);
      } else if (c == '.' && standsBetweenLabels(utf8, i)) {
        encoded.append(c);
      } else {
        switch (c) {
          case '.' -> encoded.append("-d");
          case '/' -> encoded.append(SEPARATOR);
          case ':' -> encoded.append("-c");
          case '-' -> encoded.append("-h");
          case '_' -> encoded.append("-u");
          default -> encoded.append(String.format("-x%02x", (int) c));
        }
      }
    }
    return encoded.toString();
  }

  private static boolean standsBetweenLabels(byte[] utf8, int dot) {
    return dot > 0
        && utf8[dot - 1] != '/'
        && dot + 1 < utf8.length
        && isLetter((char) utf8[dot + 1]);
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z';
  }

  private static String decode(String encoded, String authority) {
    ByteBuffer utf8 = ByteBuffer.allocate(encoded.length());
    int i = 0;
    while (i < encoded.length()) {
      char c = encoded.charAt(i++);
      if (c != '-') {
        checkArgument(c < 0x80, "'%s' is no part of a location: '%s'", c, authority);
        utf8.put((byte) c);
        continue;
      }
      char kind = i < encoded.length() ? encoded.charAt(i++) : ' ';
      switch (kind) {
        case '-' -> utf8.put((byte) '/');
        case 'c' -> utf8.put((byte) ':');
        case 'd' -> utf8.put((byte) '.');
        case 'h' -> utf8.put((byte) '-');
        case 'u' -> utf8.put((byte) '_');
        case 'x' -> {
          checkArgument(i + 2 <= encoded.length(), "'-x' without two digits: '%s'", authority);
          int high = Character.digit(encoded.charAt(i), HEX);
          int low = Character.digit(encoded.charAt(i + 1), HEX);
          checkArgument(high >= 0 && low >= 0, "'-x' without two digits: '%s'", authority);
          utf8.put((byte) (HEX * high + low));
          i += 2;
        }
        default ->
          throw new IllegalArgumentException(
              "'-" + kind + "' stands for nothing: '" + authority + "'");
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not valid UTF-8: '" + authority + "'", e);
    }
  }
}
