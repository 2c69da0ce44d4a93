package io.pleat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Values of settings that must reach no log, message or record. */
final class Secrets {
  /** What is written in their place. */
  static final String REDACTED = "*(redacted)";

  private static final Pattern SECRET_KEY = Pattern.compile(
      "secret|passw|token|access[._-]?key|credential|private[._-]?key|api[._-]?key|signature|sas[._-]?key|account[._-]?key",
      Pattern.CASE_INSENSITIVE);

  /** Shorter values are not searched for in messages: they would be found in every other word. */
  private static final int SHORTEST_MASKED = 4;

  private final List<String> values = new ArrayList<>();

  /** Whether the value of a setting of this name is a secret. */
  static boolean isSecret(String key) {
    return SECRET_KEY.matcher(key).find();
  }

  /** Remembers the secret values among {@code settings}. */
  void addAll(Map<String, String> settings) {
    settings.forEach((key, value) -> {
      if (isSecret(key) && value.length() >= SHORTEST_MASKED) {
        values.add(value);
      }
    });
  }

  /** {@code text} without the remembered values. */
  String mask(String text) {
    String masked = text;
    for (String value : values) {
      masked = masked.replace(value, REDACTED);
    }
    return masked;
  }
}
