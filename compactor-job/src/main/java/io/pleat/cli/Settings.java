package io.pleat.cli;

import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The repeated {@code --conf}, sorted into what is Spark's and what is Hadoop's. */
final class Settings {
  private static final String SPARK = "spark.";
  private static final String SPARK_HADOOP = "spark.hadoop.";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec verb;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = {
        "A setting, repeatable. fs.* and other keys go to the Hadoop file systems, spark.* to Spark,",
        "spark.hadoop.* to both. Values of keys that look secret reach no log or record."
      })
  private String[] conf = {};

  private final Map<String, String> spark = new HashMap<>();
  private final Map<String, String> hadoop = new HashMap<>();

  /**
   * Reads what was given; to be called once, before the maps are.
   *
   * @throws ParameterException if one is not {@code KEY=VALUE}; the message does not repeat it, for it may be a secret
   */
  void parse(Secrets secrets) {
    // spark-submit hands its own --conf over as system properties.
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith(SPARK_HADOOP)) {
        hadoop.put(name.substring(SPARK_HADOOP.length()), System.getProperty(name));
      }
    }
    for (int i = 0; i < conf.length; i++) {
      int equals = conf[i].indexOf('=');
      if (equals < 1) {
        throw new ParameterException(
            verb.commandLine(), "--conf number " + (i + 1) + " is not KEY=VALUE");
      }
      put(conf[i].substring(0, equals), conf[i].substring(equals + 1));
    }
    secrets.addAll(hadoop);
    secrets.addAll(spark);
  }

  private void put(String key, String value) {
    if (key.startsWith(SPARK)) {
      spark.put(key, value);
      if (key.startsWith(SPARK_HADOOP)) {
        hadoop.put(key.substring(SPARK_HADOOP.length()), value);
      }
    } else {
      hadoop.put(key, value);
    }
  }

  /** Settings of Spark itself. */
  Map<String, String> spark() {
    return spark;
  }

  /** Settings of the file systems. */
  Map<String, String> hadoop() {
    return hadoop;
  }
}
