package dev.sluice.runtime.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// What matters of the machine and of the user: proc(5), capabilities(7), user_namespaces(7).
///
/// @param kernel its version
/// @param hugePagesFree free huge pages of 2 MiB, or empty if it cannot be told
/// @param present capabilities this process has of those that a gateway needs
/// @param missing those it has not
/// @param userNamespace whether its capabilities are worth nothing outside a user namespace, and so
///   nothing to `bpf(2)`
record Machine(
    String kernel,
    OptionalLong hugePagesFree,
    List<String> present,
    List<String> missing,
    boolean userNamespace) {
  /// Bits of `include/uapi/linux/capability.h`.
  private static final Map<String, Integer> NEEDED = needed();

  private static Map<String, Integer> needed() {
    Map<String, Integer> bits = new LinkedHashMap<>();
    bits.put("CAP_NET_ADMIN", 12);
    bits.put("CAP_NET_RAW", 13);
    bits.put("CAP_IPC_LOCK", 14);
    bits.put("CAP_BPF", 39);
    return bits;
  }

  private static final int CAP_SYS_ADMIN = 21;

  /// Reads it.
  ///
  /// @param proc `/proc`
  static Machine read(Path proc) {
    long effective = effective(proc);
    List<String> present = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    NEEDED.forEach((name, bit) -> {
      // capabilities(7): CAP_SYS_ADMIN may do what CAP_BPF was split from it for.
      boolean has = has(effective, bit) || (bit == 39 && has(effective, CAP_SYS_ADMIN));
      (has ? present : missing).add(name);
    });
    return new Machine(
        first(proc.resolve("sys/kernel/osrelease")),
        hugePages(proc),
        List.copyOf(present),
        List.copyOf(missing),
        inUserNamespace(first(proc.resolve("self/uid_map"))));
  }

  /// Whether AF_XDP can be tried at all.
  boolean canTry() {
    return missing.isEmpty() && !userNamespace;
  }

  /// Why it cannot, a sentence's end.
  String obstacle() {
    return missing.isEmpty()
        ? "bpf(2) does not work in a user namespace; run it as root of the machine"
        : "this user lacks " + String.join(", ", missing) + "; run it as root";
  }

  private static boolean has(long effective, int bit) {
    return (effective & 1L << bit) != 0;
  }

  private static long effective(Path proc) {
    return lines(proc.resolve("self/status")).stream()
        .filter(line -> line.startsWith("CapEff:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .findFirst()
        .orElse(0);
  }

  private static OptionalLong hugePages(Path proc) {
    List<String> lines = lines(proc.resolve("meminfo"));
    if (lines.stream().noneMatch(line -> line.matches("Hugepagesize: +2048 kB"))) {
      return OptionalLong.empty();
    }
    return lines.stream()
        .filter(line -> line.startsWith("HugePages_Free:"))
        .mapToLong(line -> Long.parseLong(line.substring(15).strip()))
        .findFirst();
  }

  /// Outside all user namespaces every user is mapped to itself.
  private static boolean inUserNamespace(String map) {
    return !map.isEmpty() && !map.strip().matches("0\\s+0\\s+4294967295");
  }

  private static String first(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // what cannot be read is not known, and is told so
    }
  }
}
