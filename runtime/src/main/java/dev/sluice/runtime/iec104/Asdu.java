package dev.sluice.runtime.iec104;

import java.util.List;

/// An application service data unit: objects of one type, and why they are sent. Source: IEC
/// 60870-5-101, clause 7; the field sizes are those that IEC 60870-5-104 fixes.
///
/// @param cause 0..63, one of the constants here or another
/// @param negative the P/N bit of a confirmation
/// @param commonAddress the station's address, 0..65535
/// @param objects 1..127 of them, all of type `type`
public record Asdu(
    TypeId type, int cause, boolean negative, int commonAddress, List<InformationObject> objects) {
  public static final int SPONTANEOUS = 3;
  public static final int ACTIVATION = 6;
  public static final int ACTIVATION_CONFIRMATION = 7;
  public static final int ACTIVATION_TERMINATION = 10;
  public static final int INTERROGATED_BY_STATION = 20;
  public static final int UNKNOWN_CAUSE = 45;
  public static final int UNKNOWN_COMMON_ADDRESS = 46;
  public static final int UNKNOWN_OBJECT_ADDRESS = 47;

  /// Most objects that the variable structure qualifier can count.
  static final int MAX_OBJECTS = 127;

  /// An object and its address.
  ///
  /// @param address 0..16777215
  public record InformationObject(int address, Element element) {
    public InformationObject {
      if (address < 0 || 0xffffff < address) {
        throw new IllegalArgumentException("object address " + address + " is not in 0..16777215");
      }
    }
  }

  public Asdu {
    objects = List.copyOf(objects);
    if (cause < 0 || 63 < cause) {
      throw new IllegalArgumentException("cause " + cause + " is not in 0..63");
    }
    if (commonAddress < 0 || 0xffff < commonAddress) {
      throw new IllegalArgumentException("common address " + commonAddress + " not in 0..65535");
    }
    if (objects.isEmpty() || MAX_OBJECTS < objects.size()) {
      throw new IllegalArgumentException(objects.size() + " objects, allowed are 1..127");
    }
    for (InformationObject object : objects) {
      if (object.element().type() != type) {
        throw new IllegalArgumentException(object.element().type() + " in an ASDU of " + type);
      }
    }
  }

  /// An ASDU with one object.
  public static Asdu of(int cause, int commonAddress, int objectAddress, Element element) {
    return new Asdu(
        element.type(),
        cause,
        false,
        commonAddress,
        List.of(new InformationObject(objectAddress, element)));
  }

  /// The same objects sent back, as a confirmation or a termination is.
  public Asdu answer(int answerCause, boolean refused) {
    return new Asdu(type, answerCause, refused, commonAddress, objects);
  }
}
