package dev.sluice.runtime.bench;

import dev.sluice.plugin.PacketHandler;
import java.io.IOException;
import java.io.InputStream;

/// A class loader that defines a handler's class anew: the same code, another class, as after a
/// bundle was replaced.
final class FreshClass extends ClassLoader {
  private FreshClass() {
    super(FreshClass.class.getClassLoader());
  }

  static PacketHandler handler() {
    return handler(CountingHandler.class);
  }

  /// An instance of another class like that one.
  static PacketHandler handler(Class<? extends PacketHandler> like) {
    String name = like.getName();
    try (InputStream in = like.getResourceAsStream(like.getSimpleName() + ".class")) {
      if (in == null) {
        throw new IllegalStateException("no class file for " + name);
      }
      byte[] bytes = in.readAllBytes();
      Class<?> fresh = new FreshClass().defineClass(name, bytes, 0, bytes.length);
      return (PacketHandler) fresh.getDeclaredConstructor().newInstance();
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("the handler's class could not be defined anew", e);
    }
  }
}
