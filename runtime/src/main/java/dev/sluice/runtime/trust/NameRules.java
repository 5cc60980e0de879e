package dev.sluice.runtime.trust;

import dev.sluice.runtime.config.TrustSettings;
import dev.sluice.runtime.config.TrustSettings.SignerName;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Which signer may sign which bundle, and what a bundle is granted.
final class NameRules {
  /// Names of the distribution's own bundles.
  static final String RESERVED = "dev.sluice.plugins.*";

  private NameRules() {}

  /// Refuses a signer who may not sign a bundle of this name. Whoever is named in `signer-names`
  /// may sign what is named there for him, and nothing else; what is named there, nobody else.
  /// Other signers may sign any other name but the distribution's.
  static void requireMaySign(Signer signer, String name, List<SignerName> rules)
      throws TrustException {
    boolean named = rules.stream().anyMatch(rule -> signer.isCalled(rule.signer()));
    boolean listed = rules.stream().anyMatch(rule -> fits(rule.names(), name));
    boolean both =
        rules.stream().anyMatch(rule -> signer.isCalled(rule.signer()) && fits(rule.names(), name));
    boolean reserved = isReserved(name);
    boolean may = both || (signer.ofDistribution() ? reserved : !named && !listed && !reserved);
    if (!may) {
      String whose = listed ? "the signers that signer-names names for it" : rest(signer, reserved);
      throw new TrustException(
          "its signer " + signer.subject() + " may not sign " + name + "; allowed: " + whose, true);
    }
  }

  private static String rest(Signer signer, boolean reserved) {
    if (signer.ofDistribution()) {
      return "bundles called " + RESERVED;
    }
    return reserved
        ? "the distribution's own signer, and signers that signer-names names for it"
        : "what signer-names names for this signer";
  }

  static boolean isReserved(String name) {
    return fits(RESERVED, name);
  }

  /// What a bundle of this name may use. The distribution's names, which few may sign, get what
  /// they declare; others what the operator grants.
  static Set<Permission> granted(String name, Set<Permission> declared, TrustSettings settings) {
    if (isReserved(name) || settings.mode() == TrustSettings.Mode.DEVELOPMENT) {
      return declared;
    }
    Set<Permission> granted = EnumSet.noneOf(Permission.class);
    settings.grants().stream()
        .filter(grant -> fits(grant.names(), name))
        .flatMap(grant -> grant.permissions().stream())
        .flatMap(word -> Permission.of(word).stream())
        .filter(Permission::isGrantable)
        .forEach(granted::add);
    return granted;
  }

  /// Refuses settings that grant what does not exist, or what nobody gets.
  static void requireGrantable(TrustSettings settings) throws TrustException {
    for (TrustSettings.Grant grant : settings.grants()) {
      for (String word : grant.permissions()) {
        if (Permission.of(word).filter(Permission::isGrantable).isEmpty()) {
          throw new TrustException(
              "grants = " + grant.names() + ":" + word + ": allowed: " + Permission.grantable(),
              true);
        }
      }
    }
  }

  /// Whether a pattern, in which `*` stands for any letters, fits the whole of a name.
  static boolean fits(String pattern, String name) {
    StringBuilder expression = new StringBuilder();
    for (String part : pattern.split("\\*", -1)) {
      expression.append(expression.isEmpty() ? "" : ".*").append(Pattern.quote(part));
    }
    return Pattern.matches(expression.toString(), name);
  }
}
