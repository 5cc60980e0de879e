package dev.sluice.runtime.bench;

import java.nio.file.Path;

/// A gateway alone, whose next life begins with a fresh process.
final class ColdVictim implements Victim {
  private final World world;
  private final Path home;
  private final Path folder;
  private GatewayForwarder gateway;

  /// Starts it; it may not be ready yet.
  ColdVictim(World world, Path home, Path folder) throws BenchException {
    this.world = world;
    this.home = home;
    this.folder = folder;
    this.gateway = GatewayForwarder.start(world, home, folder);
  }

  @Override
  public void kill() throws BenchException {
    gateway.kill();
  }

  @Override
  public void startAgain() throws BenchException {
    gateway = GatewayForwarder.start(world, home, folder);
  }

  @Override
  public boolean isReady() {
    return gateway.isReady();
  }

  @Override
  public boolean isPrepared() {
    return true;
  }

  @Override
  public void requireAlive() throws BenchException {
    if (!gateway.isAlive()) {
      throw new BenchException("the gateway ended by itself: " + gateway.lastWords());
    }
  }

  @Override
  public void close() {
    gateway.close();
  }
}
