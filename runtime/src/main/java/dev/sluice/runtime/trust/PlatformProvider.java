package dev.sluice.runtime.trust;

import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The JVM's own providers as they were before the first bundle ran: what is added later in front
/// of them, by whoever may, judges no signature.
final class PlatformProvider extends Provider {
  static final Provider FIRST_SEEN = new PlatformProvider();

  private static final long serialVersionUID = 1;

  private final transient List<Provider> providers =
      Stream.of("SUN", "SunRsaSign", "SunEC")
          .map(Security::getProvider)
          .filter(Objects::nonNull)
          .toList();

  private PlatformProvider() {
    super("SluicePlatform", "1", "digests and signatures of the JVM's own providers");
  }

  /// Whether they have what bundles are usually signed by; a JVM of another maker may not.
  static boolean isWhole() {
    return FIRST_SEEN.getService("Signature", "SHA256withECDSA") != null
        && FIRST_SEEN.getService("Signature", "SHA256withRSA") != null
        && FIRST_SEEN.getService("MessageDigest", "SHA-256") != null;
  }

  @Override
  public @Nullable Service getService(String type, String algorithm) {
    for (Provider each : providers) {
      Service found = each.getService(type, algorithm);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
