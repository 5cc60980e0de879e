package dev.sluice.plugin;

import java.util.regex.Pattern;

/// What a [StateTable] is to look like.
///
/// @param name unique among the tables of the bundle: 1..40 lower-case letters, digits, dashes
/// @param schema number of the layout of a value; another number is another layout, even where the
///   sizes are the same
/// @param keyLongs numbers that a key has, 1..8
/// @param valueBytes bytes of a value, 8..65,536; made up to a multiple of eight
/// @param capacity most entries, 1..2^20
public record TableShape(String name, int schema, int keyLongs, int valueBytes, int capacity) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,40}");
  private static final int MAX_KEY_LONGS = 8;
  private static final int MAX_VALUE_BYTES = 1 << 16;
  private static final int MAX_CAPACITY = 1 << 20;
  private static final int LINE_BYTES = 64;

  /// @throws IllegalArgumentException if a part is outside its range, with a sentence
  public TableShape {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "table name = " + name + "; allowed: 1..40 lower-case letters, digits, dashes");
    }
    requireWithin(name, "keyLongs", keyLongs, 1, MAX_KEY_LONGS);
    requireWithin(name, "valueBytes", valueBytes, Long.BYTES, MAX_VALUE_BYTES);
    requireWithin(name, "capacity", capacity, 1, MAX_CAPACITY);
    valueBytes = roundUp(valueBytes, Long.BYTES);
  }

  private static void requireWithin(String table, String what, int value, int least, int most) {
    if (value < least || most < value) {
      throw new IllegalArgumentException(
          "table " + table + ": " + what + " = " + value + "; allowed: " + least + ".." + most);
    }
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /// Whether entries of the one are entries of the other: all but the capacity is the same.
  public boolean hasLayoutOf(TableShape other) {
    return schema == other.schema
        && keyLongs == other.keyLongs
        && valueBytes == other.valueBytes
        && name.equals(other.name);
  }

  /// Bytes of memory that an entry takes. Those of a cache line or more begin on one.
  public int entryBytes() {
    int bytes = headBytes() + valueBytes;
    return bytes < LINE_BYTES ? bytes : roundUp(bytes, LINE_BYTES);
  }

  /// Bytes of memory that a whole table takes, but for its index.
  public long bytes() {
    return (long) entryBytes() * capacity;
  }

  /// What stands before a value: the key, and how often the entry was used.
  int headBytes() {
    return (keyLongs + 1) * Long.BYTES;
  }
}
