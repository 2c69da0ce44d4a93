package io.pleat.read;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What a class logs, from INFO on, until this is closed. */
public final class CapturedLog implements AutoCloseable {
  private final Logger logger;
  private final Lines lines = new Lines();

  private static final class Lines extends AbstractAppender {
    private final List<String> seen = new CopyOnWriteArrayList<>();

    Lines() {
      super("captured", null, null, true, Property.EMPTY_ARRAY);
    }

    @Override
    public void append(LogEvent event) {
      seen.add(event.getLevel() + " " + event.getMessage().getFormattedMessage());
    }
  }

  private CapturedLog(Logger logger) {
    this.logger = logger;
  }

  /** Starts to listen. */
  public static CapturedLog of(String type) {
    Configurator.setLevel(type, "info");
    CapturedLog log = new CapturedLog((Logger) LogManager.getLogger(type));
    log.lines.start();
    log.logger.addAppender(log.lines);
    log.logger.setAdditive(false);
    return log;
  }

  /** One line each: level and message. */
  public List<String> lines() {
    return List.copyOf(lines.seen);
  }

  @Override
  public void close() {
    logger.setAdditive(true);
    logger.removeAppender(lines);
    lines.stop();
  }
}
