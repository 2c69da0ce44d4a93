package io.pleat.cli;

import io.pleat.format.LogicalPath;
import io.pleat.read.hadoop.DatasetAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "uri",
    header = "Prints the pleat:// URI of a dataset.",
    description = {
      "Prints the URI under which Hadoop, Spark and distcp read a dataset without any setting: its location is encoded in it.",
      "Nothing is opened. docs/filesystem.md says how to use it, and how to give a dataset a short name instead."
    })
final class UriVerb extends Verb {
  @Parameters(
      index = "0",
      paramLabel = "DATASET",
      converter = LocationText.class,
      description = "The folded tree.")
  private String dataset;

  @Parameters(
      index = "1",
      arity = "0..1",
      defaultValue = "",
      paramLabel = "PATH",
      description = "A path in it; default: its root.")
  private String text;

  @Override
  int run() throws IOException {
    LogicalPath path = DatasetVerb.path(text);
    try {
      out()
          .line(new URI("pleat", DatasetAuthority.of(dataset), "/" + path, null, null)
              .toASCIIString());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return DONE;
  }
}
