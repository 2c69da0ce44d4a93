package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetCache;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "warm",
    header = "Loads a remote dataset onto a local disk, ahead of its readers.",
    description = {
      "Loads the chunks that hold the files at or below PREFIX, and the index blocks, into the cache that readers with the same pleat.cache.dir use. What is "
          + "there is not loaded again, so that it can be stopped and started. If the cache is too small, it loads what stays, says how large it would have to be, and exits "
          + "with 3. Exits with 1 if something could not be read, or kept."
    })
final class WarmVerb extends SnapshotVerb {
  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PREFIX",
      defaultValue = "",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "A file or directory; without it the root.")
  private String prefix;

  @Mixin
  private CacheSettings cache = new CacheSettings();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many reads at once, at least 1.")
  private int threads;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Override
  int run() throws IOException {
    LogicalPath path = path(prefix);
    DatasetCache.Warmed warmed;
    Progress progress = new Progress(messages(), metrics());
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withReadThreads(threads));
        DatasetCache held = dataset.cacheIn(cache.options(settings()))) {
      progress.phase("warm", 0, 0);
      warmed = held.warm(path, new DatasetCache.Progress() {
        private boolean started;

        @Override
        public synchronized void loaded(long bytes, long missing) {
          if (!started) {
            started = true;
            progress.phase("warm", 0, missing);
          }
          progress.progress(0, bytes);
        }
      });
    } finally {
      progress.done();
    }
    tell(warmed);
    if (warmed.isTooLarge()) {
      messages()
          .say(String.format(
              Locale.ROOT,
              "the cache is too small: what is asked for takes %s, this dataset can have %s of it for good; say a larger --cache-size (pleat.cache.size of the readers)%s",
              ByteSize.format(warmed.bytes()),
              ByteSize.format(warmed.lastingBytes()),
              " or --cache-share, or a PREFIX"));
      return LEFT_LOOSE;
    }
    if (warmed.missingBytes() > 0) {
      messages()
          .say(ByteSize.format(warmed.missingBytes())
              + " could not be kept; the log above says why, or other readers needed the room");
      return FAILED;
    }
    return DONE;
  }

  private void tell(DatasetCache.Warmed warmed) throws IOException {
    if (json) {
      try (JsonGenerator generator = Json.lines(out())) {
        generator.writeStartObject();
        generator.writeNumberField("bytes", warmed.bytes());
        generator.writeNumberField("presentBytes", warmed.presentBytes());
        generator.writeNumberField("loadedBytes", warmed.loadedBytes());
        generator.writeNumberField("lastingBytes", warmed.lastingBytes());
        generator.writeEndObject();
        generator.flush();
        out().print("\n");
      }
    } else {
      out()
          .line(String.format(
              Locale.ROOT,
              "%,d bytes loaded, %,d were there, of %,d",
              warmed.loadedBytes(),
              warmed.presentBytes(),
              warmed.bytes()));
    }
  }
}
