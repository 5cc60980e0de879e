package dev.sluice.plugins.rulefirewall;

/// One rule: what a frame must be for it to match, and what then becomes of the frame.
///
/// @param key its key in the file, such as `rule.10`
/// @param text its line, as it was written
/// @param name empty if it has none
/// @param port name of the device that the frame came in by; empty for any
/// @param vlanKey as `Packet.vlanKey()`, or [#ANY]
/// @param etherType behind the tags, or [#ANY]
/// @param protocol IP protocol number behind the extension headers, or [#ANY]
record Rule(
    String key,
    String text,
    boolean passes,
    String name,
    String port,
    int vlanKey,
    int etherType,
    int protocol,
    Endpoint source,
    Endpoint dest) {

  /// What a number is where the rule does not ask for one.
  static final int ANY = -1;

  /// One side of a packet.
  ///
  /// @param lowPort 0..65535, or [Rule#ANY]
  /// @param highPort the last port that matches, or [Rule#ANY]
  record Endpoint(AddressRange range, int lowPort, int highPort) {
    static final Endpoint ANYWHERE = new Endpoint(AddressRange.ALL, ANY, ANY);

    boolean hasPorts() {
      return lowPort != ANY;
    }
  }

  /// How reports call it.
  String label() {
    return name.isEmpty() ? key : key + "/" + name;
  }
}
