package io.pleat.store.hadoop;

/** An object's tag: HTTP quotes it, we do not. */
final class S3Tag {
  private S3Tag() {}

  static String plain(String tag) {
    return tag == null ? "" : tag.replace("\"", "");
  }

  static String quoted(String tag) {
    return '"' + tag + '"';
  }
}
