package dev.sluice.runtime.iec104;

import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;

/// Writes and reads [Asdu]s of the types that the simulators speak, little-endian.
///
/// Source: IEC 60870-5-101, clause 7; field sizes from IEC 60870-5-104, clause 7: cause 2 octets,
/// common address 2, object address 3.
final class AsduCodec {
  private static final int HEADER_BYTES = 6;
  private static final int ADDRESS_BYTES = 3;
  private static final int SEQUENCE_BIT = 0x80;
  private static final int TEST_BIT = 0x80;
  private static final int NEGATIVE_BIT = 0x40;

  /// Bytes that are no ASDU the simulators speak.
  static final class MalformedAsduException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedAsduException(String reason) {
      super(reason);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }

  private AsduCodec() {}

  /// Reads the ASDU that fills `in` from its position to its limit.
  static Asdu decode(ByteBuffer in) throws MalformedAsduException {
    if (in.remaining() < HEADER_BYTES) {
      throw new MalformedAsduException(
          "an ASDU of " + in.remaining() + " bytes, at least 6 needed");
    }
    int typeNumber = u8(in);
    int structure = u8(in);
    int cause = u8(in);
    int originator = u8(in);
    int commonAddress = Short.toUnsignedInt(in.getShort());
    TypeId type =
        TypeId.of(typeNumber)
            .orElseThrow(() -> new MalformedAsduException("type identification " + typeNumber));
    if (originator != 0 || (cause & TEST_BIT) != 0) {
      throw new MalformedAsduException("originator or test bit set, the simulators use neither");
    }
    List<Asdu.InformationObject> objects =
        objects(type, structure & Asdu.MAX_OBJECTS, (structure & SEQUENCE_BIT) != 0, in);
    return new Asdu(type, cause & 0x3f, (cause & NEGATIVE_BIT) != 0, commonAddress, objects);
  }

  private static List<Asdu.InformationObject> objects(
      TypeId type, int count, boolean sequence, ByteBuffer in) throws MalformedAsduException {
    int addresses = sequence ? 1 : count;
    int needed = addresses * ADDRESS_BYTES + count * type.elementBytes();
    if (count == 0 || in.remaining() != needed) {
      throw new MalformedAsduException(
          "%d bytes for %d objects of %s, must be %d"
              .formatted(in.remaining(), count, type, needed));
    }
    List<Asdu.InformationObject> objects = new ArrayList<>(count);
    int address = 0;
    for (int i = 0; i < count; i++) {
      address = i == 0 || !sequence ? u24(in) : address + 1;
      if (0xffffff < address) {
        throw new MalformedAsduException("object addresses run past 16777215");
      }
      objects.add(new Asdu.InformationObject(address, element(type, in)));
    }
    return objects;
  }

  private static Element element(TypeId type, ByteBuffer in) throws MalformedAsduException {
    return switch (type) {
      case M_SP_NA_1 -> singlePoint(u8(in));
      case M_ME_NC_1 -> new Element.ShortFloat(in.getFloat(), u8(in));
      case C_SC_NA_1 -> singleCommand(u8(in));
      case C_IC_NA_1 -> new Element.Interrogation(u8(in));
      case C_CS_NA_1 -> new Element.ClockTime(time(in));
    };
  }

  private static Element singlePoint(int octet) throws MalformedAsduException {
    if ((octet & 0x0e) != 0) {
      throw new MalformedAsduException("single point with reserved bits set");
    }
    return new Element.SinglePoint((octet & 1) != 0, octet & Element.SinglePoint.QUALITY_BITS);
  }

  private static Element singleCommand(int octet) throws MalformedAsduException {
    if ((octet & 2) != 0) {
      throw new MalformedAsduException("single command with the reserved bit set");
    }
    return new Element.SingleCommand((octet & 1) != 0, (octet & 0x80) != 0, octet >> 2 & 31);
  }

  /// CP56Time2a, IEC 60870-5-101, clause 7.2.6.18; invalid and summer-time bits are not looked at.
  private static LocalDateTime time(ByteBuffer in) throws MalformedAsduException {
    int millis = Short.toUnsignedInt(in.getShort());
    int minute = u8(in) & 0x3f;
    int hour = u8(in) & 0x1f;
    int day = u8(in) & 0x1f;
    int month = u8(in) & 0x0f;
    int year = u8(in) & 0x7f;
    if (99 < year) {
      throw new MalformedAsduException("year " + year + " of the century");
    }
    try {
      int second = millis / 1000;
      return LocalDateTime.of(2000 + year, month, day, hour, minute, second)
          .plusNanos(millis % 1000 * 1_000_000L);
    } catch (DateTimeException e) {
      throw new MalformedAsduException("no such time: " + e.getMessage());
    }
  }

  /// Bytes that [#encode] appends.
  static int bytes(Asdu asdu) {
    return HEADER_BYTES + asdu.objects().size() * (ADDRESS_BYTES + asdu.type().elementBytes());
  }

  /// Appends an ASDU to `out`, each object with its address.
  static void encode(Asdu asdu, ByteBuffer out) {
    out.put((byte) asdu.type().number());
    out.put((byte) asdu.objects().size());
    out.put((byte) (asdu.cause() | (asdu.negative() ? NEGATIVE_BIT : 0)));
    out.put((byte) 0);
    out.putShort((short) asdu.commonAddress());
    for (Asdu.InformationObject object : asdu.objects()) {
      out.putShort((short) object.address()).put((byte) (object.address() >> 16));
      encode(object.element(), out);
    }
  }

  private static void encode(Element element, ByteBuffer out) {
    switch (element) {
      case Element.SinglePoint(boolean on, int quality) -> out.put((byte) (quality | bit(on, 1)));
      case Element.ShortFloat(float value, int quality) -> out.putFloat(value).put((byte) quality);
      case Element.SingleCommand(boolean on, boolean select, int qualifier) ->
          out.put((byte) (bit(select, 0x80) | qualifier << 2 | bit(on, 1)));
      case Element.Interrogation(int qualifier) -> out.put((byte) qualifier);
      case Element.ClockTime(LocalDateTime time) -> encode(time, out);
    }
  }

  private static void encode(LocalDateTime time, ByteBuffer out) {
    out.putShort((short) (time.getSecond() * 1000 + time.getNano() / 1_000_000));
    out.put((byte) time.getMinute());
    out.put((byte) time.getHour());
    out.put((byte) (time.getDayOfWeek().getValue() << 5 | time.getDayOfMonth()));
    out.put((byte) time.getMonthValue());
    out.put((byte) (time.getYear() - 2000));
  }

  private static int bit(boolean set, int bit) {
    return set ? bit : 0;
  }

  private static int u8(ByteBuffer in) {
    return Byte.toUnsignedInt(in.get());
  }

  private static int u24(ByteBuffer in) {
    return Short.toUnsignedInt(in.getShort()) | u8(in) << 16;
  }
}
