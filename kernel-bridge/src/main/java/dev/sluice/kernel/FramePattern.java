package dev.sluice.kernel;

/// What a [FrameGenerator] sends and a [FrameSink] looks for: one frame, and where in it the fields
/// lie that differ from frame to frame. All offsets are in bytes from the frame's start; -1 leaves
/// a field out.
///
/// Frame `s` (from 0 on) belongs to flow `s mod flows`. Numbers are big-endian.
///
/// @param frame the frame without frame check sequence, 60..1514 bytes; not to be changed
///   afterwards
/// @param flows 1..65536
/// @param flowAt a 16-bit field that the flow's number is added to
/// @param flowCheckAt a 16-bit field that the flow's number is taken from, so that an internet
///   checksum over both stays right
/// @param sequenceAt a 32-bit field for the low bits of `s`; required
/// @param markerAt a 16-bit field of `frame` by which the sink knows the frames; required
/// @param stampAt a 64-bit field for when the frame was made, in nanoseconds of the monotonic clock
/// @param markAt a byte that rules may set; the sink counts its values
/// @param checkAt a 16-bit internet checksum that is right for flow 0 with zeros for sequence and
///   stamp, such as TCP's where the flow is an address: what is put into those three fields is
///   taken from it (RFC 1624), so that it stays right
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
    int checkAt) {

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
}
