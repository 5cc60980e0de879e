package dev.sluice.runtime.demo;

import dev.sluice.runtime.arguments.ArgumentException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Addresses as a person types them: `10.0.0.1:2404` or `[fd00::1]:2404`, never a name.
final class Addresses {
  private Addresses() {}

  /// Reads an address and a port.
  ///
  /// @param option what it was given for, for the message
  static InetSocketAddress parse(String option, String text) throws ArgumentException {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !port.matches("\\d{1,5}") || 65_535 < Integer.parseInt(port)) {
      throw wrong(option, text, null);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(host), Integer.parseInt(port));
    } catch (IllegalArgumentException e) {
      throw wrong(option, text, e);
    }
  }

  private static ArgumentException wrong(
      String option, String text, @org.jspecify.annotations.Nullable Throwable cause) {
    String message =
        "--%s is '%s'; an address and a port such as 10.0.0.1:2404 or [fd00::1]:2404 is allowed"
            .formatted(option, text);
    return cause == null ? new ArgumentException(message) : new ArgumentException(message, cause);
  }

  /// As it is typed.
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }
}
