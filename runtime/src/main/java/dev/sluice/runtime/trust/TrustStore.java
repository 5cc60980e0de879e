package dev.sluice.runtime.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A folder of certificates that signers' chains end in: `*.crt` and `*.pem` are certificates,
/// `*.crl` lists of revoked ones, and the folder `tsa` in it has those of time stamping
/// authorities. PEM or DER; one file may hold several certificates.
///
/// It is read again when something in it changed. A file that cannot be read makes the whole folder
/// one that nobody is trusted by, until it can. Any thread.
final class TrustStore {
  /// Most bytes of a file.
  private static final long MAX_BYTES = 16L << 20;

  private final Path folder;
  private @Nullable String seen; // guarded by this
  private @Nullable Content content; // guarded by this
  private @Nullable TrustException refused; // guarded by this

  /// What the folder holds.
  record Content(
      Path folder,
      List<X509Certificate> anchors,
      List<X509Certificate> timeAnchors,
      List<X509CRL> lists) {
    Content {
      anchors = List.copyOf(anchors);
      timeAnchors = List.copyOf(timeAnchors);
      lists = List.copyOf(lists);
    }
  }

  TrustStore(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /// What the folder holds now.
  ///
  /// @throws TrustException if some file of it cannot be read
  synchronized Content content() throws TrustException {
    String now = look();
    if (!now.equals(seen)) {
      seen = now;
      content = null;
      refused = null;
      try {
        content =
            new Content(
                folder, certificates(folder), certificates(folder.resolve("tsa")), lists(folder));
      } catch (TrustException e) {
        refused = e;
      }
    }
    if (content == null) {
      throw refused == null ? new TrustException(folder + ": was not read", true) : refused;
    }
    return content;
  }

  /// Names, lengths and times of the files, as one text: whoever sees it change must look anew.
  String look() {
    StringBuilder look = new StringBuilder();
    for (Path in : List.of(folder, folder.resolve("tsa"))) {
      for (Path file : files(in, "")) {
        try {
          BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
          look.append(file).append(' ').append(found.size()).append(' ');
          look.append(found.lastModifiedTime()).append(' ').append(found.fileKey()).append('\n');
        } catch (IOException e) {
          look.append(file).append(" is gone\n");
        }
      }
    }
    return look.toString();
  }

  private static List<Path> files(Path folder, String ending) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> file.toString().endsWith(ending) && !Files.isDirectory(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of(); // a folder that is not there trusts nobody
    }
  }

  private static List<X509Certificate> certificates(Path folder) throws TrustException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (String ending : List.of(".crt", ".pem")) {
      for (Path file : files(folder, ending)) {
        try {
          for (Certificate each : factory().generateCertificates(open(file))) {
            certificates.add((X509Certificate) each);
          }
        } catch (CertificateException | ClassCastException e) {
          throw unreadable(file, "it holds something that is no certificate");
        }
      }
    }
    return certificates;
  }

  private static List<X509CRL> lists(Path folder) throws TrustException {
    List<X509CRL> lists = new ArrayList<>();
    for (Path file : files(folder, ".crl")) {
      try {
        Collection<? extends CRL> found = factory().generateCRLs(open(file));
        if (found.isEmpty()) {
          throw unreadable(file, "it holds no revocation list");
        }
        for (CRL each : found) {
          lists.add(whole(file, (X509CRL) each));
        }
      } catch (CRLException | ClassCastException e) {
        throw unreadable(file, "it holds something that is no revocation list");
      }
    }
    return lists;
  }

  /// Lists that tell only of some certificates, or only of changes, have critical extensions.
  private static X509CRL whole(Path file, X509CRL list) throws TrustException {
    if (list.getCriticalExtensionOIDs() != null && !list.getCriticalExtensionOIDs().isEmpty()) {
      throw unreadable(file, "it is a list of a kind that is not known here (a delta or a part)");
    }
    return list;
  }

  private static ByteArrayInputStream open(Path file) throws TrustException {
    try {
      if (Files.size(file) == 0 || Files.size(file) > MAX_BYTES) {
        throw unreadable(file, "it has " + Files.size(file) + " bytes");
      }
      return new ByteArrayInputStream(Files.readAllBytes(file));
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()));
    }
  }

  private static CertificateFactory factory() throws TrustException {
    try {
      return CertificateFactory.getInstance("X.509");
    } catch (CertificateException e) {
      throw new TrustException("this Java cannot read certificates: " + e.getMessage());
    }
  }

  private static TrustException unreadable(Path file, String cause) {
    return new TrustException(
        "nobody is trusted while " + file + " of the trust store cannot be read: " + cause, true);
  }
}
