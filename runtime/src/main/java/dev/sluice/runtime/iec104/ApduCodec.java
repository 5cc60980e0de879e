package dev.sluice.runtime.iec104;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Writes and reads [Apdu]s. All numbers of the standard are little-endian.
///
/// Source: IEC 60870-5-104, clause 5.
public final class ApduCodec {
  /// Most bytes of a whole APDU: start octet, length octet, and what the length counts.
  public static final int MAX_APDU_BYTES = 255;

  static final int START = 0x68;

  /// Bounds of the length octet.
  static final int MIN_LENGTH = 4;

  static final int MAX_LENGTH = 253;

  private static final int HEADER_BYTES = 2;
  private static final int CONTROL_BYTES = 4;

  /// What the bytes that have arrived hold.
  public sealed interface Decoded {
    /// A whole APDU, which the buffer's position is now behind.
    record Done(Apdu apdu) implements Decoded {}

    /// At least so many bytes are missing; the position has not moved.
    record NeedMore(int bytes) implements Decoded {}

    /// No APDU begins here, and the stream cannot be trusted any more.
    record Broken(String reason) implements Decoded {}
  }

  private ApduCodec() {}

  /// Reads one APDU from `bytes`' position on, up to its limit. Never throws for what they hold.
  public static Decoded decode(ByteBuffer bytes) {
    ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (in.hasRemaining() && u8(in, in.position()) != START) {
      return new Decoded.Broken("start octet is " + u8(in, in.position()) + ", must be 104");
    }
    if (in.remaining() < HEADER_BYTES) {
      return new Decoded.NeedMore(HEADER_BYTES - in.remaining());
    }
    int length = u8(in, in.position() + 1);
    if (length < MIN_LENGTH || MAX_LENGTH < length) {
      return new Decoded.Broken("length is " + length + ", allowed are 4..253");
    }
    int total = HEADER_BYTES + length;
    if (in.remaining() < total) {
      return new Decoded.NeedMore(total - in.remaining());
    }
    bytes.position(bytes.position() + total);
    return body(in.slice(in.position() + HEADER_BYTES, length).order(ByteOrder.LITTLE_ENDIAN));
  }

  private static Decoded body(ByteBuffer in) {
    int first = u8(in, 0);
    if ((first & 1) == 0) {
      return information(in);
    }
    if (in.remaining() != CONTROL_BYTES) {
      return new Decoded.Broken("an S or U frame of length " + in.remaining() + ", must be 4");
    }
    if ((first & 3) == 3) {
      return unnumbered(in);
    }
    if (first != 1 || u8(in, 1) != 0 || (u8(in, 2) & 1) != 0) {
      return new Decoded.Broken("control octets of an S frame with reserved bits set");
    }
    return new Decoded.Done(new Apdu.Supervisory(number(in, 2)));
  }

  private static Decoded unnumbered(ByteBuffer in) {
    if (u8(in, 1) != 0 || u8(in, 2) != 0 || u8(in, 3) != 0) {
      return new Decoded.Broken("control octets of a U frame with reserved bits set");
    }
    return Apdu.Function.of(u8(in, 0))
        .<Decoded>map(function -> new Decoded.Done(new Apdu.Unnumbered(function)))
        .orElseGet(() -> new Decoded.Broken("a U frame with none or several functions"));
  }

  private static Decoded information(ByteBuffer in) {
    if ((u8(in, 2) & 1) != 0) {
      return new Decoded.Broken("control octets of an I frame with reserved bits set");
    }
    int sendNumber = number(in, 0);
    int receiveNumber = number(in, 2);
    try {
      Asdu asdu = AsduCodec.decode(in.position(CONTROL_BYTES));
      return new Decoded.Done(new Apdu.Information(sendNumber, receiveNumber, asdu));
    } catch (AsduCodec.MalformedAsduException e) {
      return new Decoded.Broken(e.getMessage());
    }
  }

  /// Appends an APDU to `out`, which needs room for [#MAX_APDU_BYTES].
  ///
  /// @throws IllegalArgumentException if the ASDU's objects do not fit into one APDU
  public static void encode(Apdu apdu, ByteBuffer out) {
    int length =
        CONTROL_BYTES + (apdu instanceof Apdu.Information i ? AsduCodec.bytes(i.asdu()) : 0);
    if (MAX_LENGTH < length) {
      throw new IllegalArgumentException("an APDU of length " + length + ", allowed are 4..253");
    }
    ByteOrder before = out.order();
    out.order(ByteOrder.LITTLE_ENDIAN).put((byte) START).put((byte) length);
    switch (apdu) {
      case Apdu.Information(int send, int receive, Asdu asdu) -> {
        out.putShort((short) (send << 1)).putShort((short) (receive << 1));
        AsduCodec.encode(asdu, out);
      }
      case Apdu.Supervisory(int receive) ->
          out.putShort((short) 1).putShort((short) (receive << 1));
      case Apdu.Unnumbered(Apdu.Function function) -> out.putInt(function.octet());
    }
    out.order(before);
  }

  private static int number(ByteBuffer in, int at) {
    return Short.toUnsignedInt(in.getShort(at)) >> 1;
  }

  private static int u8(ByteBuffer in, int at) {
    return Byte.toUnsignedInt(in.get(at));
  }
}
