package dev.sluice.runtime.trust;

import dev.sluice.runtime.config.TrustSettings.Revocation;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;

/// When a signature was there already, by the word of a time stamping authority (RFC 3161).
final class Timestamp {
  private Timestamp() {}

  /// Checks a token.
  ///
  /// @param token as it stands in the signature's block
  /// @param signature what it must be of
  /// @throws TrustException if it is of something else, or its authority is not known, or was not
  ///   valid at that time
  static Instant check(byte[] token, byte[] signature, TrustStore.Content store)
      throws TrustException {
    try {
      TimeStampToken stamp = new TimeStampToken(new CMSSignedData(token));
      requireImprint(stamp, signature);
      X509CertificateHolder holder = signer(stamp);
      // Asks for the one key purpose of time stamping as well, as RFC 3161, 2.3 has it.
      SignerInformation information = stamp.toCMSSignedData().getSignerInfos().iterator().next();
      stamp.validate(Algorithms.verifier(information).build(holder));
      Instant time = stamp.getTimeStampInfo().getGenTime().toInstant();
      if (time.isAfter(Instant.now())) {
        throw new TrustException("its timestamp is of the future: " + time);
      }
      List<X509Certificate> between = new ArrayList<>();
      for (X509CertificateHolder each : stamp.getCertificates().getMatches(null)) {
        between.add(SignatureBlock.converter().getCertificate(each));
      }
      Chain chain =
          Chain.find(
              SignatureBlock.converter().getCertificate(holder),
              between,
              store.timeAnchors(),
              time,
              "the authority of its timestamp,");
      chain.requireNotRevoked(store.lists(), Revocation.BEST);
      return time;
    } catch (TSPException
        | CMSException
        | IOException
        | OperatorCreationException
        | GeneralSecurityException
        | RuntimeException e) {
      throw new TrustException("its timestamp is not right: " + e.getMessage());
    }
  }

  private static X509CertificateHolder signer(TimeStampToken stamp) throws TrustException {
    for (Object each : stamp.getCertificates().getMatches(null)) {
      if (each instanceof X509CertificateHolder holder && stamp.getSID().match(holder)) {
        return holder;
      }
    }
    throw new TrustException("its timestamp does not bring its authority's certificate");
  }

  private static void requireImprint(TimeStampToken stamp, byte[] signature)
      throws TrustException, OperatorCreationException, IOException {
    var digest = stamp.getTimeStampInfo().getHashAlgorithm();
    Algorithms.requireStrongDigest(digest, "its timestamp");
    var calculator = new JcaDigestCalculatorProviderBuilder().build().get(digest);
    try (var out = calculator.getOutputStream()) {
      out.write(signature);
    }
    byte[] said = stamp.getTimeStampInfo().getMessageImprintDigest();
    if (!MessageDigest.isEqual(calculator.getDigest(), said)) {
      throw new TrustException("its timestamp is of another signature");
    }
  }
}
