package dev.sluice.runtime.pipeline;

import dev.sluice.kernel.KernelException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A port's name, taken apart: `eth1`, `packet:eth1`, `xdp:eth1`, `xdp:eth1@2`, `pcap:in.pcap`.
///
/// @param asked the name as it was written
/// @param backend or empty for an interface whose back-end is free
/// @param rest the interface without its queue, or what the back-end makes of it
/// @param queue or -1
record PortAddress(String asked, String backend, String rest, int queue) {
  private static final Set<String> OTHERS = Set.of("pcap", "pcap-timed", "memory");
  private static final Pattern QUEUE = Pattern.compile("(.+)@(\\d{1,4})");
  private static final int MOST_QUEUE = 4095;

  static PortAddress of(String name) throws KernelException {
    int colon = name.indexOf(':');
    String backend = colon < 0 ? "" : name.substring(0, colon);
    String rest = name.substring(colon + 1);
    if (rest.isEmpty()) {
      throw new KernelException(
          "port "
              + name
              + ": no name"
              + (colon < 0 ? "; give one, as eth1" : " behind the back-end"));
    }
    return switch (backend) {
      case PortChoice.XDP -> ofXdp(name, rest);
      case "", PortChoice.PACKET -> {
        if (rest.contains("@")) {
          throw new KernelException(
              "port " + name + ": a queue is for xdp: alone, as in xdp:eth1@0");
        }
        yield new PortAddress(name, backend, rest, -1);
      }
      default -> {
        if (!OTHERS.contains(backend)) {
          throw new KernelException(
              "port "
                  + name
                  + ": unknown back-end "
                  + backend
                  + "; known: xdp, packet, pcap, pcap-timed, memory");
        }
        yield new PortAddress(name, backend, rest, -1);
      }
    };
  }

  private static PortAddress ofXdp(String name, String rest) throws KernelException {
    if (!rest.contains("@")) {
      return new PortAddress(name, PortChoice.XDP, rest, -1);
    }
    Matcher parts = QUEUE.matcher(rest);
    int queue = parts.matches() ? Integer.parseInt(parts.group(2)) : -1;
    if (queue < 0 || MOST_QUEUE < queue || parts.group(1).contains("@")) {
      throw new KernelException(
          "port " + name + ": a queue behind the @ is a number, 0.." + MOST_QUEUE);
    }
    return new PortAddress(name, PortChoice.XDP, parts.group(1), queue);
  }

  /// The same refusal, about the port of this name.
  static KernelException about(String asked, KernelException refused) {
    String message = String.valueOf(refused.getMessage());
    return message.startsWith("port ")
        ? refused
        : new KernelException("port " + asked + ": " + message, refused.errno());
  }

  /// Whether it names a network interface.
  boolean isInterface() {
    return !OTHERS.contains(backend);
  }
}
