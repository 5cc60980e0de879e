package dev.sluice.plugins.terminalauth;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/// X.500 names in a form that can be compared as text: letter case, runs of blanks and the order of
/// the parts do not count (RFC 5280, section 7.1; tools print names in either order).
final class DistinguishedName {
  private DistinguishedName() {}

  /// @param text as RFC 2253 writes it: `CN=DTU-0001,O=Example,C=CN`
  /// @throws IllegalArgumentException if the text is no name, or an empty one
  static String canonical(String text) {
    X500Name name = new X500Name(text);
    if (name.getRDNs().length == 0) {
      throw new IllegalArgumentException("an empty name");
    }
    return canonical(name);
  }

  static String canonical(X500Name name) {
    return Arrays.stream(name.getRDNs())
        .map(DistinguishedName::canonical)
        .sorted()
        .collect(Collectors.joining(","));
  }

  private static String canonical(RDN part) {
    return Arrays.stream(part.getTypesAndValues())
        .map(DistinguishedName::canonical)
        .sorted()
        .collect(Collectors.joining("+"));
  }

  private static String canonical(AttributeTypeAndValue pair) {
    return pair.getType().getId() + "=" + IETFUtils.canonicalString(pair.getValue());
  }
}
