package dev.sluice.runtime.pki;

import dev.sluice.runtime.arguments.ArgumentException;
import dev.sluice.runtime.arguments.Arguments;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/// The command `pki`.
public final class PkiCommand {
  private static final String USAGE =
      """
      pki init DIR [--name CN]            a new authority in a new or empty folder
      pki issue terminal|gateway|signer NAME [--days N] [--subject DN]
                [--san dns:HOST,ip:ADDRESS] [--not-before TIME] [--not-after TIME]
                                          NAME.crt and NAME.key; TIME as 2026-01-31 or
                                          2026-01-31T12:00:00Z; --days is 1095
      pki revoke NAME [--reason REASON]   and a new ca.crl; REASON as in RFC 5280
      pki show                            what was issued and what became of it
      pki crl                             a new ca.crl, which lives for 30 days
      All but init take --dir DIR; without it $SLUICE_PKI, else ./pki, is the folder.
      """;

  private static final Set<String> ISSUE_OPTIONS =
      Set.of("dir", "days", "subject", "san", "not-before", "not-after");

  private PkiCommand() {}

  /// Runs `pki` with its arguments.
  ///
  /// @return 0 done, 1 refused, 2 called wrongly
  public static int run(List<String> args) {
    if (args.isEmpty() || args.contains("--help")) {
      System.out.print(USAGE);
      return args.isEmpty() ? 2 : 0;
    }
    List<String> rest = args.subList(1, args.size());
    try {
      switch (args.getFirst()) {
        case "init" -> init(rest);
        case "issue" -> issue(rest);
        case "revoke" -> revoke(rest);
        case "show" -> show(rest);
        case "crl" -> renew(rest);
        default ->
            throw new ArgumentException(
                "there is no '" + args.getFirst() + "'; there are init, issue, revoke, show, crl");
      }
      return 0;
    } catch (ArgumentException e) {
      System.err.println("sluice pki: " + e.getMessage());
      return 2;
    } catch (PkiException e) {
      System.err.println("sluice pki: " + e.getMessage());
    } catch (IOException e) {
      System.err.println("sluice pki: the files cannot be read or written: " + e);
    }
    return 1;
  }

  private static void init(List<String> words) throws ArgumentException, PkiException, IOException {
    Arguments arguments = Arguments.parse(words, Set.of("name"), Set.of());
    Path folder = Path.of(operands(arguments, "DIR").getFirst());
    Authority authority = Authority.create(folder, arguments.option("name").orElse("Sluice CA"));
    System.out.println(
        "made %s, its key and an empty CRL; keep ca.key from everybody"
            .formatted(authority.certificateFile("ca")));
  }

  private static void issue(List<String> words)
      throws ArgumentException, PkiException, IOException {
    Arguments arguments = Arguments.parse(words, ISSUE_OPTIONS, Set.of());
    List<String> operands = operands(arguments, "KIND", "NAME");
    Authority authority = open(arguments);
    CertificateRequest request =
        CertificateRequest.of(
            CertificateKind.of(operands.getFirst()),
            operands.getLast(),
            arguments.number("days", CertificateRequest.DEFAULT_DAYS, 1, Authority.DAYS));
    if (arguments.option("subject").isPresent()) {
      request = request.withSubject(arguments.option("subject").get());
    }
    if (arguments.option("san").isPresent()) {
      request = request.withAlternativeNames(List.of(arguments.option("san").get().split(",", -1)));
    }
    IssuedCertificate issued = authority.issue(withLife(request, arguments));
    System.out.println(
        "issued %s and %s for %s until %s"
            .formatted(
                authority.certificateFile(issued.name()),
                authority.keyFile(issued.name()),
                issued.subject(),
                issued.notAfter()));
  }

  private static CertificateRequest withLife(CertificateRequest request, Arguments arguments)
      throws ArgumentException {
    Duration life = Duration.between(request.notBefore(), request.notAfter());
    Instant from = time(arguments, "not-before", request.notBefore());
    if (arguments.has("not-after") && arguments.has("days")) {
      throw new ArgumentException("--days and --not-after cannot both be given");
    }
    return request.withLife(from, time(arguments, "not-after", from.plus(life)));
  }

  private static Instant time(Arguments arguments, String name, Instant absent)
      throws ArgumentException {
    String text = arguments.option(name).orElse("");
    if (!arguments.has(name)) {
      return absent;
    }
    try {
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new ArgumentException(
          "--%s is '%s'; a day as 2026-01-31 or a time as 2026-01-31T12:00:00Z is allowed"
              .formatted(name, text),
          e);
    }
  }

  private static void revoke(List<String> words)
      throws ArgumentException, PkiException, IOException {
    Arguments arguments = Arguments.parse(words, Set.of("dir", "reason"), Set.of());
    String name = operands(arguments, "NAME").getFirst();
    RevocationReason reason = RevocationReason.of(arguments.option("reason").orElse("unspecified"));
    Authority authority = open(arguments);
    authority.revoke(name, reason);
    System.out.println("revoked %s; %s says so".formatted(name, authority.revocationListFile()));
  }

  private static void renew(List<String> words)
      throws ArgumentException, PkiException, IOException {
    Arguments arguments = Arguments.parse(words, Set.of("dir"), Set.of());
    operands(arguments);
    Authority authority = open(arguments);
    long number = authority.renewRevocationList();
    System.out.println("wrote %s, number %d".formatted(authority.revocationListFile(), number));
  }

  private static void show(List<String> words) throws ArgumentException, PkiException, IOException {
    Arguments arguments = Arguments.parse(words, Set.of("dir"), Set.of());
    operands(arguments);
    Instant now = Instant.now();
    List<IssuedCertificate> issued = open(arguments).issued();
    String format = "%-20s %-9s %-32s %-24s %-20s %s%n";
    System.out.printf(format, "NAME", "KIND", "SERIAL", "SUBJECT", "NOT AFTER", "STATE");
    for (IssuedCertificate row : issued) {
      System.out.printf(
          format,
          row.name(),
          row.kind().word(),
          row.serial().toString(16),
          row.subject(),
          row.notAfter().truncatedTo(ChronoUnit.SECONDS),
          row.state(now));
    }
  }

  private static Authority open(Arguments arguments) throws PkiException, IOException {
    String fromEnvironment = System.getenv("SLUICE_PKI");
    String absent = fromEnvironment == null || fromEnvironment.isEmpty() ? "pki" : fromEnvironment;
    return Authority.open(Path.of(arguments.option("dir").orElse(absent)));
  }

  private static List<String> operands(Arguments arguments, String... names)
      throws ArgumentException {
    List<String> operands = arguments.operands();
    if (operands.size() != names.length) {
      throw new ArgumentException(
          names.length == 0
              ? "nothing but options may follow, not '" + String.join(" ", operands) + "'"
              : "%s must follow, not '%s'"
                  .formatted(String.join(" ", names), String.join(" ", operands)));
    }
    return operands;
  }
}
