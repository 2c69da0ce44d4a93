package io.pleat.read.hadoop;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/** {@link PleatFileSystem} for Hadoop's FileContext: {@code fs.AbstractFileSystem.pleat.impl=io.pleat.read.hadoop.PleatFs}. */
public final class PleatFs extends DelegateToFileSystem {
  /** Called by FileContext. */
  public PleatFs(URI uri, Configuration conf) throws IOException, URISyntaxException {
    // "Needs an authority" would mean host and port to Hadoop; that there is one the file system
    // itself checks.
    super(uri, new PleatFileSystem(), conf, PleatFileSystem.SCHEME, false);
  }
}
