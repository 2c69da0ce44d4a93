package io.pleat.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which Pleat this is. */
final class Version {
  private static final String WRITTEN_BY_MAVEN =
      "/META-INF/maven/io.pleat/compactor-job/pom.properties";

  private Version() {}

  /** The version and the Java that runs it. */
  static String text() throws IOException {
    Properties properties = new Properties();
    try (InputStream written = Version.class.getResourceAsStream(WRITTEN_BY_MAVEN)) {
      if (written != null) {
        properties.load(written);
      }
    }
    return properties.getProperty("version", "(not packaged)") + ", Java " + Runtime.version();
  }
}
