package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetCache;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.read.cache.ChunkCache;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "cache",
    header = "Shows or clears what a local disk holds of remote datasets.",
    description = {
      "'pleat cache ls' lists the datasets of which the folder holds chunks. 'pleat cache ls DATASET [PREFIX]' shows, container by container, how much of "
          + "what the files at or below PREFIX need is there. 'pleat cache evict DATASET [PREFIX]' deletes it, and with it what else the same chunks hold; without "
          + "PREFIX all of the dataset, which need not exist any more. Readers may be at work meanwhile: they fetch again what they need. 'pleat warm' loads ahead."
    })
final class CacheVerb extends Verb {
  /** What to do. */
  enum Action {
    ls,
    evict
  }

  @Parameters(index = "0", paramLabel = "ls|evict", description = "What to do.")
  private Action action;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "PREFIX",
      defaultValue = "",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
      description = "A file or directory of it; without it the root.")
  private String prefix;

  @Mixin
  private CacheSettings cache = new CacheSettings();

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Override
  String subject() {
    return dataset == null ? "" : dataset;
  }

  @Override
  int run() throws IOException {
    Path folder = cache.folder(settings());
    LogicalPath path = DatasetVerb.path(prefix);
    if (!Files.isDirectory(folder)) {
      throw new IOException("there is no cache: " + folder + " is no folder");
    }
    if (action == Action.ls && dataset == null) {
      listDatasets(folder);
    } else if (dataset == null) {
      throw new IllegalArgumentException(
          "'pleat cache evict' needs a DATASET; 'pleat cache ls' lists them");
    } else if (action == Action.ls) {
      list(path);
    } else {
      say(path.isRoot() ? evictAll(folder) : evict(path));
    }
    return DONE;
  }

  private void listDatasets(Path folder) throws IOException {
    try (JsonGenerator generator = json ? Json.lines(out()) : null) {
      for (ChunkCache.CachedDataset found : ChunkCache.datasets(folder)) {
        if (generator != null) {
          generator.writeStartObject();
          generator.writeStringField("dataset", found.location());
          generator.writeNumberField("chunks", found.chunks());
          generator.writeNumberField("bytes", found.bytes());
          generator.writeEndObject();
          generator.flush();
          out().print("\n");
        } else {
          out()
              .line(String.format(
                  Locale.ROOT,
                  "%,18d bytes  %s",
                  found.bytes(),
                  EscapedName.inMessage(found.location())));
        }
      }
    }
  }

  private void list(LogicalPath path) throws IOException {
    try (FoldedDataset opened = open();
        DatasetCache held = opened.cacheIn(cache.options(settings()));
        JsonGenerator generator = json ? Json.lines(out()) : null) {
      List<DatasetCache.Coverage> parts = held.coverage(path);
      long bytes = 0;
      long cached = 0;
      for (DatasetCache.Coverage part : parts) {
        bytes += part.bytes();
        cached += part.cachedBytes();
        if (generator != null) {
          generator.writeStartObject();
          generator.writeStringField("container", part.container().path().toString());
          generator.writeNumberField("files", part.files());
          generator.writeNumberField("bytes", part.bytes());
          generator.writeNumberField("cachedBytes", part.cachedBytes());
          generator.writeEndObject();
          generator.flush();
          out().print("\n");
        } else if (part.cachedBytes() > 0) {
          out()
              .line(
                  line(part.cachedBytes(), part.bytes(), part.container().path().toString()));
        }
      }
      if (generator == null) {
        out().line(line(cached, bytes, "all of " + Count.of(parts.size(), "container")));
      }
    }
  }

  private static String line(long cached, long bytes, String what) {
    return String.format(
        Locale.ROOT,
        "%,18d of %,18d bytes %5.1f %%  %s",
        cached,
        bytes,
        bytes == 0 ? 100.0 : 100.0 * cached / bytes,
        what);
  }

  private FoldedDataset open() throws IOException {
    return FoldedDataset.open(dataset, settings().hadoop(), ReaderOptions.defaults());
  }

  private long evict(LogicalPath path) throws IOException {
    try (FoldedDataset opened = open();
        DatasetCache held = opened.cacheIn(cache.options(settings()))) {
      return held.evict(path);
    }
  }

  private long evictAll(Path folder) throws IOException {
    try (Store store = Stores.open(dataset, settings().hadoop())) {
      return ChunkCache.evictAll(folder, store.location());
    }
  }

  private void say(long freed) throws IOException {
    if (json) {
      try (JsonGenerator generator = Json.lines(out())) {
        generator.writeStartObject();
        generator.writeNumberField("freedBytes", freed);
        generator.writeEndObject();
        generator.flush();
        out().print("\n");
      }
    } else {
      out().line(String.format(Locale.ROOT, "%,d bytes freed", freed));
    }
  }
}
