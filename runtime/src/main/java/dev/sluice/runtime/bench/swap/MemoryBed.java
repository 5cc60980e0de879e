package dev.sluice.runtime.bench.swap;

import dev.sluice.kernel.FramePattern;
import dev.sluice.kernel.MemoryDevice;
import dev.sluice.kernel.MemoryWire;
import dev.sluice.plugin.SettingsException;
import dev.sluice.runtime.host.HostException;
import dev.sluice.runtime.host.HostedGateway;
import dev.sluice.runtime.pki.PkiException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;

/// A gateway in this process between two wires of memory, with version 1 of the marking bundle in
/// force, and the traffic that goes through it. Not for concurrent use.
public final class MemoryBed implements AutoCloseable {
  private static final String FILE = "marking.jar";
  private static final AtomicInteger BEDS = new AtomicInteger();

  private final Path folder;
  private final BundleForge forge;
  private final HostedGateway gateway;
  private final EventFollower events;
  private final OutcomeBoard board = new OutcomeBoard(FILE, BundleForge.symbolicName());
  private final MemoryWire in;
  private final MemoryWire out;
  private final LoaderWatch loaders;

  private MemoryBed(Path folder, String more, int bed)
      throws IOException, PkiException, HostException, SettingsException, InterruptedException {
    String first = "swap-" + bed + "-in";
    String second = "swap-" + bed + "-out";
    this.folder = folder;
    this.forge = BundleForge.open(folder.resolve("workshop"));
    Path config = Files.createDirectories(folder.resolve("config"));
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    Files.writeString(
        config.resolve("sluice.cfg"),
        "ports = memory:%s memory:%s\nrequired-bundles = %s\n%s"
            .formatted(first, second, BundleForge.symbolicName(), forge.settings() + more));
    Files.move(forge.good(1), bundles.resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
    this.events = EventFollower.start(state().resolve("events.jsonl"), board::put);
    this.in = MemoryDevice.wire(first);
    this.out = MemoryDevice.wire(second);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try {
      this.gateway = HostedGateway.start(config, bundles, state(), nowhere);
    } catch (HostException | SettingsException | InterruptedException e) {
      events.close();
      throw e;
    }
    this.loaders = new LoaderWatch(gateway);
  }

  /// Starts a gateway.
  ///
  /// @param folder empty, or not there
  /// @param more lines of `sluice.cfg`, each with its end
  public static MemoryBed open(Path folder, String more)
      throws IOException, PkiException, HostException, SettingsException, InterruptedException {
    return new MemoryBed(folder, more, BEDS.incrementAndGet());
  }

  private Path state() {
    return folder.resolve("state");
  }

  public BundleForge forge() {
    return forge;
  }

  public OutcomeBoard board() {
    return board;
  }

  /// The file that holds the bundle.
  public Path file() {
    return folder.resolve("bundles").resolve(FILE);
  }

  /// Finds class loaders that are left over.
  public LoaderWatch loaders() {
    return loaders;
  }

  /// The gateway's counters as JSON, at most some 200 ms old.
  public String counters() throws IOException {
    return Files.readString(state().resolve("counters.json"));
  }

  /// Traffic that begins at once, with a witness of its own.
  ///
  /// @param mpps million frames a second; infinite for as many as there can be
  /// @param versions are below it
  public Flow flow(FramePattern pattern, int forbidden, double mpps, int versions) {
    MemoryAudit audit = new MemoryAudit(pattern.flows(), forbidden, versions);
    MemoryTraffic traffic =
        new MemoryTraffic(in, out, pattern, forbidden, new MemoryTraffic.Track(mpps, audit));
    traffic.start();
    return new Flow(traffic, audit);
  }

  /// Traffic, and who judges it.
  public record Flow(MemoryTraffic traffic, Witness witness) implements AutoCloseable {
    /// Ends the sending; afterwards nothing is inside the gateway any more.
    public MemoryTraffic.Sent stop() {
      return traffic.stop();
    }

    @Override
    public void close() {
      traffic.close();
    }
  }

  @Override
  public void close() {
    gateway.close();
    events.close();
  }
}
