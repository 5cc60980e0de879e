package dev.sluice.runtime.pki;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.util.IPAddress;

/// A certificate authority in a folder.
///
/// Several processes may use the folder at a time: each change holds a lock on it. A certificate
/// enters the index before its files are written, so that whatever was signed can be revoked.
public final class Authority {
  /// How long a new authority lives.
  public static final int DAYS = 3650;

  /// A subject longer than that fits no line of a log.
  private static final int MAX_SUBJECT = 256;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9][A-Za-z0-9-]*)*");
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PRIVATE_KEY = "PRIVATE KEY";

  private final Path folder;
  private final X509CertificateHolder certificate;
  private final PrivateKey key;

  private Authority(Path folder, X509CertificateHolder certificate, PrivateKey key) {
    this.folder = folder;
    this.certificate = certificate;
    this.key = key;
  }

  /// Makes a new authority with an empty CRL.
  ///
  /// @param folder must be empty or not exist
  /// @param commonName the whole of its distinguished name
  public static Authority create(Path folder, String commonName) throws PkiException, IOException {
    if (commonName.isBlank() || commonName.length() > 64 || hasControl(commonName)) {
      throw new PkiException(
          "the authority's name '" + visible(commonName) + "' must have 1 to 64 letters");
    }
    if (folder.toString().isEmpty()) {
      throw new PkiException("the folder's name is empty; an empty or a new folder is needed");
    }
    SafeFiles.makePrivateFolder(folder);
    try {
      KeyPair keys = Signer.newKeyPair();
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      X500Name name = Signer.commonName(commonName);
      X509CertificateHolder certificate =
          Signer.authority(
              keys,
              name,
              now.minus(CertificateRequest.CLOCK_SKEW),
              now.plus(Duration.ofDays(DAYS)));
      Authority authority = new Authority(folder, certificate, keys.getPrivate());
      SafeFiles.writePem(
          authority.keyFile("ca"),
          SafeFiles.FOR_OWNER,
          PRIVATE_KEY,
          keys.getPrivate().getEncoded());
      authority.writeRevocationList(CertificateIndex.empty());
      // Last, because a folder with a certificate is one that open() takes.
      SafeFiles.writePem(
          authority.certificateFile("ca"),
          SafeFiles.FOR_ALL,
          CERTIFICATE,
          certificate.getEncoded());
      return authority;
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new PkiException("cannot make the authority's certificate: " + e.getMessage(), e);
    }
  }

  /// The authority whose folder this is.
  public static Authority open(Path folder) throws PkiException, IOException {
    for (String file : List.of("ca.crt", "ca.key", "index")) {
      if (!Files.isReadable(folder.resolve(file))) {
        throw new PkiException(
            folder + " is no PKI: it has no readable " + file + "; 'pki init' makes one");
      }
    }
    Object certificate = parse(folder.resolve("ca.crt"));
    Object key = parse(folder.resolve("ca.key"));
    if (certificate instanceof X509CertificateHolder holder && key instanceof PrivateKeyInfo info) {
      PrivateKey secret = new JcaPEMKeyConverter().setProvider(Signer.PROVIDER).getPrivateKey(info);
      return new Authority(folder, holder, secret);
    }
    throw new PkiException(
        folder + " is no PKI: ca.crt or ca.key holds no certificate or no PKCS#8 key");
  }

  /// Issues a certificate and its key as `NAME.crt` and `NAME.key`.
  ///
  /// @throws PkiException if the name is in use, or something in the request is not allowed
  public IssuedCertificate issue(CertificateRequest request) throws PkiException, IOException {
    return issueAll(List.of(request)).getFirst();
  }

  /// Issues certificates and their keys, as [#issue] does, but writes the index once for all of
  /// them: for a whole fleet. If one is refused, none is issued.
  ///
  /// @throws PkiException if a name is in use, or something in a request is not allowed
  public List<IssuedCertificate> issueAll(List<CertificateRequest> requests)
      throws PkiException, IOException {
    try (FolderLock _ = FolderLock.take(folder)) {
      CertificateIndex index = index();
      List<Holder> holders = new ArrayList<>();
      for (CertificateRequest request : requests) {
        List<GeneralNames> names = check(request);
        requireFree(index, request.name());
        IssuedCertificate row = row(request);
        KeyPair keys = Signer.newKeyPair();
        byte[] signed = Signer.holder(keys.getPublic(), row, names, certificate, key).getEncoded();
        index = index.with(row);
        holders.add(new Holder(row, keys.getPrivate().getEncoded(), signed));
      }
      index.write(indexFile());
      for (Holder holder : holders) {
        String name = holder.row.name();
        SafeFiles.writePem(keyFile(name), SafeFiles.FOR_OWNER, PRIVATE_KEY, holder.key);
        SafeFiles.writePem(certificateFile(name), SafeFiles.FOR_ALL, CERTIFICATE, holder.signed);
      }
      return holders.stream().map(Holder::row).toList();
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new PkiException("cannot sign: " + e.getMessage(), e);
    }
  }

  /// What is to be written for one certificate.
  @SuppressWarnings("ArrayRecordComponent") // lives for a moment, and is never compared
  private record Holder(IssuedCertificate row, byte[] key, byte[] signed) {}

  private static void requireFree(CertificateIndex index, String name) throws PkiException {
    Optional<IssuedCertificate> earlier = index.latest(name);
    if (earlier.isPresent() && !earlier.get().isOver(Instant.now())) {
      throw new PkiException(
          "'%s' has a certificate until %s; revoke it first"
              .formatted(name, earlier.get().notAfter()));
    }
  }

  private static IssuedCertificate row(CertificateRequest request) {
    return new IssuedCertificate(
        request.name(),
        request.kind(),
        Signer.newSerial(),
        request.subject(),
        request.notBefore().truncatedTo(ChronoUnit.SECONDS),
        request.notAfter().truncatedTo(ChronoUnit.SECONDS),
        Optional.empty());
  }

  /// Revokes the certificate with this name and writes a new CRL.
  ///
  /// @throws PkiException if there is none or it is revoked already
  public void revoke(String name, RevocationReason reason) throws PkiException, IOException {
    try (FolderLock _ = FolderLock.take(folder)) {
      CertificateIndex index = index();
      IssuedCertificate row =
          index
              .latest(name)
              .orElseThrow(() ->
                  new PkiException("'" + name + "' has no certificate; 'pki show' lists who has"));
      if (row.revocation().isPresent()) {
        throw new PkiException(
            "'%s' is revoked since %s".formatted(name, row.revocation().get().at()));
      }
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      var revocation = Optional.of(new IssuedCertificate.Revocation(now, reason));
      writeRevocationList(
          index.replacing(
              new IssuedCertificate(
                  row.name(),
                  row.kind(),
                  row.serial(),
                  row.subject(),
                  row.notBefore(),
                  row.notAfter(),
                  revocation)));
    }
  }

  /// Writes a new CRL with the same content, so that its life begins anew.
  ///
  /// @return its number
  public long renewRevocationList() throws PkiException, IOException {
    try (FolderLock _ = FolderLock.take(folder)) {
      return writeRevocationList(index());
    }
  }

  /// Everything that was issued, oldest first.
  public List<IssuedCertificate> issued() throws PkiException, IOException {
    return index().rows();
  }

  /// The file of a holder's certificate, or the authority's own for `ca`.
  public Path certificateFile(String name) {
    return folder.resolve(name + ".crt");
  }

  /// The file of a holder's key, which only the folder's owner may read.
  public Path keyFile(String name) {
    return folder.resolve(name + ".key");
  }

  /// The file of the list of revoked certificates.
  public Path revocationListFile() {
    return folder.resolve("ca.crl");
  }

  private Path indexFile() {
    return folder.resolve("index");
  }

  private CertificateIndex index() throws PkiException, IOException {
    return CertificateIndex.read(indexFile());
  }

  private long writeRevocationList(CertificateIndex before) throws PkiException, IOException {
    CertificateIndex index = before.withNextCrl();
    try {
      byte[] list = Signer.revocationList(index, Instant.now(), certificate, key).getEncoded();
      // The number is spent before the list is seen, so that no two lists share one.
      index.write(indexFile());
      SafeFiles.writePem(revocationListFile(), SafeFiles.FOR_ALL, "X509 CRL", list);
      return index.crlNumber();
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new PkiException("cannot sign the CRL: " + e.getMessage(), e);
    }
  }

  private List<GeneralNames> check(CertificateRequest request) throws PkiException {
    String name = request.name();
    if (!NAME.matcher(name).matches() || name.equals("ca") || name.equals("index")) {
      throw new PkiException(
          "the name '"
              + visible(name)
              + "' is not allowed: 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit, and"
              + " neither 'ca' nor 'index'");
    }
    checkSubject(request.subject());
    if (!request.notBefore().isBefore(request.notAfter())) {
      throw new PkiException(
          "a certificate cannot end (%s) before it begins (%s)"
              .formatted(request.notAfter(), request.notBefore()));
    }
    Instant end = certificate.getNotAfter().toInstant();
    if (request.notAfter().isAfter(end)) {
      throw new PkiException(
          "a certificate cannot outlive its authority, which ends %s".formatted(end));
    }
    return generalNames(request.alternativeNames());
  }

  /// A line end in a subject would cut its row of the index in two, and an index that cannot be
  /// read is a PKI that can revoke nobody.
  private static void checkSubject(String subject) throws PkiException {
    if (hasControl(subject) || subject.length() > MAX_SUBJECT) {
      throw new PkiException(
          "the subject '%s' has a tab, a line end or more than %d letters"
              .formatted(visible(subject), MAX_SUBJECT));
    }
    try {
      if (Signer.name(subject).getRDNs().length > 0) {
        return;
      }
    } catch (IllegalArgumentException e) {
      throw new PkiException(noName(subject), e);
    }
    throw new PkiException(noName(subject));
  }

  private static String noName(String subject) {
    return "the subject '" + subject + "' is no distinguished name such as CN=t1,O=Grid";
  }

  private static boolean hasControl(String text) {
    return text.chars().anyMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
  }

  /// The text in one line that no terminal obeys.
  private static String visible(String text) {
    String shown = text.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
    return shown.length() > MAX_SUBJECT ? shown.substring(0, MAX_SUBJECT) + "..." : shown;
  }

  private static List<GeneralNames> generalNames(List<String> texts) throws PkiException {
    List<GeneralName> names = new ArrayList<>();
    for (String text : texts) {
      names.add(generalName(text));
    }
    return names.isEmpty()
        ? List.of()
        : List.of(new GeneralNames(names.toArray(GeneralName[]::new)));
  }

  private static GeneralName generalName(String text) throws PkiException {
    String value = text.substring(text.indexOf(':') + 1);
    if (text.startsWith("ip:") && IPAddress.isValid(value)) {
      return new GeneralName(GeneralName.iPAddress, value);
    }
    if (text.startsWith("dns:") && HOST.matcher(value).matches()) {
      return new GeneralName(GeneralName.dNSName, value);
    }
    throw new PkiException(
        "the alternative name '" + text + "' is neither dns:NAME nor ip:ADDRESS");
  }

  private static Object parse(Path file) throws IOException, PkiException {
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      Object object = parser.readObject();
      if (object != null) {
        return object;
      }
    } catch (IOException | RuntimeException e) {
      throw new PkiException(file + " cannot be read as PEM: " + e.getMessage(), e);
    }
    throw new PkiException(file + " holds no PEM block");
  }
}
