package dev.sluice.runtime.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// The folder of a gateway under test: `config`, `bundles`, and `state`, which it makes itself.
final class GatewayFolder {
  private GatewayFolder() {}

  /// One whose chain is a single handler that lets everything pass.
  ///
  /// @param home where the command `sluice` is
  static void fillEmpty(Path home, Path folder) throws BenchException {
    Path bundle = home.resolve("runtime/target/dist/plugins/allow-all.jar");
    try {
      Path bundles = Files.createDirectories(folder.resolve("bundles"));
      Files.copy(bundle, bundles.resolve("allow-all.jar"), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BenchException("a gateway's bundle cannot be put in its place: " + e, e);
    }
  }

  /// Writes `sluice.cfg`.
  static void configure(Path folder, String settings) throws BenchException {
    try {
      Path config = Files.createDirectories(folder.resolve("config"));
      Files.writeString(config.resolve("sluice.cfg"), settings);
    } catch (IOException e) {
      throw new BenchException("a gateway's settings cannot be written: " + e, e);
    }
  }
}
