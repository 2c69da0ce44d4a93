package io.pleat.cli;

import java.util.Locale;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Warnings and errors on standard error, one line each, and nothing else: for the verbs without Spark, of whose start Log4j would
 * take a third.
 */
public final class StderrLogging implements SLF4JServiceProvider {
  /** What SLF4J asks for by name, instead of looking through every jar of the class path. */
  private static final String PROVIDER = "slf4j.provider";

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter context = new NOPMDCAdapter();

  /** For SLF4J. */
  public StderrLogging() {}

  /** Chooses this for the JVM, unless someone chose before; to be called before anything logs. */
  static void choose() {
    if (System.getProperty(PROVIDER) == null) {
      System.setProperty(PROVIDER, StderrLogging.class.getName());
      System.setProperty("slf4j.internal.verbosity", "WARN");
    }
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return StderrLogger::new;
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return context;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99";
  }

  @Override
  public void initialize() {}

  private static final class StderrLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    /** Says at every start that there are no native libraries for this platform. */
    private static final String NATIVE_CODE = "org.apache.hadoop.util.NativeCodeLoader";

    StderrLogger(String name) {
      this.name = name;
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return false;
    }

    @Override
    public boolean isWarnEnabled() {
      return !name.equals(NATIVE_CODE);
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }

    @Override
    protected String getFullyQualifiedCallerName() {
      return Logger.class.getName();
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String pattern, Object[] arguments, Throwable cause) {
      String message = MessageFormatter.basicArrayFormat(pattern, arguments);
      String why = cause == null ? "" : ": " + Main.oneLine(cause);
      System.err.println("pleat: " + level.toString().toLowerCase(Locale.ROOT) + ": "
          + name.substring(name.lastIndexOf('.') + 1) + ": "
          + EscapedName.inMessage(message + why));
    }
  }
}
