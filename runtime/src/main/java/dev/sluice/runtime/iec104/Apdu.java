package dev.sluice.runtime.iec104;

import java.util.Optional;

/// An application protocol data unit: a start octet, a length, four control octets, and in an I
/// frame an [Asdu]. Source: IEC 60870-5-104, clause 5.
public sealed interface Apdu {
  /// Sequence numbers count modulo this.
  int SEQUENCE_MODULUS = 1 << 15;

  /// An I frame: numbered transfer.
  ///
  /// @param sendNumber N(S), 0..32767
  /// @param receiveNumber N(R), 0..32767: every I frame before it is acknowledged
  record Information(int sendNumber, int receiveNumber, Asdu asdu) implements Apdu {
    public Information {
      requireSequenceNumber(sendNumber);
      requireSequenceNumber(receiveNumber);
    }
  }

  /// An S frame: acknowledges and nothing else.
  ///
  /// @param receiveNumber N(R), 0..32767
  record Supervisory(int receiveNumber) implements Apdu {
    public Supervisory {
      requireSequenceNumber(receiveNumber);
    }
  }

  /// A U frame: starts, stops or tests the link.
  record Unnumbered(Function function) implements Apdu {}

  /// What a U frame asks or confirms, with its first control octet.
  enum Function {
    STARTDT_ACT(0x07),
    STARTDT_CON(0x0b),
    STOPDT_ACT(0x13),
    STOPDT_CON(0x23),
    TESTFR_ACT(0x43),
    TESTFR_CON(0x83);

    private final int octet;

    Function(int octet) {
      this.octet = octet;
    }

    int octet() {
      return octet;
    }

    static Optional<Function> of(int octet) {
      for (Function function : values()) {
        if (function.octet == octet) {
          return Optional.of(function);
        }
      }
      return Optional.empty();
    }
  }

  private static void requireSequenceNumber(int number) {
    if (number < 0 || SEQUENCE_MODULUS <= number) {
      throw new IllegalArgumentException("sequence number " + number + " is not in 0..32767");
    }
  }
}
