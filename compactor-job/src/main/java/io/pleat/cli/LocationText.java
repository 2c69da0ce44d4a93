package io.pleat.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Takes a location as it was given, unless it is empty: that is what a shell makes of a variable nobody set, and a file system would
 * take it for the current directory.
 */
final class LocationText implements ITypeConverter<String> {
  @Override
  public String convert(String value) {
    if (value.isBlank()) {
      throw new TypeConversionException("the location is empty; '.' is the current directory");
    }
    return value;
  }
}
