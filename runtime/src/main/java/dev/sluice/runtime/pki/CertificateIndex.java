package dev.sluice.runtime.pki;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The list of everything an authority has signed, and the number of its last CRL.
///
/// A text file: the first line is `crl-number N`, every other one a certificate with its fields
/// parted by tabs: serial (hexadecimal), kind, name, not before, not after, state, subject. The
/// state is `valid`, or `revoked`, time and reason parted by spaces.
///
/// @param crlNumber of the CRL that was written last, 0 before the first
/// @param rows in the order of issue
record CertificateIndex(long crlNumber, List<IssuedCertificate> rows) {
  private static final String FIRST = "crl-number ";

  CertificateIndex {
    rows = List.copyOf(rows);
  }

  static CertificateIndex empty() {
    return new CertificateIndex(0, List.of());
  }

  /// The certificate that was issued last under this name.
  Optional<IssuedCertificate> latest(String name) {
    return rows.reversed().stream().filter(row -> row.name().equals(name)).findFirst();
  }

  CertificateIndex with(IssuedCertificate issued) {
    List<IssuedCertificate> more = new ArrayList<>(rows);
    more.add(issued);
    return new CertificateIndex(crlNumber, more);
  }

  /// The same rows with `changed` in the place of the row that has its serial, and the next CRL's
  /// number.
  CertificateIndex replacing(IssuedCertificate changed) {
    return new CertificateIndex(
        crlNumber,
        rows.stream().map(row -> row.serial().equals(changed.serial()) ? changed : row).toList());
  }

  CertificateIndex withNextCrl() {
    return new CertificateIndex(crlNumber + 1, rows);
  }

  static CertificateIndex read(Path file) throws IOException, PkiException {
    List<String> lines = Files.readAllLines(file, UTF_8);
    try {
      if (lines.isEmpty() || !lines.getFirst().startsWith(FIRST)) {
        throw new IllegalArgumentException("it must begin with '" + FIRST + "N'");
      }
      long number = Long.parseLong(lines.getFirst().substring(FIRST.length()));
      List<IssuedCertificate> rows = new ArrayList<>();
      for (String line : lines.subList(1, lines.size())) {
        rows.add(row(line));
      }
      return new CertificateIndex(number, rows);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new PkiException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder(FIRST).append(crlNumber).append('\n');
    for (IssuedCertificate row : rows) {
      text.append(line(row)).append('\n');
    }
    SafeFiles.write(file, SafeFiles.FOR_ALL, text.toString().getBytes(UTF_8));
  }

  private static String line(IssuedCertificate row) {
    String state =
        row.revocation()
            .map(revocation -> "revoked " + revocation.at() + " " + revocation.reason().word())
            .orElse("valid");
    return String.join(
        "\t",
        row.serial().toString(16),
        row.kind().word(),
        row.name(),
        row.notBefore().toString(),
        row.notAfter().toString(),
        state,
        row.subject());
  }

  private static IssuedCertificate row(String line) throws PkiException {
    String[] fields = line.split("\t", -1);
    if (fields.length != 7) {
      throw new IllegalArgumentException("'" + line + "' has not seven fields");
    }
    return new IssuedCertificate(
        fields[2],
        CertificateKind.of(fields[1]),
        new BigInteger(fields[0], 16),
        fields[6],
        Instant.parse(fields[3]),
        Instant.parse(fields[4]),
        revocation(fields[5]));
  }

  private static Optional<IssuedCertificate.Revocation> revocation(String state)
      throws PkiException {
    if (state.equals("valid")) {
      return Optional.empty();
    }
    String[] words = state.split(" ", -1);
    if (words.length != 3 || !words[0].equals("revoked")) {
      throw new IllegalArgumentException("'" + state + "' is no state");
    }
    return Optional.of(
        new IssuedCertificate.Revocation(Instant.parse(words[1]), RevocationReason.of(words[2])));
  }
}
