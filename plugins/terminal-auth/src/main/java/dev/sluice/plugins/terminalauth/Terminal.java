package dev.sluice.plugins.terminalauth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.OptionalLong;

/// One terminal as the registry lists it.
///
/// @param id the operator's name for it
/// @param certificate what its certificate must be: a subject, or a fingerprint
/// @param address the only address it may use
/// @param port name of the device it is reached by
/// @param vlanKey as `Packet.vlanKey()`
/// @param hardwareAddress the only one it may use, 48 bits, if that is set
/// @param masters whom it may talk to, not empty
/// @param tcpPorts the server's ports that may be used, 1..65535 each, not empty
/// @param direction who opens the TCP connection
/// @param maxConnections most TCP connections at a time, at least 1
record Terminal(
    String id,
    CertificateRule certificate,
    IpAddress address,
    String port,
    int vlanKey,
    OptionalLong hardwareAddress,
    List<IpAddress> masters,
    List<Integer> tcpPorts,
    Direction direction,
    int maxConnections) {

  /// Who opens the TCP connection.
  enum Direction {
    /// The terminal is the TCP server and the master dials in: IEC 60870-5-104's normal case.
    TERMINAL_LISTENS,
    /// The terminal dials the master.
    TERMINAL_DIALS
  }

  /// What a certificate must be: exactly one of the two is not empty.
  ///
  /// @param subject distinguished name in the form of RFC 2253, or empty
  /// @param fingerprint SHA-256 over the certificate's DER form, 64 lower-case hexadecimal digits,
  ///   or empty
  record CertificateRule(String subject, String fingerprint) {}

  /// SHA-256 over all that the registry says of it, in a form that is the same for each version of
  /// the bundle: a session that began under one is not the other's. What it says is named, and what
  /// it does not say is left out: a version that knows more keys has the same digest while they are
  /// absent.
  byte[] digest() {
    StringBuilder text = new StringBuilder();
    text.append("id=").append(id);
    if (!certificate.subject.isEmpty()) {
      text.append("\nsubject=").append(certificate.subject);
    }
    if (!certificate.fingerprint.isEmpty()) {
      text.append("\nfingerprint=").append(certificate.fingerprint);
    }
    text.append("\naddress=").append(address).append("\nport=").append(port);
    text.append("\nvlan=").append(vlanKey);
    hardwareAddress.ifPresent(hardware -> text.append("\nmac=").append(hardware));
    masters.forEach(master -> text.append("\nmaster=").append(master));
    tcpPorts.forEach(one -> text.append("\ntcp-port=").append(one));
    text.append("\ndirection=").append(direction);
    text.append("\nmax-connections=").append(maxConnections);
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
