package dev.sluice.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// An interface taken into use by one process, once: what its port changes is put back when the
/// claim is closed, and a second port on it would put it back too early.
final class Claim implements AutoCloseable {
  private static final Set<String> PORTS = ConcurrentHashMap.newKeySet();

  private final ControlSocket control;
  private final String key;
  private @Nullable PortName name;
  private @Nullable PortSettings settings;

  private Claim(ControlSocket control, String key) {
    this.control = control;
    this.key = key;
  }

  /// Takes an interface as a port: checked, and with the host silenced on it.
  ///
  /// @throws KernelException if it is taken already, unsafe, or the kernel refuses
  static Claim port(String interfaceName) throws KernelException {
    return port(interfaceName, false);
  }

  /// Takes an interface as a port that must find VLAN tags inside the frames.
  static Claim taggedPort(String interfaceName) throws KernelException {
    return port(interfaceName, true);
  }

  private static Claim port(String interfaceName, boolean tagsInFrames) throws KernelException {
    ControlSocket control = new ControlSocket(interfaceName);
    String key = namespace() + " " + control.index();
    if (!PORTS.add(key)) {
      control.close();
      throw new KernelException(interfaceName + " is a port already.", Errno.EBUSY);
    }
    Claim claim = new Claim(control, key);
    try {
      PortChecks.require(control);
      claim.name = PortName.take(interfaceName, control.index());
      claim.settings = PortSettings.apply(control, tagsInFrames);
      return claim;
    } catch (KernelException e) {
      claim.close();
      throw e;
    }
  }

  /// Takes an interface as it is.
  static Claim bare(String interfaceName) throws KernelException {
    return new Claim(new ControlSocket(interfaceName), "");
  }

  ControlSocket control() {
    return control;
  }

  /// Puts back what was changed. To be called once.
  @Override
  public void close() {
    if (settings != null) {
      settings.close();
    }
    if (name != null) {
      name.close();
    }
    control.close();
    PORTS.remove(key);
  }

  /// The network namespace this thread is in, as namespaces(7) tells two apart.
  private static String namespace() throws KernelException {
    try {
      return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    } catch (IOException e) {
      throw new KernelException("/proc is not mounted, or not readable: " + e.getMessage() + ".");
    }
  }
}
