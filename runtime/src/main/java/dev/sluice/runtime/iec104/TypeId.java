package dev.sluice.runtime.iec104;

import java.util.Optional;

/// Type identifications that the simulators speak. Source: IEC 60870-5-101, clause 7.2.1.
public enum TypeId {
  /// Single-point information.
  M_SP_NA_1(1, 1),
  /// Measured value, short floating point.
  M_ME_NC_1(13, 5),
  /// Single command.
  C_SC_NA_1(45, 1),
  /// General interrogation.
  C_IC_NA_1(100, 1),
  /// Clock synchronisation.
  C_CS_NA_1(103, 7);

  private final int number;
  private final int elementBytes;

  TypeId(int number, int elementBytes) {
    this.number = number;
    this.elementBytes = elementBytes;
  }

  int number() {
    return number;
  }

  /// Bytes of one information element, without the object's address.
  int elementBytes() {
    return elementBytes;
  }

  static Optional<TypeId> of(int number) {
    for (TypeId type : values()) {
      if (type.number == number) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
