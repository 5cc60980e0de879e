package dev.sluice.plugins.terminalauth;

import dev.sluice.plugin.EventLog;
import dev.sluice.plugin.HandlerContext;
import dev.sluice.plugin.Packet;
import dev.sluice.plugin.PacketHandler;
import dev.sluice.plugin.PacketSender;
import dev.sluice.plugin.StateTables;
import dev.sluice.plugin.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The bundle's classes once more, in a class loader of their own, as each version of a bundle has
/// one: everything else is the host's.
final class VersionLoader extends ClassLoader {
  private static final String PACKAGE = "dev.sluice.plugins.terminalauth.";

  /// Makes one with nothing loaded.
  VersionLoader() {
    super(VersionLoader.class.getClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null || !name.startsWith(PACKAGE)) {
        return loaded != null ? loaded : super.loadClass(name, resolve);
      }
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /// One version, started: its admission, and a gate.
  static final class Version {
    private final Object admission;
    private final PacketHandler gate;

    Version(
        StateTables tables,
        HandlerContext context,
        PacketSender sender,
        EventLog events,
        Map<String, Object> properties) {
      VersionLoader loader = new VersionLoader();
      admission = loader.made("DtlsAdmission", tables, sender, events, properties);
      Object neighbours = loader.made("Neighbours", tables, sender);
      gate = (PacketHandler) loader.made("GateHandler", admission, neighbours, sender, events);
      gate.begin(context);
    }

    ClassLoader loader() {
      return admission.getClass().getClassLoader();
    }

    PacketHandler gate() {
      return gate;
    }

    Verdict authenticate(Packet packet) {
      return gate.receive(packet);
    }

    void stop() {
      gate.retire();
      called(admission, "deactivate");
    }
  }

  private Object made(String type, Object... arguments) {
    try {
      for (Constructor<?> constructor : loadClass(PACKAGE + type).getConstructors()) {
        if (constructor.getParameterCount() == arguments.length) {
          return constructor.newInstance(arguments);
        }
      }
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type, e);
    }
    throw new AssertionError(type + " has no such constructor");
  }

  private static @Nullable Object called(Object object, String method) {
    try {
      return object.getClass().getMethod(method).invoke(object);
    } catch (InvocationTargetException e) {
      throw new AssertionError(method, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(method, e);
    }
  }
}
