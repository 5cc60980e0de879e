package dev.sluice.runtime.iec104;

import java.time.LocalDateTime;

/// What an information object carries. Source: IEC 60870-5-101, clause 7.2.6.
public sealed interface Element {
  TypeId type();

  /// M_SP_NA_1.
  ///
  /// @param quality the bits BL, SB, NT and IV in place (0x10, 0x20, 0x40, 0x80); 0 is good
  record SinglePoint(boolean on, int quality) implements Element {
    static final int QUALITY_BITS = 0xf0;

    public SinglePoint {
      if ((quality & ~QUALITY_BITS) != 0) {
        throw new IllegalArgumentException("quality " + quality + " has bits outside 0xf0");
      }
    }

    @Override
    public TypeId type() {
      return TypeId.M_SP_NA_1;
    }
  }

  /// M_ME_NC_1.
  ///
  /// @param quality the quality descriptor, 0..255; 0 is good
  record ShortFloat(float value, int quality) implements Element {
    public ShortFloat {
      requireOctet("quality", quality);
    }

    @Override
    public TypeId type() {
      return TypeId.M_ME_NC_1;
    }
  }

  /// C_SC_NA_1.
  ///
  /// @param select true to select, false to execute
  /// @param qualifier the qualifier of command, 0..31; 0 leaves it to the terminal
  record SingleCommand(boolean on, boolean select, int qualifier) implements Element {
    public SingleCommand {
      if (qualifier < 0 || 31 < qualifier) {
        throw new IllegalArgumentException("qualifier " + qualifier + " is not in 0..31");
      }
    }

    @Override
    public TypeId type() {
      return TypeId.C_SC_NA_1;
    }
  }

  /// C_IC_NA_1.
  ///
  /// @param qualifier the qualifier of interrogation, 0..255; 20 asks the whole station
  record Interrogation(int qualifier) implements Element {
    /// The whole station.
    public static final int STATION = 20;

    public Interrogation {
      requireOctet("qualifier", qualifier);
    }

    @Override
    public TypeId type() {
      return TypeId.C_IC_NA_1;
    }
  }

  /// C_CS_NA_1.
  ///
  /// @param time in the station's zone, to the millisecond, years 2000..2099
  record ClockTime(LocalDateTime time) implements Element {
    public ClockTime {
      if (time.getYear() < 2000 || 2099 < time.getYear()) {
        throw new IllegalArgumentException("year " + time.getYear() + " is not in 2000..2099");
      }
    }

    @Override
    public TypeId type() {
      return TypeId.C_CS_NA_1;
    }
  }

  private static void requireOctet(String name, int value) {
    if (value < 0 || 255 < value) {
      throw new IllegalArgumentException(name + " " + value + " is not in 0..255");
    }
  }
}
