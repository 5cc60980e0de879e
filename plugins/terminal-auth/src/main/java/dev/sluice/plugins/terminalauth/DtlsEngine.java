package dev.sluice.plugins.terminalauth;

import java.security.Provider;
import java.security.SecureRandom;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/// The cryptography that handshakes are made with. The provider is an object of this bundle's own:
/// a bundle that registered one would leave it behind, for the whole process, when it goes.
final class DtlsEngine {
  private final Provider provider = new BouncyCastleProvider();
  private final JcaTlsCrypto crypto =
      new JcaTlsCryptoProvider().setProvider(provider).create(new SecureRandom());

  Provider provider() {
    return provider;
  }

  TlsCrypto crypto() {
    return crypto;
  }

  TerminalServer server(Material material, TerminalServer.Judge judge, int timeoutMs) {
    return new TerminalServer(crypto, provider, material, judge, timeoutMs);
  }
}
