package dev.sluice.kernel;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;

/// What a [FrameGenerator] sends and a [FrameSink] looks for: one frame, and where in it the fields
/// lie that differ from frame to frame. All offsets are in bytes from the frame's start; -1 leaves
/// a field out. Fields lie behind the hardware addresses and do not overlap.
///
/// Frame `s` (from 0 on) belongs to flow `s mod flows`. Numbers are big-endian.
///
/// @param frame the frame without frame check sequence, 60..1514 bytes
/// @param flows 1..65536
/// @param flowAt a 16-bit field that the flow's number is added to
/// @param flowCheckAt a 16-bit field that the flow's number is taken from, so that an internet
///   checksum over both stays right; it may be the checksum itself; it never becomes 0, which in
///   that arithmetic is the same as 65535. It is even where `flowAt` is
/// @param sequenceAt a 32-bit field for the low bits of `s`; required
/// @param markerAt a 16-bit field of `frame` by which the sink knows the frames; required
/// @param stampAt a 64-bit field for when the frame was made, in nanoseconds of the monotonic clock
/// @param markAt a byte that rules may set; the sink counts its values
/// @param checkAt a 16-bit internet checksum that covers the fields of flow, sequence and stamp and
///   is right in `frame` as it is, such as TCP's where the flow is an address: it is kept right in
///   every frame (RFC 1624). It is even where those fields are
/// @param versionAt a 32-bit field, 0 when the frame is made, for the version of who judges it; no
///   checksum may cover it
@SuppressWarnings("ArrayRecordComponent") // a frame is an array of bytes wherever it goes
public record FramePattern(
    byte[] frame,
    int flows,
    int flowAt,
    int flowCheckAt,
    int sequenceAt,
    int markerAt,
    int stampAt,
    int markAt,
    int checkAt,
    int versionAt) {
  private static final int ADDRESS_BYTES = 12;
  private static final int LEAST_BYTES = 60;
  private static final int MOST_BYTES = 1514;
  private static final int MOST_FLOWS = 65_536;

  private record Field(String name, int at, int bytes) {
    boolean overlaps(Field other) {
      return at < other.at + other.bytes && other.at < at + bytes;
    }
  }

  /// A pattern without a checksum to be kept right.
  public FramePattern(
      byte[] frame,
      int flows,
      int flowAt,
      int flowCheckAt,
      int sequenceAt,
      int markerAt,
      int stampAt,
      int markAt) {
    this(frame, flows, flowAt, flowCheckAt, sequenceAt, markerAt, stampAt, markAt, -1);
  }

  /// A pattern whose frames nobody writes a version into.
  public FramePattern(
      byte[] frame,
      int flows,
      int flowAt,
      int flowCheckAt,
      int sequenceAt,
      int markerAt,
      int stampAt,
      int markAt,
      int checkAt) {
    this(frame, flows, flowAt, flowCheckAt, sequenceAt, markerAt, stampAt, markAt, checkAt, -1);
  }

  public FramePattern {
    frame = frame.clone();
    if (frame.length < LEAST_BYTES || MOST_BYTES < frame.length) {
      throw refused("frame has " + frame.length + " bytes: allowed: 60..1514");
    }
    if (flows < 1 || MOST_FLOWS < flows) {
      throw refused("flows is " + flows + ": allowed: 1..65536");
    }
    List<Field> fields =
        fields(flowAt, flowCheckAt, sequenceAt, markerAt, stampAt, markAt, checkAt, versionAt);
    for (Field field : fields) {
      requireInside(field, frame.length);
    }
    for (Field field : fields) {
      requireApart(field, fields);
    }
    if (flowCheckAt >= 0 && flowAt < 0) {
      throw refused("flowCheckAt is " + flowCheckAt + " without flowAt: give both, or -1");
    }
    requireEven("flowCheckAt", flowCheckAt, "flowAt", flowAt);
    requireEven("checkAt", checkAt, "flowAt", flowAt);
    requireEven("checkAt", checkAt, "sequenceAt", sequenceAt);
    requireEven("checkAt", checkAt, "stampAt", stampAt);
  }

  /// A copy of the frame.
  @Override
  public byte[] frame() {
    return frame.clone();
  }

  /// How long a frame must be to have all fields, and its addresses.
  int neededBytes() {
    return fields(flowAt, flowCheckAt, sequenceAt, markerAt, stampAt, markAt, checkAt, versionAt)
        .stream()
        .mapToInt(field -> field.at + field.bytes)
        .max()
        .orElse(ADDRESS_BYTES);
  }

  /// The 16-bit number that the frame has somewhere.
  int number(int at) {
    return Short.toUnsignedInt(
        MemorySegment.ofArray(frame).get(JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), at));
  }

  /// Where the words are that [#checkAt] covers and that differ from frame to frame.
  List<Integer> checkedWords() {
    return fields(flowAt, -1, sequenceAt, markerAt, stampAt, -1, -1, -1).stream()
        .filter(field -> field.at != markerAt)
        .flatMap(field -> IntStream.range(0, field.bytes / 2).mapToObj(i -> field.at + 2 * i))
        .toList();
  }

  /// The value of [#markAt].
  int mark() {
    return Byte.toUnsignedInt(frame[markAt]);
  }

  /// The required fields, and those that are not left out.
  private static List<Field> fields(
      int flowAt,
      int flowCheckAt,
      int sequenceAt,
      int markerAt,
      int stampAt,
      int markAt,
      int checkAt,
      int versionAt) {
    List<Field> all =
        List.of(
            new Field("sequenceAt", sequenceAt, Integer.BYTES),
            new Field("markerAt", markerAt, Short.BYTES),
            new Field("flowAt", flowAt, Short.BYTES),
            new Field("flowCheckAt", flowCheckAt, Short.BYTES),
            new Field("stampAt", stampAt, Long.BYTES),
            new Field("markAt", markAt, Byte.BYTES),
            new Field("checkAt", checkAt, Short.BYTES),
            new Field("versionAt", versionAt, Integer.BYTES));
    return all.stream().filter(field -> field.at != -1 || all.indexOf(field) < 2).toList();
  }

  private static void requireInside(Field field, int frameBytes) {
    int last = frameBytes - field.bytes;
    if (field.at < ADDRESS_BYTES || last < field.at) {
      throw refused(
          field.name
              + " is "
              + field.at
              + ": allowed: "
              + ADDRESS_BYTES
              + ".."
              + last
              + " in a frame of "
              + frameBytes
              + " bytes");
    }
  }

  private static void requireApart(Field field, List<Field> fields) {
    for (Field other : fields) {
      if (other != field && field.overlaps(other)) {
        throw refused(
            field.name
                + " is "
                + field.at
                + " and "
                + other.name
                + " "
                + other.at
                + ": these fields overlap");
      }
    }
  }

  /// A checksum sums words of 16 bits: a field has the same weight only at the same parity.
  private static void requireEven(String check, int checkAt, String covered, int coveredAt) {
    if (checkAt >= 0 && coveredAt >= 0 && (checkAt - coveredAt) % 2 != 0) {
      throw refused(
          covered
              + " is "
              + coveredAt
              + " and "
              + check
              + " "
              + checkAt
              + ": allowed: both even, or both odd");
    }
  }

  private static IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("A frame pattern's " + why + ".");
  }
}
