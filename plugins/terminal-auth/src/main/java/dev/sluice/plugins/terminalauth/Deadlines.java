package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog.Severity;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Warns of dates that an operator must not miss: a revocation list that is overdue, and the end of
/// the gateway's own certificate, 30, 7 and 1 days before. Each is reported once. For one thread.
final class Deadlines {
  private static final int[] DAYS = {30, 7, 1, 0};

  private final SecurityEvents events;
  private final Set<String> reported = new HashSet<>();

  Deadlines(SecurityEvents events) {
    this.events = events;
  }

  void look(Material material, Instant now) {
    Map<String, Map<String, Object>> due = new LinkedHashMap<>();
    for (RevocationList list : material.authorities().overdue(now)) {
      Map<String, Object> fields = Map.of("issuer", list.issuer().getName());
      due.put("crl-overdue " + list.issuer(), fields);
    }
    X509Certificate own = material.credentials().chain().getFirst();
    Instant end = own.getNotAfter().toInstant();
    for (int days : DAYS) {
      if (now.plus(Duration.ofDays(days)).isAfter(end)) {
        due.put(
            "gateway-certificate-expires " + days + " " + end,
            Map.of("notAfter", end.toString(), "withinDays", days));
      }
    }
    reported.retainAll(due.keySet());
    due.forEach((what, fields) -> {
      if (reported.add(what)) {
        events.report(Severity.ALARM, what.substring(0, what.indexOf(' ')), fields);
      }
    });
  }
}
