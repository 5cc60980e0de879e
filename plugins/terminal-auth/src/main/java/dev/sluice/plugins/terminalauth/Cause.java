package dev.sluice.plugins.terminalauth;

import java.util.Locale;
import org.bouncycastle.tls.AlertDescription;

/// Why a terminal was refused, or why its session ended. The word is what events carry.
enum Cause {
  NO_CERTIFICATE(AlertDescription.handshake_failure),
  UNKNOWN_CA(AlertDescription.unknown_ca),
  REVOKED(AlertDescription.certificate_revoked),
  EXPIRED(AlertDescription.certificate_expired),
  /// RFC 5246 has one alert for both ends of the validity.
  NOT_YET_VALID(AlertDescription.certificate_expired),
  WRONG_USAGE(AlertDescription.unsupported_certificate),
  WEAK_KEY(AlertDescription.unsupported_certificate),
  BAD_CERTIFICATE(AlertDescription.bad_certificate),
  BAD_SIGNATURE(AlertDescription.decrypt_error),
  CRL_MISSING(AlertDescription.certificate_unknown),
  CRL_EXPIRED(AlertDescription.certificate_unknown),
  UNLISTED(AlertDescription.access_denied),
  WRONG_ADDRESS(AlertDescription.access_denied),
  WRONG_DESTINATION(AlertDescription.access_denied),
  WRONG_PORT(AlertDescription.access_denied),
  WRONG_VLAN(AlertDescription.access_denied),
  WRONG_MAC(AlertDescription.access_denied),
  SUSPENDED(AlertDescription.access_denied),
  RATE(AlertDescription.access_denied),
  BUSY(AlertDescription.access_denied),
  TIMEOUT(AlertDescription.handshake_failure),
  PROTOCOL(AlertDescription.handshake_failure),
  LEASE_ENDED(AlertDescription.close_notify),
  IDLE(AlertDescription.close_notify),
  KEEP_ALIVE_MISSED(AlertDescription.close_notify),
  CLOSED_BY_TERMINAL(AlertDescription.close_notify),
  REGISTRY_CHANGED(AlertDescription.close_notify),
  BINDING_MISMATCH(AlertDescription.close_notify),
  REPLACED(AlertDescription.close_notify),
  GATEWAY_STOPPED(AlertDescription.close_notify);

  private final short alert;

  Cause(short alert) {
    this.alert = alert;
  }

  /// The DTLS alert that tells the terminal; RFC 5246, section 7.2.
  short alert() {
    return alert;
  }

  /// How events and documents spell it: `no-certificate`.
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
