package dev.sluice.runtime.bench;

/// Ten rules of a bridge's firewall, none of which any frame of the benchmarks meets, so that every
/// frame is held against all of them.
final class NftRules {
  static final String TABLE = "sluice_bench";
  static final int RULES = 10;

  private NftRules() {}

  /// For `nft -f`.
  static String text() {
    StringBuilder text = new StringBuilder(1500);
    text.append("table bridge ").append(TABLE).append(" {\n  chain forward {\n");
    text.append("    type filter hook forward priority 0; policy accept;\n");
    for (int rule = 1; rule <= RULES; rule++) {
      text.append(
          "    ip saddr 192.0.2.%d ip daddr 203.0.113.%d udp sport %d udp dport %d drop\n"
              .formatted(rule, rule, 20_000 + rule, 30_000 + rule));
    }
    return text.append("  }\n}\n").toString();
  }
}
