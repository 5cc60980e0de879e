package dev.sluice.runtime.trust;

import dev.sluice.runtime.config.TrustSettings;
import java.io.IOException;
import java.io.InputStream;
import java.security.CodeSigner;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/// Finds the one signer who stands for all of a bundle.
final class SignatureCheck {
  private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3"; // RFC 5280, 4.2.1.12
  private static final int DIGITAL_SIGNATURE = 0; // RFC 5280, 4.2.1.3
  private static final String DIGEST = "-digest";

  /// A signer, and what was wanting but not asked for, each a sentence.
  record Found(Signer signer, List<String> wanting) {
    Found {
      wanting = List.copyOf(wanting);
    }
  }

  private final TrustStore.Content operator;
  private final TrustStore.Content distribution;
  private final TrustSettings.Revocation revocation;

  /// @param distribution what the build trusts for its own bundles
  SignatureCheck(
      TrustStore.Content operator,
      TrustStore.Content distribution,
      TrustSettings.Revocation revocation) {
    this.operator = operator;
    this.distribution = distribution;
    this.revocation = revocation;
  }

  /// Checks every entry and every signature.
  ///
  /// @throws TrustException if no signer who is trusted signed every entry
  Found check(BundleFile file) throws TrustException {
    if (!file.isSigned()) {
      throw new TrustException(
          "it is not signed (unsigned entry "
              + first(file)
              + "); allowed: bundles whose signer the trust store "
              + operator.folder()
              + " leads to");
    }
    requireWholeManifest(file);
    Map<X509Certificate, SignatureBlock> blocks = blocks(file);
    Set<X509Certificate> common = signersOfAll(file.path());
    TrustException refused = new TrustException("no signer signed all of its entries");
    for (Map.Entry<X509Certificate, SignatureBlock> each : blocks.entrySet()) {
      if (common.contains(each.getKey())) {
        try {
          return trusted(each.getValue());
        } catch (TrustException e) {
          refused = e; // another signature may be a trusted one
        }
      }
    }
    throw refused;
  }

  private static String first(BundleFile file) {
    return file.names().stream()
        .filter(name -> !name.startsWith("META-INF/") && !name.endsWith("/"))
        .findFirst()
        .orElse(JarFile.MANIFEST_NAME);
  }

  /// What the manifest has a digest of must be there, and by a strong digest.
  private static void requireWholeManifest(BundleFile file) throws TrustException {
    for (Map.Entry<String, Attributes> section : file.manifest().sections().entrySet()) {
      for (Object key : section.getValue().keySet()) {
        String lower = key.toString().toLowerCase(Locale.ROOT);
        if (!lower.endsWith(DIGEST)) {
          continue;
        }
        String digest = key.toString().substring(0, lower.length() - DIGEST.length());
        if (!Algorithms.isStrongDigest(digest)) {
          throw Algorithms.weak("its manifest's digest of " + section.getKey(), digest);
        }
        if (!file.names().contains(section.getKey())) {
          throw new TrustException(
              "it was signed with an entry " + section.getKey() + ", which is missing");
        }
      }
    }
  }

  /// The signatures that are right in themselves, by their signers. If none is, says why not.
  private static Map<X509Certificate, SignatureBlock> blocks(BundleFile file)
      throws TrustException {
    Map<X509Certificate, SignatureBlock> blocks = new LinkedHashMap<>();
    Optional<TrustException> refused = Optional.empty();
    for (String part : new TreeSet<>(file.parts().keySet())) {
      String name = part.substring("META-INF/".length(), part.lastIndexOf('.'));
      List<BundleFile.Part> both = pair(file, name);
      if (part.endsWith(".SF")) {
        try {
          SignatureBlock block =
              SignatureBlock.verify(
                  name,
                  both.getFirst().content(),
                  both.getLast().content(),
                  file.manifestBytes().content());
          requirePurpose(block.certificate());
          blocks.put(block.certificate(), block);
        } catch (TrustException e) {
          refused = Optional.of(e);
        }
      }
    }
    if (blocks.isEmpty() && refused.isPresent()) {
      throw refused.get();
    }
    return blocks;
  }

  private static List<BundleFile.Part> pair(BundleFile file, String name) throws TrustException {
    List<BundleFile.Part> pair = new ArrayList<>();
    for (String ending : List.of(".SF", ".RSA", ".EC")) {
      BundleFile.Part part = file.parts().get("META-INF/" + name + ending);
      if (part != null) {
        pair.add(part);
      }
    }
    if (pair.size() != 2 || !file.parts().containsKey("META-INF/" + name + ".SF")) {
      throw new TrustException("its signature " + name + " lacks a part, or has one too many");
    }
    return pair;
  }

  /// Reads every entry to its end, which is when Java compares it with its digest.
  private static Set<X509Certificate> signersOfAll(java.nio.file.Path path) throws TrustException {
    Optional<Set<X509Certificate>> common = Optional.empty();
    try (JarFile jar = new JarFile(path.toFile(), true)) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (entry.isDirectory() || isOfSignature(entry.getName())) {
          continue;
        }
        Set<X509Certificate> signers = signers(jar, entry);
        common.ifPresent(signers::retainAll);
        common = Optional.of(signers);
      }
    } catch (IOException e) {
      throw new TrustException("it cannot be read: " + e.getMessage());
    }
    return common.orElseThrow(() -> new TrustException("it has no entry that could be signed"));
  }

  private static boolean isOfSignature(String name) {
    // BundleFile has refused all other spellings.
    return name.equals(JarFile.MANIFEST_NAME)
        || (name.lastIndexOf('/') == "META-INF".length()
            && name.startsWith("META-INF/")
            && (name.endsWith(".SF") || name.endsWith(".RSA") || name.endsWith(".EC")));
  }

  private static Set<X509Certificate> signers(JarFile jar, JarEntry entry)
      throws IOException, TrustException {
    try (InputStream in = jar.getInputStream(entry)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (SecurityException e) {
      throw new TrustException(
          "it was tampered with: entry " + entry.getName() + " is not what was signed");
    }
    CodeSigner[] signers = entry.getCodeSigners();
    if (signers == null) {
      throw new TrustException("it has the unsigned entry " + entry.getName());
    }
    Set<X509Certificate> certificates = new java.util.HashSet<>();
    for (CodeSigner each : signers) {
      certificates.add((X509Certificate) each.getSignerCertPath().getCertificates().getFirst());
    }
    return certificates;
  }

  private Found trusted(SignatureBlock block) throws TrustException {
    X509Certificate certificate = block.certificate();
    boolean own = distribution.anchors().contains(certificate);
    TrustStore.Content store = own ? distribution : operator;
    Instant now = Instant.now();
    Optional<TrustException> badStamp = Optional.empty();
    Optional<Instant> signed = Optional.empty();
    try {
      Optional<byte[]> token = block.timestamp();
      if (token.isPresent()) {
        signed =
            Optional.of(Timestamp.check(token.get(), block.information().getSignature(), store));
      }
    } catch (TrustException e) {
      badStamp = Optional.of(e);
    }
    Chain chain = chain(block, store, now, signed, badStamp);
    List<String> wanting =
        new ArrayList<>(own ? List.of() : chain.requireNotRevoked(store.lists(), revocation));
    badStamp.ifPresent(bad -> wanting.add(bad.sentence()));
    Signer signer =
        new Signer(
            Signer.name(certificate.getSubjectX500Principal()),
            Signer.fingerprint(certificate),
            Signer.name(chain.anchor().getSubjectX500Principal()),
            own,
            signed);
    return new Found(signer, wanting);
  }

  /// The chain now, or else at the time of the timestamp: so a bundle outlives its signer's
  /// certificate.
  private static Chain chain(
      SignatureBlock block,
      TrustStore.Content store,
      Instant now,
      Optional<Instant> signed,
      Optional<TrustException> badStamp)
      throws TrustException {
    X509Certificate certificate = block.certificate();
    String name =
        "the certificate of its signer " + Signer.name(certificate.getSubjectX500Principal());
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isBefore(begin)) {
      throw new TrustException(name + " is not valid before " + begin, true);
    }
    if (now.isAfter(end) && signed.isEmpty()) {
      String stamp =
          badStamp
              .map(TrustException::sentence)
              .orElse("no timestamp says that it was signed before");
      throw new TrustException(name + " expired on " + end + ", and " + stamp, true);
    }
    try {
      return Chain.find(certificate, block.others(), store.anchors(), now, "its signer");
    } catch (TrustException e) {
      if (signed.isEmpty()) {
        throw e;
      }
      return Chain.find(certificate, block.others(), store.anchors(), signed.get(), "its signer");
    }
  }

  static void requirePurpose(X509Certificate certificate) throws TrustException {
    String whose =
        "the certificate of its signer " + Signer.name(certificate.getSubjectX500Principal());
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      if (purposes == null || !purposes.contains(CODE_SIGNING)) {
        throw new TrustException(whose + " is not for code signing (extended key usage)");
      }
    } catch (CertificateParsingException e) {
      throw new TrustException(whose + " cannot be read: " + e.getMessage());
    }
    boolean[] usage = certificate.getKeyUsage();
    if (usage != null && !usage[DIGITAL_SIGNATURE]) {
      throw new TrustException(whose + " is not for digital signatures (key usage)");
    }
  }
}
