package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.SettingsException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/// A complete revocation list of one authority (RFC 5280, section 5), made ready for looking up.
final class RevocationList {
  private static final int CRL_SIGN = 6;

  private final X509CRL list;

  /// Asked for at each look at a session; the list makes it anew each time.
  private final X500Principal issuer;

  private final Set<BigInteger> serials = new HashSet<>();

  /// The authority's key that the list's signature was last found good with. Racing writers write
  /// what each of them has verified.
  private volatile @Nullable PublicKey verifiedWith;

  private RevocationList(X509CRL list) {
    this.list = list;
    this.issuer = list.getIssuerX500Principal();
  }

  /// @throws SettingsException if the list is a partial one, which says nothing of other
  ///   certificates
  static RevocationList of(String source, X509CRL list) throws SettingsException {
    if (list.hasUnsupportedCriticalExtension()) {
      throw new SettingsException(
          source
              + ": the revocation list of "
              + list.getIssuerX500Principal()
              + " is a delta, partial or indirect one: allowed: complete lists");
    }
    Set<String> critical = list.getCriticalExtensionOIDs();
    if (critical != null && !critical.isEmpty()) {
      throw new SettingsException(
          source
              + ": the revocation list of "
              + list.getIssuerX500Principal()
              + " has critical extensions "
              + critical
              + ": allowed: complete lists without any");
    }
    RevocationList made = new RevocationList(list);
    Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
    if (entries != null) {
      entries.forEach(entry -> made.serials.add(entry.getSerialNumber()));
    }
    return made;
  }

  X500Principal issuer() {
    return issuer;
  }

  /// Whether this authority signed the list, and may.
  boolean isSignedBy(X509Certificate authority, Provider provider) {
    PublicKey key = authority.getPublicKey();
    if (key.equals(verifiedWith)) {
      return true;
    }
    boolean[] usage = authority.getKeyUsage();
    if (usage != null && !usage[CRL_SIGN]) {
      return false;
    }
    try {
      list.verify(key, provider);
    } catch (GeneralSecurityException e) {
      return false;
    }
    verifiedWith = key;
    return true;
  }

  boolean names(X509Certificate certificate) {
    return serials.contains(certificate.getSerialNumber());
  }

  /// Whether the authority promised a newer list by now, or never said when the next one comes.
  boolean isOverdue(Instant now) {
    Date nextUpdate = list.getNextUpdate();
    return nextUpdate == null || nextUpdate.toInstant().isBefore(now);
  }

  /// The number that its issuer gave it (RFC 5280, section 5.2.3), or null.
  @Nullable BigInteger number() {
    byte[] extension = list.getExtensionValue(Extension.cRLNumber.getId());
    return extension == null
        ? null
        : CRLNumber.getInstance(ASN1OctetString.getInstance(extension).getOctets()).getCRLNumber();
  }

  Instant thisUpdate() {
    return list.getThisUpdate().toInstant();
  }

  int size() {
    return serials.size();
  }
}
