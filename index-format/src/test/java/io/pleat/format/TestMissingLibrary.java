package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class TestMissingLibrary {
  @Test
  void payloadThatNeedsAMissingLibrarySaysWhich() throws Exception {
    URL[] ours = {
      ContainerReader.class.getProtectionDomain().getCodeSource().getLocation(),
      MissingLibraryProbe.class.getProtectionDomain().getCodeSource().getLocation()
    };
    try (URLClassLoader jdkAndOurs =
        new URLClassLoader(ours, ClassLoader.getPlatformClassLoader())) {
      Callable<?> probe = (Callable<?>) jdkAndOurs
          .loadClass(MissingLibraryProbe.class.getName())
          .getDeclaredConstructor()
          .newInstance();
      assertThat(probe.call())
          .asString()
          .startsWith("codec 2 needs zstd-jni, which is missing on the class path");
    }
  }
}
