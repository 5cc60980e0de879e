package dev.sluice.runtime.bundle;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;

/// The symbolic name of a new bundle, and the names that follow from it.
///
/// @param symbolic words joined by dots, each of lower-case letters, digits and dashes
record RuleName(String symbolic) {
  /// So that drop reasons, which end by a word more, and file names keep their limits.
  private static final int MOST_LETTERS = 40;

  private static final Pattern SYMBOLIC =
      Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*(\\.[a-z][a-z0-9]*(-[a-z0-9]+)*)*");

  /// Whose settings files, or drop reasons, are in use already.
  private static final Set<String> TAKEN =
      Set.of("sluice", "terminal-auth", "iec104-guard", "rule-firewall", "allow-all");

  private static final String ALLOWED =
      "allowed: words of a-z, 0-9 and -, each with a letter first, joined by dots, such as"
          + " udp-guard or com.example.udp-guard";

  /// The name that a person gave.
  ///
  /// @throws BundleException if no bundle of `bundle new` can be called so
  static RuleName of(String text) throws BundleException {
    if (!SYMBOLIC.matcher(text).matches()) {
      throw new BundleException("--name " + text + ": " + ALLOWED);
    }
    return checked(text, "--name " + text);
  }

  /// The name that follows from that of a folder.
  ///
  /// @throws BundleException if none does
  static RuleName ofFolder(Path folder) throws BundleException {
    Path last = folder.toAbsolutePath().normalize().getFileName();
    String text = last == null ? "/" : last.toString();
    String name = text.toLowerCase(Locale.ROOT).replaceAll("[_ ]", "-");
    if (!SYMBOLIC.matcher(name).matches()) {
      throw new BundleException(
          "the folder's name '"
              + text
              + "' cannot be that of a bundle; "
              + ALLOWED
              + "; another than the folder's is given by --name NAME");
    }
    return checked(name, "the folder's name '" + text + "'");
  }

  private static RuleName checked(String symbolic, String told) throws BundleException {
    RuleName name = new RuleName(symbolic);
    if (symbolic.length() > MOST_LETTERS) {
      throw new BundleException(
          told + " has " + symbolic.length() + " letters; allowed: " + MOST_LETTERS);
    }
    if (TAKEN.contains(name.last())) {
      throw new BundleException(
          told + ": " + name.last() + " is a name of Sluice's own; give another with --name NAME");
    }
    if (!SourceVersion.isName(name.javaPackage(), SourceVersion.latest())) {
      throw new BundleException(
          told
              + " makes "
              + name.javaPackage()
              + ", which cannot be a package, because a word of"
              + " it is one of Java's own; give another with --name NAME");
    }
    return name;
  }

  /// `com.example.udpguard` of `com.example.udp-guard`.
  String javaPackage() {
    return symbolic.replace("-", "");
  }

  /// `UdpGuardRule`; the last word keeps it from being the name of what it uses.
  String javaClass() {
    StringBuilder name = new StringBuilder();
    for (String word : last().split("-", -1)) {
      name.append(word.substring(0, 1).toUpperCase(Locale.ROOT)).append(word.substring(1));
    }
    return name + "Rule";
  }

  /// What the settings file is called, without `.cfg`: `udp.guard`. FileInstall takes a dash for
  /// the beginning of something else.
  String pid() {
    return last().replace('-', '.');
  }

  /// What its drop reasons begin with: `udp-guard`.
  String last() {
    return symbolic.substring(symbolic.lastIndexOf('.') + 1);
  }
}
